"""Recurring shifts, least-needed numbers, visits, deadlines, and two further ways of timing."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T16:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Series of shifts, visits, deadlines"

STATEMENTS = [
    # What was said is kept: the rule and its wall times; shifts are made of it some weeks ahead.
    """
    CREATE TABLE IF NOT EXISTS series (
        id uuid PRIMARY KEY,
        opportunity_id uuid NOT NULL REFERENCES opportunity (id) ON DELETE CASCADE,
        role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
        state text NOT NULL CHECK (state IN ('running', 'ended')),
        rule text NOT NULL,
        zone text NOT NULL,
        first_day date NOT NULL,
        until date,
        start_time time NOT NULL,
        end_time time NOT NULL,
        ends_next_day boolean NOT NULL DEFAULT false,
        skip_holidays boolean NOT NULL DEFAULT false,
        places integer NOT NULL CHECK (places BETWEEN 1 AND 10000),
        least_needed integer NOT NULL DEFAULT 0,
        note text NOT NULL DEFAULT '',
        planned_until date,
        split_from uuid REFERENCES series (id),
        for_visits boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT series_least_needed CHECK (least_needed BETWEEN 0 AND places)
    )
    """,
    "CREATE INDEX IF NOT EXISTS series_opportunity ON series (opportunity_id)",
    "CREATE INDEX IF NOT EXISTS series_due ON series (planned_until) WHERE state = 'running'",
    "ALTER TABLE shift ADD COLUMN IF NOT EXISTS least_needed integer NOT NULL DEFAULT 0",
    "ALTER TABLE shift DROP CONSTRAINT IF EXISTS shift_least_needed",
    "ALTER TABLE shift ADD CONSTRAINT shift_least_needed CHECK (least_needed BETWEEN 0 AND places)",
    "ALTER TABLE shift ADD COLUMN IF NOT EXISTS series_id uuid REFERENCES series (id)",
    # The wall time of the rule that the shift stands for, also when the shift itself was moved.
    "ALTER TABLE shift ADD COLUMN IF NOT EXISTS series_start timestamp",
    "ALTER TABLE shift ADD COLUMN IF NOT EXISTS own_terms boolean NOT NULL DEFAULT false",
    "ALTER TABLE shift DROP CONSTRAINT IF EXISTS shift_in_series",
    "ALTER TABLE shift ADD CONSTRAINT shift_in_series"
    " CHECK (series_start IS NULL OR series_id IS NOT NULL)",
    # However many workers plan ahead: no occurrence twice.
    "CREATE UNIQUE INDEX IF NOT EXISTS shift_occurrence ON shift (series_id, series_start)",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS deadline date",
    "ALTER TABLE opportunity DROP CONSTRAINT IF EXISTS opportunity_timing_check",
    "ALTER TABLE opportunity ADD CONSTRAINT opportunity_timing_check"
    " CHECK (timing IN ('shifts', 'flexible', 'arranged', 'logged'))",
    # A regular visit of one volunteer, arranged between the coordinator and that person.
    """
    CREATE TABLE IF NOT EXISTS visit (
        id uuid PRIMARY KEY,
        opportunity_id uuid NOT NULL REFERENCES opportunity (id),
        role_id uuid NOT NULL REFERENCES role (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        volunteer_id uuid NOT NULL REFERENCES person (id),
        state text NOT NULL CHECK (state IN
            ('proposed', 'agreed', 'declined', 'withdrawn', 'ended')),
        rule text NOT NULL,
        zone text NOT NULL,
        first_day date NOT NULL,
        until date,
        start_time time NOT NULL,
        end_time time NOT NULL,
        skip_holidays boolean NOT NULL DEFAULT false,
        whom text NOT NULL DEFAULT '',
        address text NOT NULL DEFAULT '',
        instructions text NOT NULL DEFAULT '',
        message text NOT NULL DEFAULT '',
        answer text NOT NULL DEFAULT '',
        series_id uuid REFERENCES series (id),
        proposed_by uuid REFERENCES person (id),
        proposed_at timestamptz NOT NULL DEFAULT now(),
        answered_at timestamptz,
        ended_at timestamptz,
        CONSTRAINT visit_agreed_has_series CHECK (state <> 'agreed' OR series_id IS NOT NULL)
    )
    """,
    "CREATE INDEX IF NOT EXISTS visit_opportunity ON visit (opportunity_id)",
    "CREATE INDEX IF NOT EXISTS visit_volunteer ON visit (volunteer_id)",
    "CREATE INDEX IF NOT EXISTS visit_series ON visit (series_id)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
