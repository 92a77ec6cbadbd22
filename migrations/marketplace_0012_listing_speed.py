"""Indexes for the index: what is nearest and what is soonest of a kind, counted without rows."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T11:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of listings by kind and place"

STATEMENTS = [
    # With `until` beside it, counting what lies within some miles reads no row.
    "CREATE INDEX IF NOT EXISTS listing_near ON listing USING gist (kind, point) INCLUDE (until)",
    # The same for counting all of a kind, which every list does.
    "CREATE INDEX IF NOT EXISTS listing_in_order ON listing (kind, starts_at, updated_at DESC)"
    " INCLUDE (until)",
    "DROP INDEX IF EXISTS listing_soonest",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
