"""A marketplace of time, things and money for the community organisations of a place."""
