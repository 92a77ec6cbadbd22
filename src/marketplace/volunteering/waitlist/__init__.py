"""The queue for a full shift, and the timed offers of places that come free."""
