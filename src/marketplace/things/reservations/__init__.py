"""Reservations: choosing days, reserving, giving back, and a person's own list."""
