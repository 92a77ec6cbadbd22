"""The picture of an opportunity."""
