"""Library of things: sites and their hours, things and their units, reservations, occupancy."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T10:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Library of things"

STATEMENTS = [
    """
    CREATE TABLE IF NOT EXISTS site (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        name text NOT NULL,
        address text NOT NULL DEFAULT '',
        town text NOT NULL DEFAULT '',
        postcode text NOT NULL DEFAULT '',
        point point,
        zone text NOT NULL,
        getting_there text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS site_organisation ON site (organisation_id)",
    # Wall-clock times in the site's zone; several rows for a day with a lunch break.
    """
    CREATE TABLE IF NOT EXISTS opening_hours (
        id uuid PRIMARY KEY,
        site_id uuid NOT NULL REFERENCES site (id) ON DELETE CASCADE,
        weekday integer NOT NULL CHECK (weekday BETWEEN 1 AND 7),
        opens time NOT NULL,
        closes time NOT NULL,
        CONSTRAINT opening_hours_close_after_opening CHECK (closes > opens)
    )
    """,
    "CREATE INDEX IF NOT EXISTS opening_hours_site ON opening_hours (site_id, weekday)",
    # A day with rows here follows them alone; a row without times is a closed day.
    """
    CREATE TABLE IF NOT EXISTS site_day (
        id uuid PRIMARY KEY,
        site_id uuid NOT NULL REFERENCES site (id) ON DELETE CASCADE,
        day date NOT NULL,
        opens time,
        closes time,
        note text NOT NULL DEFAULT '',
        CONSTRAINT site_day_closes_after_opening CHECK (closes > opens),
        CONSTRAINT site_day_both_or_neither CHECK ((opens IS NULL) = (closes IS NULL))
    )
    """,
    "CREATE INDEX IF NOT EXISTS site_day_site ON site_day (site_id, day)",
    """
    CREATE TABLE IF NOT EXISTS thing (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        site_id uuid REFERENCES site (id),
        title text NOT NULL,
        summary text NOT NULL,
        description text NOT NULL DEFAULT '',
        category text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('thing', 'room', 'vehicle')),
        condition_notes text NOT NULL DEFAULT '',
        terms text NOT NULL DEFAULT '',
        max_days integer NOT NULL DEFAULT 7 CHECK (max_days BETWEEN 1 AND 90),
        notice_days integer NOT NULL DEFAULT 0 CHECK (notice_days BETWEEN 0 AND 60),
        ahead_days integer NOT NULL DEFAULT 90 CHECK (ahead_days BETWEEN 1 AND 366),
        hours_before integer NOT NULL DEFAULT 0 CHECK (hours_before BETWEEN 0 AND 168),
        hours_after integer NOT NULL DEFAULT 0 CHECK (hours_after BETWEEN 0 AND 168),
        state text NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
        created_by uuid REFERENCES person (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz,
        CONSTRAINT thing_published_somewhere CHECK (state = 'draft' OR site_id IS NOT NULL)
    )
    """,
    "CREATE INDEX IF NOT EXISTS thing_organisation ON thing (organisation_id, state)",
    "CREATE INDEX IF NOT EXISTS thing_site ON thing (site_id)",
    """
    CREATE TABLE IF NOT EXISTS unit (
        id uuid PRIMARY KEY,
        thing_id uuid NOT NULL REFERENCES thing (id) ON DELETE CASCADE,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        label text NOT NULL,
        asset_code text NOT NULL DEFAULT '',
        state text NOT NULL CHECK (state IN ('available', 'in_repair', 'retired')),
        note text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS unit_thing ON unit (thing_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS unit_asset_code ON unit (organisation_id,"
    " lower(asset_code)) WHERE asset_code <> '' AND state <> 'retired'",
    "CREATE UNIQUE INDEX IF NOT EXISTS unit_label ON unit (thing_id, lower(label))"
    " WHERE state <> 'retired'",
    # Beside the instants stands what was said: two days on the calendar of a zone.
    """
    CREATE TABLE IF NOT EXISTS reservation (
        id uuid PRIMARY KEY,
        thing_id uuid NOT NULL REFERENCES thing (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        person_id uuid NOT NULL REFERENCES person (id),
        for_organisation_id uuid REFERENCES organisation (id),
        state text NOT NULL
            CHECK (state IN ('reserved', 'out', 'returned', 'cancelled', 'not_collected')),
        first_day date NOT NULL,
        last_day date NOT NULL,
        zone text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        unit_id uuid REFERENCES unit (id),
        reserved_at timestamptz NOT NULL DEFAULT now(),
        out_at timestamptz,
        out_by uuid REFERENCES person (id),
        condition_out text NOT NULL DEFAULT '',
        returned_at timestamptz,
        returned_by uuid REFERENCES person (id),
        condition_in text NOT NULL DEFAULT '',
        needs_repair boolean NOT NULL DEFAULT false,
        cancelled_at timestamptz,
        cancelled_by text CHECK (cancelled_by IN ('borrower', 'lender')),
        reason text NOT NULL DEFAULT '',
        CONSTRAINT reservation_last_day_not_before_first CHECK (last_day >= first_day),
        CONSTRAINT reservation_ends_after_start CHECK (ends_at > starts_at),
        CONSTRAINT reservation_cancelled_by_somebody
            CHECK ((state = 'cancelled') = (cancelled_by IS NOT NULL)),
        CONSTRAINT reservation_out_with_a_unit
            CHECK ((state IN ('out', 'returned')) = (unit_id IS NOT NULL AND out_at IS NOT NULL))
    )
    """,
    "CREATE INDEX IF NOT EXISTS reservation_person ON reservation (person_id, first_day DESC)",
    "CREATE INDEX IF NOT EXISTS reservation_desk ON reservation (organisation_id, first_day)"
    " WHERE state IN ('reserved', 'out')",
    "CREATE INDEX IF NOT EXISTS reservation_thing ON reservation (thing_id)",
    # One row for each time a unit cannot be had. A reservation without a unit (its unit broke and
    # no other is free) keeps its row as "unplaced": it waits for a decision and blocks nothing.
    """
    CREATE TABLE IF NOT EXISTS occupancy (
        id uuid PRIMARY KEY,
        thing_id uuid NOT NULL REFERENCES thing (id) ON DELETE CASCADE,
        unit_id uuid REFERENCES unit (id) ON DELETE CASCADE,
        reservation_id uuid REFERENCES reservation (id),
        reason text NOT NULL DEFAULT '' CHECK (reason IN ('', 'repair', 'retired')),
        state text NOT NULL
            CHECK (state IN ('held', 'out', 'turnaround', 'blocked', 'unplaced', 'released')),
        blocked_from timestamptz NOT NULL,
        blocked_until timestamptz NOT NULL,
        CONSTRAINT occupancy_until_after_from CHECK (blocked_until > blocked_from),
        CONSTRAINT occupancy_has_its_unit
            CHECK (unit_id IS NOT NULL OR state IN ('unplaced', 'released')),
        CONSTRAINT occupancy_has_its_cause CHECK ((reservation_id IS NULL) = (reason <> ''))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS occupancy_reservation ON occupancy (reservation_id)",
    "CREATE INDEX IF NOT EXISTS occupancy_thing ON occupancy (thing_id, blocked_until)"
    " WHERE state IN ('held', 'out', 'turnaround', 'blocked')",
    # A clash is impossible. Deferrable, so that one UPDATE may swap units; never SET CONSTRAINTS.
    """
    DO $$ BEGIN
        ALTER TABLE occupancy ADD CONSTRAINT occupancy_one_at_a_time
            EXCLUDE USING gist
                (unit_id WITH =, tstzrange(blocked_from, blocked_until, '[)') WITH &&)
            WHERE (state IN ('held', 'out', 'turnaround', 'blocked'))
            DEFERRABLE INITIALLY IMMEDIATE;
    EXCEPTION WHEN duplicate_table OR duplicate_object THEN NULL;
    END $$
    """,
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
