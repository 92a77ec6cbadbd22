"""Safeguarding leads, concerns, emergency contacts, private places, and lone visits."""

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-22T23:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Safeguarding leads, concerns, safety on the day"

STATEMENTS = [
    # --- who hears of a concern: a member of the organisation, for as long as they are one
    """
    CREATE TABLE IF NOT EXISTS safeguarding_lead (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        person_id uuid NOT NULL REFERENCES person (id),
        part text NOT NULL CHECK (part IN ('lead', 'deputy')),
        named_by uuid REFERENCES person (id),
        named_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT safeguarding_lead_is_a_member FOREIGN KEY (person_id, organisation_id)
            REFERENCES membership (person_id, organisation_id) ON DELETE CASCADE
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS safeguarding_lead_one_of_each"
    " ON safeguarding_lead (organisation_id, part)",
    "CREATE UNIQUE INDEX IF NOT EXISTS safeguarding_lead_two_people"
    " ON safeguarding_lead (person_id, organisation_id)",
    """
    CREATE TABLE IF NOT EXISTS place_lead (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        named_by uuid REFERENCES person (id),
        named_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS place_lead_once ON place_lead (person_id)",
    # --- concerns
    """
    CREATE TABLE IF NOT EXISTS concern (
        id uuid PRIMARY KEY,
        code_hash bytea NOT NULL,
        organisation_id uuid REFERENCES organisation (id),
        about_leads text NOT NULL CHECK (about_leads IN ('no', 'yes', 'unsure')),
        for_place boolean NOT NULL,
        kept_from uuid[] NOT NULL DEFAULT '{}',
        state text NOT NULL CHECK (state IN ('new', 'in_hand', 'closed')),
        text text NOT NULL,
        page text NOT NULL DEFAULT '',
        contact_name text NOT NULL DEFAULT '',
        contact_how text NOT NULL DEFAULT '',
        raised_at timestamptz NOT NULL DEFAULT now(),
        escalated_at timestamptz,
        taken_by uuid REFERENCES person (id),
        taken_at timestamptz,
        closed_by uuid REFERENCES person (id),
        closed_at timestamptz,
        outcome text NOT NULL DEFAULT '',
        CONSTRAINT concern_for_somebody CHECK (for_place OR organisation_id IS NOT NULL),
        -- Who may be what it is about never hears of it first.
        CONSTRAINT concern_about_leads_goes_past_them CHECK (about_leads = 'no' OR for_place),
        CONSTRAINT concern_closed_with_outcome
            CHECK (state <> 'closed' OR closed_at IS NOT NULL AND outcome <> '')
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS concern_code ON concern (code_hash)",
    "CREATE INDEX IF NOT EXISTS concern_organisation ON concern (organisation_id)",
    "CREATE INDEX IF NOT EXISTS concern_waiting ON concern (raised_at) WHERE state = 'new'",
    """
    CREATE TABLE IF NOT EXISTS concern_note (
        id uuid PRIMARY KEY,
        concern_id uuid NOT NULL REFERENCES concern (id),
        author_id uuid REFERENCES person (id),
        kind text NOT NULL CHECK (kind IN ('note', 'answer', 'addition')),
        text text NOT NULL CHECK (text <> ''),
        at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT concern_note_author CHECK ((kind = 'addition') = (author_id IS NULL))
    )
    """,
    "CREATE INDEX IF NOT EXISTS concern_note_concern ON concern_note (concern_id, at)",
    *append_only("concern_note"),
    # --- what somebody has a shift's leader know in an emergency
    """
    CREATE TABLE IF NOT EXISTS safety_details (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        sealed bytea NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS safety_details_once ON safety_details (person_id)",
    """
    CREATE TABLE IF NOT EXISTS safety_share (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        booking_id uuid REFERENCES booking (id) ON DELETE CASCADE,
        given_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS safety_share_once"
    " ON safety_share (person_id, organisation_id, booking_id) NULLS NOT DISTINCT",
    "CREATE INDEX IF NOT EXISTS safety_share_booking ON safety_share (booking_id)",
    # With the account both go, whichever verb ends it.
    """
    CREATE OR REPLACE FUNCTION forget_safety_details() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM safety_share WHERE person_id = NEW.id;
        DELETE FROM safety_details WHERE person_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    "CREATE OR REPLACE TRIGGER forget_safety_details AFTER UPDATE OF anonymised_at ON person"
    " FOR EACH ROW WHEN (NEW.anonymised_at IS NOT NULL)"
    " EXECUTE FUNCTION forget_safety_details()",
    # --- a place that only those who have booked are told
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS place_private boolean NOT NULL DEFAULT false",
    # --- on one's own
    """
    CREATE TABLE IF NOT EXISTS lone_mark (
        id uuid PRIMARY KEY,
        shift_id uuid REFERENCES shift (id) ON DELETE CASCADE,
        visit_id uuid REFERENCES visit (id) ON DELETE CASCADE,
        marked_by uuid REFERENCES person (id),
        marked_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT lone_mark_of_one CHECK (num_nonnulls(shift_id, visit_id) = 1)
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS lone_mark_shift ON lone_mark (shift_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS lone_mark_visit ON lone_mark (visit_id)",
    """
    CREATE TABLE IF NOT EXISTS lone_watch (
        id uuid PRIMARY KEY,
        booking_id uuid NOT NULL REFERENCES booking (id) ON DELETE CASCADE,
        reminded_at timestamptz,
        alerted_at timestamptz,
        place_alerted_at timestamptz,
        safe_at timestamptz,
        safe_by uuid REFERENCES person (id),
        note text NOT NULL DEFAULT ''
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS lone_watch_once ON lone_watch (booking_id)",
    "ALTER TABLE attendance DROP CONSTRAINT IF EXISTS attendance_how_check",
    "ALTER TABLE attendance ADD CONSTRAINT attendance_how_check"
    " CHECK (how IN ('code', 'list', 'walk_in', 'own'))",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
