"""Volunteers under 18: their guardian's consent and their named adult."""
