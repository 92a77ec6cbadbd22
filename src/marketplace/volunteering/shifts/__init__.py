"""Shifts: planning, changing and cancelling them."""
