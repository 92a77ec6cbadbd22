"""Several roles an opportunity, each with its own words, skills and numbers."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T15:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Several roles an opportunity"

STATEMENTS = [
    "ALTER TABLE role ADD COLUMN IF NOT EXISTS description text NOT NULL DEFAULT ''",
    "ALTER TABLE role ADD COLUMN IF NOT EXISTS position integer NOT NULL DEFAULT 0",
    # How many people a shift wants, and without how many it cannot take place: for new shifts.
    "ALTER TABLE role ADD COLUMN IF NOT EXISTS wanted integer NOT NULL DEFAULT 1",
    "ALTER TABLE role ADD COLUMN IF NOT EXISTS least_needed integer NOT NULL DEFAULT 0",
    "ALTER TABLE role DROP CONSTRAINT IF EXISTS role_numbers",
    "ALTER TABLE role ADD CONSTRAINT role_numbers"
    " CHECK (wanted BETWEEN 1 AND 10000 AND least_needed BETWEEN 0 AND wanted)",
    "ALTER TABLE role ADD COLUMN IF NOT EXISTS skills text[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE role ADD COLUMN IF NOT EXISTS retired_at timestamptz",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
