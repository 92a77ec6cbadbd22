"""When people are free, who was asked to fill a shift, how fast answers come, and campaigns."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-23T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Matching, the coordinator's day and campaigns"

STATEMENTS = [
    # --- matching
    # `free` holds "tue-evening"; `needs` what a place must have, as tags of the index.
    """
    CREATE TABLE IF NOT EXISTS availability (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        free text[] NOT NULL DEFAULT '{}',
        miles integer NOT NULL DEFAULT 5 CHECK (miles BETWEEN 1 AND 100),
        needs text[] NOT NULL DEFAULT '{}',
        changed_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT availability_once UNIQUE (person_id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS role_application_role ON role_application (role_id, submitted_at)",
    """
    CREATE OR REPLACE FUNCTION forget_availability() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM availability WHERE person_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER forget_availability AFTER UPDATE OF anonymised_at ON person
    FOR EACH ROW WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL)
    EXECUTE FUNCTION forget_availability()
    """,
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
