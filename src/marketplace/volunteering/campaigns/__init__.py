"""Campaigns of a place: more opportunities, counted fairly, and hours that teams give."""
