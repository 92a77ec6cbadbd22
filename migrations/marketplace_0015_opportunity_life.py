"""The whole life of an opportunity, what people choose by, and organisations that are trusted."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T15:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Submission, trust, staleness and the facts of opportunities"

STATEMENTS = [
    "ALTER TABLE opportunity DROP CONSTRAINT IF EXISTS opportunity_state_check",
    "ALTER TABLE opportunity ADD CONSTRAINT opportunity_state_check CHECK (state IN"
    " ('draft', 'submitted', 'needs_work', 'open', 'paused', 'closed', 'cancelled', 'expired'))",
    # What is not finished may be nowhere yet, and may be thrown away as it is.
    "ALTER TABLE opportunity DROP CONSTRAINT IF EXISTS opportunity_somewhere",
    "ALTER TABLE opportunity ADD CONSTRAINT opportunity_somewhere CHECK"
    " (remote OR state IN ('draft', 'needs_work', 'cancelled') OR point IS NOT NULL)",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS submitted_at timestamptz",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS accepted_at timestamptz",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS moderator_note text NOT NULL DEFAULT ''",
    # What it said when it was accepted, so that a moderator sees what changed since.
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS accepted_text jsonb",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS recheck_since timestamptz",
    # What was public before there was a queue counts as accepted.
    "UPDATE opportunity SET accepted_at = published_at"
    " WHERE accepted_at IS NULL AND published_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS opportunity_submitted ON opportunity (submitted_at)"
    " WHERE state = 'submitted'",
    "CREATE INDEX IF NOT EXISTS opportunity_recheck ON opportunity (recheck_since)"
    " WHERE recheck_since IS NOT NULL",
    # When somebody of the organisation last touched it, and whether they were asked about it.
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS touched_at timestamptz NOT NULL"
    " DEFAULT now()",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS asked_at timestamptz",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS faded_at timestamptz",
    "CREATE INDEX IF NOT EXISTS opportunity_untouched ON opportunity (touched_at)"
    " WHERE state = 'open'",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS access text[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS support text[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS expenses_paid text NOT NULL DEFAULT ''",
    "ALTER TABLE opportunity DROP CONSTRAINT IF EXISTS opportunity_expenses_paid_check",
    "ALTER TABLE opportunity ADD CONSTRAINT opportunity_expenses_paid_check"
    " CHECK (expenses_paid IN ('', 'all', 'travel', 'no'))",
    # Whose opportunities are public without a moderator looking first.
    "ALTER TABLE organisation ADD COLUMN IF NOT EXISTS trusted_at timestamptz",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
