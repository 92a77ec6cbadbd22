"""An index for the index: what is nearest of one kind."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T11:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of listings by kind and place"

STATEMENTS = [
    # With `until` beside it, counting what lies within some miles reads no row.
    "CREATE INDEX IF NOT EXISTS listing_near ON listing USING gist (kind, point) INCLUDE (until)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
