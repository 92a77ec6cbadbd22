"""Reports: a message shown to the moderators, that message alone, and what came of it."""
