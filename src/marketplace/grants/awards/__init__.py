"""Decisions and awards: out of the budget under a lock, told to nobody before their release."""
