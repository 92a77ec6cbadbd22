"""Another e-mail address, until it is confirmed and the old one was told."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-24T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Changes of e-mail addresses"

STATEMENTS = [
    # `old` is sealed, and there once the new address is the person's.
    """
    CREATE TABLE IF NOT EXISTS address_change (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        email text NOT NULL,
        email_typed text NOT NULL,
        old bytea,
        asked_at timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz,
        CONSTRAINT address_change_done CHECK ((changed_at IS NULL) = (email <> ''))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS address_change_one ON address_change (person_id)"
    " WHERE changed_at IS NULL",
    """
    CREATE OR REPLACE FUNCTION forget_address_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM address_change WHERE person_id = NEW.id AND changed_at IS NULL;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER forget_address_change AFTER UPDATE OF anonymised_at ON person
    FOR EACH ROW WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL)
    EXECUTE FUNCTION forget_address_change()
    """,
    "CREATE OR REPLACE TRIGGER person_id_is_here BEFORE INSERT ON address_change FOR EACH ROW"
    " EXECUTE FUNCTION person_is_here('person_id')",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
