"""Reminders of what one booked: a week and a day ahead, each once."""
