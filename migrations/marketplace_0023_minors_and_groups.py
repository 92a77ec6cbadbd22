"""Birth dates, guardians' consent and named adults; groups that keep places on a shift."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T23:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Under-18s and groups"

STATEMENTS = [
    # --- who is under 18; `born_corrected_at` is when somebody used their one own correction
    "ALTER TABLE person ADD COLUMN IF NOT EXISTS born_on date",
    "ALTER TABLE person ADD COLUMN IF NOT EXISTS born_corrected_at timestamptz",
    "ALTER TABLE person DROP CONSTRAINT IF EXISTS person_born_on_check",
    "ALTER TABLE person ADD CONSTRAINT person_born_on_check"
    " CHECK (born_on BETWEEN '1900-01-01' AND '2100-12-31')",
    # A consent counts for shifts that start before the day `until`.
    """
    CREATE TABLE IF NOT EXISTS guardian_consent (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        role_id uuid NOT NULL REFERENCES role (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        all_roles boolean NOT NULL DEFAULT false,
        guardian_name text NOT NULL,
        guardian_email text,
        guardian_id uuid REFERENCES person (id),
        state text NOT NULL
            CHECK (state IN ('asked', 'given', 'refused', 'withdrawn', 'ended', 'replaced')),
        version integer NOT NULL DEFAULT 1,
        asked_at timestamptz NOT NULL DEFAULT now(),
        answered_at timestamptz,
        until date,
        warned_at timestamptz,
        closed_at timestamptz,
        CONSTRAINT guardian_consent_of_another CHECK (guardian_id <> person_id),
        CONSTRAINT guardian_consent_given_by_somebody
            CHECK (state <> 'given' OR guardian_id IS NOT NULL AND until IS NOT NULL)
    )
    """,
    "CREATE INDEX IF NOT EXISTS guardian_consent_person ON guardian_consent (person_id)",
    "CREATE INDEX IF NOT EXISTS guardian_consent_guardian ON guardian_consent (guardian_id)",
    "CREATE INDEX IF NOT EXISTS guardian_consent_until ON guardian_consent (until)"
    " WHERE state = 'given'",
    "CREATE INDEX IF NOT EXISTS guardian_consent_named ON guardian_consent (closed_at)"
    " WHERE guardian_email IS NOT NULL",
    """
    CREATE TABLE IF NOT EXISTS named_adult (
        id uuid PRIMARY KEY,
        role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        person_id uuid NOT NULL REFERENCES person (id),
        named_by uuid REFERENCES person (id),
        named_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS named_adult_once ON named_adult (role_id)"
    " WHERE ended_at IS NULL",
    # --- groups: `held` are the places that shift.held counts for this group
    """
    CREATE TABLE IF NOT EXISTS volunteer_group (
        id uuid PRIMARY KEY,
        shift_id uuid NOT NULL REFERENCES shift (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        captain_id uuid NOT NULL REFERENCES person (id),
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('employer', 'school', 'club')),
        held integer NOT NULL CHECK (held >= 0),
        lapses_at timestamptz NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now(),
        warned_at timestamptz,
        lapsed_at timestamptz
    )
    """,
    "CREATE INDEX IF NOT EXISTS volunteer_group_shift ON volunteer_group (shift_id)",
    "CREATE INDEX IF NOT EXISTS volunteer_group_captain ON volunteer_group (captain_id)",
    "CREATE INDEX IF NOT EXISTS volunteer_group_due ON volunteer_group (lapses_at) WHERE held > 0",
    """
    CREATE TABLE IF NOT EXISTS group_seat (
        id uuid PRIMARY KEY,
        group_id uuid NOT NULL REFERENCES volunteer_group (id),
        name text NOT NULL,
        email text,
        state text NOT NULL
            CHECK (state IN ('named', 'accepted', 'declined', 'taken_back', 'lapsed')),
        person_id uuid REFERENCES person (id),
        booking_id uuid REFERENCES booking (id),
        named_at timestamptz NOT NULL DEFAULT now(),
        answered_at timestamptz,
        CONSTRAINT group_seat_accepted_is_booked
            CHECK ((state = 'accepted') = (booking_id IS NOT NULL))
    )
    """,
    "CREATE INDEX IF NOT EXISTS group_seat_group ON group_seat (group_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS group_seat_booking ON group_seat (booking_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS group_seat_email ON group_seat (group_id, email)"
    " WHERE state = 'named'",
    "CREATE INDEX IF NOT EXISTS group_seat_addresses ON group_seat (named_at)"
    " WHERE email IS NOT NULL",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
