"""Attendance and hours: who came, and for how long."""
