"""Threads between people, without their addresses."""
