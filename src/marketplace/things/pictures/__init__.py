"""The picture of a thing."""
