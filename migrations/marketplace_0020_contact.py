"""Messages between people, consent to be written to, reminders, and calendars."""

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-22T20:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Messages, consents, reminders and calendars"

STATEMENTS = [
    # One thread a subject: a person on one side, the people of an organisation on the other.
    """
    CREATE TABLE IF NOT EXISTS message_thread (
        id uuid PRIMARY KEY,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        person_id uuid NOT NULL REFERENCES person (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        last_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT message_thread_once UNIQUE (subject_type, subject_id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS message_thread_person ON message_thread (person_id, last_at DESC)",
    "CREATE INDEX IF NOT EXISTS message_thread_organisation"
    " ON message_thread (organisation_id, last_at DESC)",
    # `broadcast_id` marks what was said to many at once; each got it in a thread of their own.
    """
    CREATE TABLE IF NOT EXISTS message (
        id uuid PRIMARY KEY,
        thread_id uuid NOT NULL REFERENCES message_thread (id) ON DELETE CASCADE,
        author_id uuid NOT NULL REFERENCES person (id),
        side text NOT NULL CHECK (side IN ('person', 'organisation')),
        text text NOT NULL CHECK (char_length(text) <= 4000),
        safety boolean NOT NULL DEFAULT false,
        broadcast_id uuid,
        sent_at timestamptz NOT NULL DEFAULT now(),
        removed_at timestamptz
    )
    """,
    "CREATE INDEX IF NOT EXISTS message_thread_order ON message (thread_id, sent_at, id)",
    "CREATE INDEX IF NOT EXISTS message_broadcast ON message (broadcast_id)"
    " WHERE broadcast_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS message_author ON message (author_id)",
    # Who else was given a message to somebody under 18: their guardian, a named adult.
    """
    CREATE TABLE IF NOT EXISTS message_copy (
        id uuid PRIMARY KEY,
        message_id uuid NOT NULL REFERENCES message (id) ON DELETE CASCADE,
        person_id uuid NOT NULL REFERENCES person (id),
        CONSTRAINT message_copy_once UNIQUE (message_id, person_id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS message_copy_person ON message_copy (person_id)",
    # That a side has read a thread; an organisation's people read for one another.
    """
    CREATE TABLE IF NOT EXISTS message_seen (
        id uuid PRIMARY KEY,
        thread_id uuid NOT NULL REFERENCES message_thread (id) ON DELETE CASCADE,
        person_id uuid NOT NULL,
        side text NOT NULL CHECK (side IN ('person', 'organisation')),
        at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS message_seen_last ON message_seen (thread_id, side, at DESC)",
    *append_only("message_seen"),
    # Wished by a person, or by an organisation: that somebody writes to them no more.
    """
    CREATE TABLE IF NOT EXISTS message_block (
        id uuid PRIMARY KEY,
        person_id uuid REFERENCES person (id),
        organisation_id uuid REFERENCES organisation (id),
        blocked_id uuid NOT NULL REFERENCES person (id),
        created_by uuid NOT NULL REFERENCES person (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT message_block_of_one CHECK ((person_id IS NULL) <> (organisation_id IS NULL)),
        CONSTRAINT message_block_others CHECK (person_id IS DISTINCT FROM blocked_id)
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS message_block_person ON message_block"
    " (person_id, blocked_id) WHERE person_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS message_block_organisation ON message_block"
    " (organisation_id, blocked_id) WHERE organisation_id IS NOT NULL",
    """
    CREATE TABLE IF NOT EXISTS message_report (
        id uuid PRIMARY KEY,
        message_id uuid NOT NULL REFERENCES message (id) ON DELETE CASCADE,
        reporter_id uuid NOT NULL REFERENCES person (id),
        reason text NOT NULL CHECK (reason IN ('unkind', 'unsafe', 'private', 'spam', 'other')),
        note text NOT NULL DEFAULT '',
        state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dealt_with')),
        created_at timestamptz NOT NULL DEFAULT now(),
        dealt_by uuid REFERENCES person (id),
        dealt_at timestamptz,
        outcome text NOT NULL DEFAULT '',
        CONSTRAINT message_report_once UNIQUE (message_id, reporter_id),
        CONSTRAINT message_report_dealt CHECK ((state = 'dealt_with') = (dealt_at IS NOT NULL))
    )
    """,
    "CREATE INDEX IF NOT EXISTS message_report_state ON message_report (state, created_at)",
    # A ledger: what counts is the last row of a person, organisation, purpose and channel.
    """
    CREATE TABLE IF NOT EXISTS consent (
        id uuid PRIMARY KEY,
        number bigint GENERATED ALWAYS AS IDENTITY,
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        purpose text NOT NULL CHECK (purpose IN ('fill_shift', 'digest', 'news')),
        channel text NOT NULL CHECK (channel IN ('mail', 'text', 'post')),
        agreed boolean NOT NULL,
        how text NOT NULL,
        wording text NOT NULL DEFAULT '',
        evidence text NOT NULL DEFAULT '' CHECK (char_length(evidence) <= 200),
        recorded_by uuid REFERENCES person (id),
        given_at timestamptz NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT consent_has_evidence CHECK (NOT agreed OR (wording <> '' AND evidence <> ''))
    )
    """,
    "CREATE INDEX IF NOT EXISTS consent_last ON consent"
    " (organisation_id, purpose, channel, person_id, number DESC)",
    "CREATE INDEX IF NOT EXISTS consent_person ON consent (person_id, number DESC)",
    *append_only("consent"),
    """
    CREATE TABLE IF NOT EXISTS reminder (
        id uuid PRIMARY KEY,
        booking_id uuid NOT NULL REFERENCES booking (id) ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('week', 'day')),
        at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT reminder_once UNIQUE (booking_id, kind)
    )
    """,
    "CREATE INDEX IF NOT EXISTS shift_upcoming ON shift (starts_at) WHERE state = 'planned'",
    # The address of a feed is signed from `id` and `version`: nothing here lets anybody read one.
    """
    CREATE TABLE IF NOT EXISTS calendar_feed (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        version integer NOT NULL DEFAULT 1,
        live boolean NOT NULL DEFAULT true,
        made_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT calendar_feed_once UNIQUE (person_id)
    )
    """,
    # How often what a calendar shows of a shift has changed, and when it last did (RFC 5545,
    # SEQUENCE and DTSTAMP). A trigger, because many verbs change shifts and none may forget it.
    "ALTER TABLE shift ADD COLUMN IF NOT EXISTS sequence integer NOT NULL DEFAULT 0",
    "ALTER TABLE shift ADD COLUMN IF NOT EXISTS sequenced_at timestamptz NOT NULL DEFAULT now()",
    """
    CREATE OR REPLACE FUNCTION shift_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.sequence := OLD.sequence + 1;
        NEW.sequenced_at := now();
        RETURN NEW;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER shift_sequence BEFORE UPDATE ON shift FOR EACH ROW
    WHEN ((OLD.starts_at, OLD.ends_at, OLD.zone, OLD.state, OLD.note)
        IS DISTINCT FROM (NEW.starts_at, NEW.ends_at, NEW.zone, NEW.state, NEW.note))
    EXECUTE FUNCTION shift_sequence()
    """,
    # After the opportunity's row its shifts' rows, by their ids, as everywhere.
    """
    CREATE OR REPLACE FUNCTION opportunity_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE shift s SET sequence = s.sequence + 1, sequenced_at = now()
            FROM (SELECT id FROM shift WHERE opportunity_id = NEW.id AND ends_at > now()
                ORDER BY id FOR NO KEY UPDATE) AS locked
            WHERE s.id = locked.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER opportunity_sequence AFTER UPDATE ON opportunity FOR EACH ROW
    WHEN ((OLD.title, OLD.place_name, OLD.town, OLD.postcode, OLD.getting_there,
            OLD.contact_name, OLD.contact_how)
        IS DISTINCT FROM (NEW.title, NEW.place_name, NEW.town, NEW.postcode, NEW.getting_there,
            NEW.contact_name, NEW.contact_how))
    EXECUTE FUNCTION opportunity_sequence()
    """,
    # Whoever leaves takes their words with them; that they were said, and the answers, stay.
    """
    CREATE OR REPLACE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE message SET text = '' WHERE author_id = NEW.id;
        UPDATE message_report SET note = '' WHERE reporter_id = NEW.id;
        DELETE FROM calendar_feed WHERE person_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER forget_words AFTER UPDATE OF anonymised_at ON person FOR EACH ROW
    WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL)
    EXECUTE FUNCTION forget_words()
    """,
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
