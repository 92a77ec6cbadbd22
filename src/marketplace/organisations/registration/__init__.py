"""Registering an organisation: by its charity number, or as a group without one."""
