"""Funds: writing and showing them."""
