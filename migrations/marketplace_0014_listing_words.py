"""Words of listings beside their kind, so that a search of one kind reads no other."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T13:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Index of listings by kind and word"

STATEMENTS = [
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    # Kind and words in two indexes meant going through all of a kind for each search.
    "CREATE INDEX IF NOT EXISTS listing_words ON listing USING gin (kind, document)",
    "DROP INDEX IF EXISTS listing_document",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
