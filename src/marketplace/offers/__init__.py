"""A queue for something scarce, and the timed offer to whoever is next."""
