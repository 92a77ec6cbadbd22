"""A loan that never comes back ends as lost."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-25T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Loans that are lost"

STATEMENTS = [
    "ALTER TABLE reservation DROP CONSTRAINT IF EXISTS reservation_state_check",
    "ALTER TABLE reservation ADD CONSTRAINT reservation_state_check CHECK (state IN"
    " ('reserved', 'out', 'returned', 'lost', 'cancelled', 'not_collected'))",
    "ALTER TABLE reservation DROP CONSTRAINT IF EXISTS reservation_out_with_a_unit",
    "ALTER TABLE reservation ADD CONSTRAINT reservation_out_with_a_unit CHECK"
    " ((state IN ('out', 'returned', 'lost')) = (unit_id IS NOT NULL AND out_at IS NOT NULL))",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
