"""Opportunities, roles, shifts, bookings and hours (terms of the UK volunteering data standard)."""

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-22T09:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Volunteering"

STATEMENTS = [
    """
    CREATE TABLE IF NOT EXISTS opportunity (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        title text NOT NULL,
        summary text NOT NULL,
        description text NOT NULL DEFAULT '',
        state text NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'cancelled')),
        causes text[] NOT NULL DEFAULT '{}',
        skills text[] NOT NULL DEFAULT '{}',
        remote boolean NOT NULL DEFAULT false,
        place_name text NOT NULL DEFAULT '',
        town text NOT NULL DEFAULT '',
        postcode text NOT NULL DEFAULT '',
        point point,
        getting_there text NOT NULL DEFAULT '',
        expenses text NOT NULL DEFAULT '',
        contact_name text NOT NULL DEFAULT '',
        contact_how text NOT NULL DEFAULT '',
        timing text NOT NULL DEFAULT 'shifts' CHECK (timing IN ('shifts', 'flexible')),
        availability text NOT NULL DEFAULT '',
        created_by uuid REFERENCES person (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz,
        CONSTRAINT opportunity_somewhere CHECK (remote OR state = 'draft' OR point IS NOT NULL)
    )
    """,
    "CREATE INDEX IF NOT EXISTS opportunity_organisation ON opportunity (organisation_id, state)",
    """
    CREATE TABLE IF NOT EXISTS role (
        id uuid PRIMARY KEY,
        opportunity_id uuid NOT NULL REFERENCES opportunity (id) ON DELETE CASCADE,
        title text NOT NULL,
        minimum_age integer NOT NULL DEFAULT 18 CHECK (minimum_age BETWEEN 0 AND 120)
    )
    """,
    "CREATE INDEX IF NOT EXISTS role_opportunity ON role (opportunity_id)",
    # Beside the instants stands what was said: the wall times and their zone.
    """
    CREATE TABLE IF NOT EXISTS shift (
        id uuid PRIMARY KEY,
        role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
        opportunity_id uuid NOT NULL REFERENCES opportunity (id) ON DELETE CASCADE,
        state text NOT NULL CHECK (state IN ('planned', 'cancelled')),
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        local_start timestamp NOT NULL,
        local_end timestamp NOT NULL,
        zone text NOT NULL,
        places integer NOT NULL CHECK (places BETWEEN 1 AND 10000),
        taken integer NOT NULL DEFAULT 0,
        note text NOT NULL DEFAULT '',
        CONSTRAINT shift_ends_after_start CHECK (ends_at > starts_at),
        CONSTRAINT shift_not_overbooked CHECK (taken BETWEEN 0 AND places)
    )
    """,
    "CREATE INDEX IF NOT EXISTS shift_opportunity ON shift (opportunity_id, starts_at)",
    "CREATE INDEX IF NOT EXISTS shift_role ON shift (role_id)",
    """
    CREATE TABLE IF NOT EXISTS booking (
        id uuid PRIMARY KEY,
        shift_id uuid NOT NULL REFERENCES shift (id),
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        state text NOT NULL CHECK (state IN ('confirmed', 'cancelled', 'attended', 'no_show')),
        period tstzrange NOT NULL,
        cancelled_by text CHECK (cancelled_by IN ('volunteer', 'organisation')),
        booked_at timestamptz NOT NULL DEFAULT now(),
        cancelled_at timestamptz,
        CONSTRAINT booking_cancelled_by_somebody
            CHECK ((state = 'cancelled') = (cancelled_by IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS booking_once ON booking (shift_id, person_id)"
    " WHERE state <> 'cancelled'",
    "CREATE INDEX IF NOT EXISTS booking_person ON booking (person_id, booked_at DESC)",
    # Nobody is in two places at once: a person's live bookings never overlap.
    """
    DO $$ BEGIN
        ALTER TABLE booking ADD CONSTRAINT booking_one_place_at_a_time
            EXCLUDE USING gist (person_id WITH =, period WITH &&)
            WHERE (state IN ('confirmed', 'attended'));
    EXCEPTION WHEN duplicate_table OR duplicate_object THEN NULL;
    END $$
    """,
    """
    CREATE TABLE IF NOT EXISTS hours (
        id uuid PRIMARY KEY,
        booking_id uuid NOT NULL REFERENCES booking (id),
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
        state text NOT NULL CHECK (state IN ('proposed', 'confirmed')),
        confirmed_by uuid REFERENCES person (id),
        confirmed_at timestamptz,
        CONSTRAINT hours_confirmed_by_somebody
            CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS hours_once ON hours (booking_id)",
    "CREATE INDEX IF NOT EXISTS hours_person ON hours (person_id)",
    "CREATE INDEX IF NOT EXISTS hours_organisation ON hours (organisation_id)",
    # Who looked at whose data: a roster shows names, so every look at one leaves a row.
    """
    CREATE TABLE IF NOT EXISTS personal_view (
        id uuid PRIMARY KEY,
        viewer_id uuid NOT NULL,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS personal_view_subject ON personal_view"
    " (subject_type, subject_id, at)",
    *append_only("personal_view"),
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
