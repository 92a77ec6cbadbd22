"""The weekly digest, asked of the place itself; reminders of what was borrowed."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-23T03:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The weekly digest and borrowing reminders"

STATEMENTS = [
    # Without organisation it is the place itself that may write, with its digest and nothing else.
    "ALTER TABLE consent ALTER COLUMN organisation_id DROP NOT NULL",
    "ALTER TABLE consent DROP CONSTRAINT IF EXISTS consent_of_place",
    "ALTER TABLE consent ADD CONSTRAINT consent_of_place"
    " CHECK (organisation_id IS NOT NULL OR purpose = 'digest')",
    "CREATE INDEX IF NOT EXISTS consent_place ON consent (channel, person_id, number DESC)"
    " WHERE organisation_id IS NULL",
    # One row a person: `day` is the last digest they were thought of for, `shown` what the last
    # one that was sent listed, in its order.
    """
    CREATE TABLE IF NOT EXISTS digest (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        day date NOT NULL,
        sent_day date,
        shown uuid[] NOT NULL DEFAULT '{}',
        CONSTRAINT digest_once UNIQUE (person_id),
        CONSTRAINT digest_sent CHECK ((sent_day IS NULL) = (shown = '{}'))
    )
    """,
    """
    CREATE OR REPLACE FUNCTION forget_digest() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM digest WHERE person_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER forget_digest AFTER UPDATE OF anonymised_at ON person
    FOR EACH ROW WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL)
    EXECUTE FUNCTION forget_digest()
    """,
    # --- borrowing
    """
    CREATE TABLE IF NOT EXISTS loan_reminder (
        id uuid PRIMARY KEY,
        reservation_id uuid NOT NULL REFERENCES reservation (id) ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('collect', 'return', 'overdue', 'overdue_week')),
        at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT loan_reminder_once UNIQUE (reservation_id, kind)
    )
    """,
    "CREATE INDEX IF NOT EXISTS reservation_to_collect ON reservation (starts_at)"
    " WHERE state = 'reserved'",
    "CREATE INDEX IF NOT EXISTS reservation_to_return ON reservation (ends_at) WHERE state = 'out'",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
