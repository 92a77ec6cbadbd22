"""Recurring shifts: a rule in local time, and the shifts made of it some weeks ahead."""
