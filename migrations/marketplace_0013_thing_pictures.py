"""Pictures of things."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T11:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Pictures of things"

STATEMENTS = [
    "ALTER TABLE thing ADD COLUMN IF NOT EXISTS image_id uuid REFERENCES image (id)",
    "CREATE INDEX IF NOT EXISTS thing_image ON thing (image_id) WHERE image_id IS NOT NULL",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
