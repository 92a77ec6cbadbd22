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
    # --- the coordinator's day
    # One row a person and shift, ever: nobody is asked twice. `told_at` is when the message went.
    """
    CREATE TABLE IF NOT EXISTS fill_ask (
        id uuid PRIMARY KEY,
        shift_id uuid NOT NULL REFERENCES shift (id),
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        asked_by uuid REFERENCES person (id),
        asked_at timestamptz NOT NULL DEFAULT now(),
        told_at timestamptz,
        answer text CHECK (answer IN ('booked', 'declined')),
        answered_at timestamptz,
        CONSTRAINT fill_ask_once UNIQUE (shift_id, person_id),
        CONSTRAINT fill_ask_answered CHECK ((answer IS NULL) = (answered_at IS NULL))
    )
    """,
    "CREATE INDEX IF NOT EXISTS fill_ask_person ON fill_ask (person_id, asked_at DESC)",
    "CREATE INDEX IF NOT EXISTS fill_ask_untold ON fill_ask (asked_at) WHERE told_at IS NULL",
    "CREATE INDEX IF NOT EXISTS fill_ask_lately ON fill_ask (asked_at)",
    # --- how fast an organisation replies
    "ALTER TABLE organisation ADD COLUMN IF NOT EXISTS away_until date",
    "ALTER TABLE organisation ADD COLUMN IF NOT EXISTS replies integer NOT NULL DEFAULT 0",
    "ALTER TABLE organisation ADD COLUMN IF NOT EXISTS reply_minutes integer",
    """
    CREATE TABLE IF NOT EXISTS leave (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        since timestamptz NOT NULL,
        until timestamptz NOT NULL,
        CONSTRAINT leave_lasts CHECK (until >= since)
    )
    """,
    "CREATE INDEX IF NOT EXISTS leave_organisation ON leave (organisation_id, since)",
    # --- campaigns
    # `baseline` is frozen when the campaign begins, `counted_at` when it was last counted.
    """
    CREATE TABLE IF NOT EXISTS campaign (
        id uuid PRIMARY KEY,
        name text NOT NULL CHECK (name <> ''),
        summary text NOT NULL DEFAULT '',
        place_id uuid NOT NULL REFERENCES place (id),
        first_day date NOT NULL,
        last_day date NOT NULL,
        baseline integer CHECK (baseline >= 0),
        frozen_at timestamptz,
        counted integer NOT NULL DEFAULT 0,
        counted_at timestamptz,
        created_by uuid REFERENCES person (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT campaign_lasts CHECK (last_day >= first_day),
        CONSTRAINT campaign_frozen CHECK ((baseline IS NULL) = (frozen_at IS NULL))
    )
    """,
    # What a figure counts, so that it can be read line by line: `at_start` belongs to the baseline
    # and never changes, `counted` to the count of today.
    """
    CREATE TABLE IF NOT EXISTS campaign_item (
        id uuid PRIMARY KEY,
        campaign_id uuid NOT NULL REFERENCES campaign (id) ON DELETE CASCADE,
        key text NOT NULL,
        title text NOT NULL,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        organisation_name text NOT NULL,
        opportunity_id uuid NOT NULL,
        outward text NOT NULL,
        place_id uuid NOT NULL REFERENCES place (id),
        at_start boolean NOT NULL,
        counted boolean NOT NULL,
        CONSTRAINT campaign_item_once UNIQUE (campaign_id, key)
    )
    """,
    "CREATE INDEX IF NOT EXISTS campaign_item_place ON campaign_item (campaign_id, place_id)",
    """
    CREATE TABLE IF NOT EXISTS campaign_day (
        id uuid PRIMARY KEY,
        campaign_id uuid NOT NULL REFERENCES campaign (id) ON DELETE CASCADE,
        day date NOT NULL,
        counted integer NOT NULL,
        CONSTRAINT campaign_day_once UNIQUE (campaign_id, day)
    )
    """,
    # An organisation that takes part with its verified hours, because it chose to.
    """
    CREATE TABLE IF NOT EXISTS campaign_team (
        id uuid PRIMARY KEY,
        campaign_id uuid NOT NULL REFERENCES campaign (id) ON DELETE CASCADE,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        goal_hours integer NOT NULL CHECK (goal_hours BETWEEN 1 AND 1000000),
        joined_by uuid REFERENCES person (id),
        joined_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT campaign_team_once UNIQUE (campaign_id, organisation_id)
    )
    """,
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
