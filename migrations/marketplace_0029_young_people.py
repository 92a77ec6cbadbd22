"""Places that age or consent do not allow any more, since a role or a shift changed."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-24T03:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Young people after a change"

STATEMENTS = [
    # What was kept was kept for this minimum age and this day: a stricter change asks again.
    """
    CREATE TABLE IF NOT EXISTS place_doubt (
        id uuid PRIMARY KEY,
        booking_id uuid NOT NULL REFERENCES booking (id),
        minimum_age integer NOT NULL,
        day date NOT NULL,
        raised_at timestamptz NOT NULL DEFAULT now(),
        kept_at timestamptz,
        kept_by uuid REFERENCES person (id),
        because text NOT NULL DEFAULT '',
        CONSTRAINT place_doubt_kept_by_somebody CHECK ((kept_at IS NULL) = (kept_by IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS place_doubt_once ON place_doubt (booking_id)"
    " WHERE kept_at IS NULL",
    "CREATE INDEX IF NOT EXISTS place_doubt_booking ON place_doubt (booking_id)",
    # What was written about somebody goes with them.
    """
    CREATE OR REPLACE FUNCTION forget_doubts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE place_doubt SET because = '' WHERE because <> ''
            AND booking_id IN (SELECT id FROM booking WHERE person_id = NEW.id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER forget_doubts AFTER UPDATE OF anonymised_at ON person FOR EACH ROW
    WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL)
    EXECUTE FUNCTION forget_doubts()
    """,
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
