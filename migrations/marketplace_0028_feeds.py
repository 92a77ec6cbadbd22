"""Feeds of other platforms, sent in by a broker: previewed and undone as tables are."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-24T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Feeds in moving in"

STATEMENTS = [
    "ALTER TABLE csv_import DROP CONSTRAINT IF EXISTS csv_import_kind_check",
    "ALTER TABLE csv_import ADD CONSTRAINT csv_import_kind_check"
    " CHECK (kind IN ('organisations', 'people', 'roles', 'hours', 'feed'))",
    # Which import a broker undoes to make us forget the source; none where a command read it.
    "ALTER TABLE feed_source ADD COLUMN IF NOT EXISTS import_id uuid REFERENCES csv_import (id)"
    " ON DELETE SET NULL",
    "CREATE INDEX IF NOT EXISTS feed_source_import ON feed_source (import_id)"
    " WHERE import_id IS NOT NULL",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
