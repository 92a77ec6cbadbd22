"""Bookings: winning a place, giving it back, and a person's own list."""
