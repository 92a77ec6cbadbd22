"""Places that are kept for somebody; a place given back by the system, and the reason."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T17:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Places kept for somebody, and why a place was given back"

STATEMENTS = [
    # Places offered to somebody or reserved by a group: nobody else's, and nobody's yet.
    "ALTER TABLE shift ADD COLUMN IF NOT EXISTS held integer NOT NULL DEFAULT 0",
    "ALTER TABLE shift DROP CONSTRAINT IF EXISTS shift_not_overbooked",
    "ALTER TABLE shift ADD CONSTRAINT shift_not_overbooked"
    " CHECK (taken >= 0 AND held >= 0 AND taken + held <= places)",
    "ALTER TABLE booking DROP CONSTRAINT IF EXISTS booking_cancelled_by_check",
    "ALTER TABLE booking ADD CONSTRAINT booking_cancelled_by_check"
    " CHECK (cancelled_by IN ('volunteer', 'organisation', 'system'))",
    "ALTER TABLE booking ADD COLUMN IF NOT EXISTS reason text NOT NULL DEFAULT ''",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
