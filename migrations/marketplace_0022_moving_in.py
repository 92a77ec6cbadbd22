"""Bringing data along from another tool, acting for an organisation, and people without e-mail."""

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-22T22:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Moving in and assisted sign-up"

STATEMENTS = [
    # Somebody whom a table brought and who has not said yet that they want an account: reached
    # by nobody. Whoever proves that the address is theirs has claimed it.
    "ALTER TABLE person ADD COLUMN IF NOT EXISTS unclaimed_since timestamptz",
    """
    CREATE OR REPLACE FUNCTION person_claimed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.unclaimed_since := NULL;
        RETURN NEW;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER person_claimed BEFORE UPDATE OF email_confirmed_at ON person
    FOR EACH ROW WHEN (OLD.email_confirmed_at IS NULL AND NEW.email_confirmed_at IS NOT NULL)
    EXECUTE FUNCTION person_claimed()
    """,
    # --- tables that were sent in
    # `notes` are sentences about columns, `rows` counts lines of data.
    """
    CREATE TABLE IF NOT EXISTS csv_import (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('organisations', 'people', 'roles', 'hours')),
        state text NOT NULL DEFAULT 'preview' CHECK (state IN
            ('preview', 'running', 'stopped', 'done', 'undoing', 'undone')),
        rows integer NOT NULL DEFAULT 0,
        notes text[] NOT NULL DEFAULT '{}',
        made_by uuid NOT NULL REFERENCES person (id),
        made_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
    )
    """,
    "CREATE INDEX IF NOT EXISTS csv_import_made_at ON csv_import (made_at DESC)",
    # One line each. `cells` and `label` are emptied after 90 days; what was made stays linked.
    """
    CREATE TABLE IF NOT EXISTS csv_import_row (
        id uuid PRIMARY KEY,
        import_id uuid NOT NULL REFERENCES csv_import (id) ON DELETE CASCADE,
        line integer NOT NULL,
        cells jsonb NOT NULL DEFAULT '{}',
        label text NOT NULL DEFAULT '',
        verdict text NOT NULL CHECK (verdict IN ('new', 'matched', 'doubtful', 'refused')),
        sentence text NOT NULL DEFAULT '',
        match_id uuid,
        choice text CHECK (choice IN ('new', 'matched')),
        state text NOT NULL DEFAULT 'waiting' CHECK (state IN
            ('waiting', 'applied', 'refused', 'undone', 'kept')),
        made_type text CHECK (made_type IN
            ('organisation', 'person', 'opportunity', 'role', 'hours')),
        made_id uuid,
        invited_at timestamptz,
        CONSTRAINT csv_import_row_once UNIQUE (import_id, line),
        CONSTRAINT csv_import_row_made CHECK ((made_type IS NULL) = (made_id IS NULL))
    )
    """,
    "CREATE INDEX IF NOT EXISTS csv_import_row_state ON csv_import_row (import_id, state, line)",
    "CREATE INDEX IF NOT EXISTS csv_import_row_made_id ON csv_import_row (made_id)"
    " WHERE made_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS csv_import_row_match_id ON csv_import_row (match_id)"
    " WHERE match_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS person_unclaimed ON person (unclaimed_since)"
    " WHERE unclaimed_since IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS consent_evidence ON consent (evidence) WHERE how = 'import'",
    # --- acting for an organisation
    # A ledger: what counts is the last row of an organisation.
    """
    CREATE TABLE IF NOT EXISTS acting_consent (
        id uuid PRIMARY KEY,
        number bigint GENERATED ALWAYS AS IDENTITY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        given boolean NOT NULL,
        by_person uuid NOT NULL REFERENCES person (id),
        at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS acting_consent_last"
    " ON acting_consent (organisation_id, number DESC)",
    *append_only("acting_consent"),
    # --- people without e-mail
    "ALTER TABLE person ADD COLUMN IF NOT EXISTS assisted_by uuid REFERENCES person (id)",
    "ALTER TABLE person ADD COLUMN IF NOT EXISTS assisted_at timestamptz",
    "ALTER TABLE person DROP CONSTRAINT IF EXISTS person_reachable_or_gone",
    "ALTER TABLE person ADD CONSTRAINT person_reachable_or_gone CHECK"
    " (email IS NOT NULL OR anonymised_at IS NOT NULL OR assisted_at IS NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS assisted_person (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        phone text NOT NULL DEFAULT '',
        address text NOT NULL DEFAULT '',
        agreed_to text NOT NULL,
        agreed_how text NOT NULL CHECK (agreed_how IN ('voice', 'paper')),
        agreed_on date NOT NULL,
        CONSTRAINT assisted_person_once UNIQUE (person_id),
        CONSTRAINT assisted_person_reached CHECK (phone <> '' OR address <> '')
    )
    """,
    # What a person without e-mail is to be told by letter or phone; the history row says what.
    """
    CREATE TABLE IF NOT EXISTS to_tell (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        key text NOT NULL,
        what text NOT NULL,
        booking_id uuid REFERENCES booking (id),
        at timestamptz NOT NULL DEFAULT now(),
        told_at timestamptz,
        told_by uuid REFERENCES person (id),
        CONSTRAINT to_tell_once UNIQUE (key)
    )
    """,
    "CREATE INDEX IF NOT EXISTS to_tell_open ON to_tell (at) WHERE told_at IS NULL",
    "CREATE INDEX IF NOT EXISTS to_tell_person ON to_tell (person_id, at DESC)",
    # --- feeds of others
    """
    CREATE TABLE IF NOT EXISTS feed_source (
        id uuid PRIMARY KEY,
        source text NOT NULL,
        subject_type text NOT NULL CHECK (subject_type IN
            ('organisation', 'opportunity', 'role', 'shift')),
        subject_id uuid NOT NULL,
        digest text NOT NULL DEFAULT '',
        seen_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT feed_source_once UNIQUE (source, subject_type)
    )
    """,
    "CREATE INDEX IF NOT EXISTS feed_source_subject ON feed_source (subject_id)",
    # Whoever leaves takes along what lines of tables and notes say of them.
    """
    CREATE OR REPLACE FUNCTION forget_moved_in() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE csv_import_row SET cells = '{}', label = ''
            WHERE made_id = NEW.id OR match_id = NEW.id;
        DELETE FROM assisted_person WHERE person_id = NEW.id;
        DELETE FROM to_tell WHERE person_id = NEW.id;
        UPDATE person SET unclaimed_since = NULL WHERE id = NEW.id AND unclaimed_since IS NOT NULL;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER forget_moved_in AFTER UPDATE OF anonymised_at ON person FOR EACH ROW
    WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL)
    EXECUTE FUNCTION forget_moved_in()
    """,
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
