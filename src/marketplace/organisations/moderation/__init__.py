"""Deciding which registrations the public may see."""
