"""Reminders of borrowing: to collect, to bring back, and of what should be back; each once."""
