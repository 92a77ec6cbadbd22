"""Indexes for the pages of volunteering at size: what waits, whom to ask, what suits."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-24T06:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of volunteering at size"

STATEMENTS = [
    # --- what waits for an organisation: small indexes of what is not done yet
    "CREATE INDEX IF NOT EXISTS booking_unmarked ON booking (organisation_id, upper(period))"
    " WHERE state = 'confirmed'",
    "CREATE INDEX IF NOT EXISTS hours_waiting ON hours (organisation_id, state)"
    " WHERE state IN ('proposed', 'disputed')",
    "CREATE INDEX IF NOT EXISTS credential_runs_out ON credential (organisation_id, holds_until)"
    " WHERE revoked_at IS NULL",
    "CREATE INDEX IF NOT EXISTS opportunity_asked ON opportunity (organisation_id)"
    " WHERE asked_at IS NOT NULL",
    # --- whom to ask: with `agreed` beside it, the ledger is read in order and without its rows
    "DROP INDEX IF EXISTS consent_last",
    "CREATE INDEX IF NOT EXISTS consent_latest ON consent"
    " (organisation_id, purpose, channel, person_id, number DESC) INCLUDE (agreed)",
    # And of people no more than where they live, if they can be written to.
    "CREATE INDEX IF NOT EXISTS person_reachable ON person (id) INCLUDE (point)"
    " WHERE anonymised_at IS NULL AND suspended_at IS NULL AND email_confirmed_at IS NOT NULL",
    # --- what suits
    "CREATE INDEX IF NOT EXISTS listing_from_home ON listing (kind, starts_at, updated_at DESC)"
    " WHERE remote",
    # --- which organisations moderators could trust: counted without rows
    "CREATE INDEX IF NOT EXISTS opportunity_accepted ON opportunity (organisation_id)"
    " WHERE accepted_at IS NOT NULL",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
