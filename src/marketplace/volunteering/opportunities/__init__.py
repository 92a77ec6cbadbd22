"""Opportunities: writing, publishing, closing and showing them."""
