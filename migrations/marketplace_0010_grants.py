"""Funds, rounds, applications, assessment, awards; money is integer pence."""

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-22T11:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Grants"

STATEMENTS = [
    """
    CREATE TABLE IF NOT EXISTS fund (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        title text NOT NULL,
        summary text NOT NULL,
        description text NOT NULL DEFAULT '',
        causes text[] NOT NULL DEFAULT '{}',
        area text NOT NULL DEFAULT '',
        state text NOT NULL CHECK (state IN ('draft', 'open', 'closed')),
        created_by uuid REFERENCES person (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz
    )
    """,
    "CREATE INDEX IF NOT EXISTS fund_organisation ON fund (organisation_id)",
    # `deadline` is enforced by receipt time; `opens_local`, `deadline_local` and `zone` keep what
    # was said. From `kinds` to `approved_only` are the rules of who may apply: an empty list, a
    # NULL or a nought excludes nobody. `districts` are GSS codes.
    # The budget is the database's to keep: what is committed never passes it.
    """
    CREATE TABLE IF NOT EXISTS round (
        id uuid PRIMARY KEY,
        fund_id uuid NOT NULL REFERENCES fund (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        title text NOT NULL,
        state text NOT NULL CHECK (state IN ('draft', 'published', 'assessing', 'decided',
            'cancelled')),
        opens_at timestamptz NOT NULL,
        opens_local timestamp NOT NULL,
        deadline timestamptz NOT NULL,
        deadline_local timestamp NOT NULL,
        zone text NOT NULL,
        currency text NOT NULL DEFAULT 'GBP' CHECK (currency = 'GBP'),
        budget bigint NOT NULL CHECK (budget > 0),
        committed bigint NOT NULL DEFAULT 0,
        least bigint NOT NULL DEFAULT 0 CHECK (least >= 0),
        most bigint NOT NULL,
        who_may_apply text NOT NULL DEFAULT '',
        kinds text[] NOT NULL DEFAULT '{}',
        districts text[] NOT NULL DEFAULT '{}',
        income_at_most bigint CHECK (income_at_most > 0),
        years_registered integer NOT NULL DEFAULT 0 CHECK (years_registered BETWEEN 0 AND 50),
        approved_only boolean NOT NULL DEFAULT true,
        starts_on date,
        ends_on date,
        published_at timestamptz,
        decided_at timestamptz,
        CONSTRAINT round_grant_period CHECK (starts_on <= ends_on),
        CONSTRAINT round_opens_before_deadline CHECK (opens_at < deadline),
        CONSTRAINT round_amounts CHECK (most >= least AND most <= budget),
        CONSTRAINT round_within_budget CHECK (committed BETWEEN 0 AND budget)
    )
    """,
    "CREATE INDEX IF NOT EXISTS round_fund ON round (fund_id, deadline)",
    """
    CREATE TABLE IF NOT EXISTS criterion (
        id uuid PRIMARY KEY,
        round_id uuid NOT NULL REFERENCES round (id) ON DELETE CASCADE,
        position integer NOT NULL,
        label text NOT NULL,
        help text NOT NULL DEFAULT '',
        weight integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 10),
        most integer NOT NULL DEFAULT 5 CHECK (most BETWEEN 1 AND 100)
    )
    """,
    "CREATE INDEX IF NOT EXISTS criterion_round ON criterion (round_id, position)",
    # `snapshot` freezes questions and answers as they were submitted; `title` follows the answer
    # that names the project, `amount` is set when it is submitted.
    """
    CREATE TABLE IF NOT EXISTS application (
        id uuid PRIMARY KEY,
        round_id uuid NOT NULL REFERENCES round (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        title text NOT NULL DEFAULT '',
        amount bigint CHECK (amount > 0),
        state text NOT NULL CHECK (state IN ('draft', 'submitted', 'withdrawn', 'awarded',
            'declined')),
        started_by uuid REFERENCES person (id),
        started_at timestamptz NOT NULL DEFAULT now(),
        submitted_by uuid REFERENCES person (id),
        submitted_at timestamptz,
        withdrawn_at timestamptz,
        snapshot jsonb,
        decided_at timestamptz,
        decision_note text NOT NULL DEFAULT '',
        CONSTRAINT application_submitted_whole
            CHECK (state IN ('draft', 'withdrawn') OR (submitted_at IS NOT NULL
                AND snapshot IS NOT NULL AND amount IS NOT NULL AND title <> ''))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS application_once ON application"
    " (round_id, organisation_id) WHERE state <> 'withdrawn'",
    "CREATE INDEX IF NOT EXISTS application_round ON application (round_id, state)",
    "CREATE INDEX IF NOT EXISTS application_organisation ON application (organisation_id)",
    """
    CREATE TABLE IF NOT EXISTS round_assessor (
        id uuid PRIMARY KEY,
        round_id uuid NOT NULL REFERENCES round (id) ON DELETE CASCADE,
        person_id uuid NOT NULL REFERENCES person (id),
        added_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS round_assessor_once ON round_assessor (round_id, person_id)",
    # No row: nothing declared yet, and nothing shown. A conflict hides the application everywhere.
    """
    CREATE TABLE IF NOT EXISTS declaration (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES application (id) ON DELETE CASCADE,
        person_id uuid NOT NULL REFERENCES person (id),
        conflict boolean NOT NULL,
        nature text NOT NULL DEFAULT '',
        found boolean NOT NULL DEFAULT false,
        declared_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS declaration_once ON declaration (application_id, person_id)",
    """
    CREATE TABLE IF NOT EXISTS assessment (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES application (id),
        person_id uuid NOT NULL REFERENCES person (id),
        state text NOT NULL CHECK (state IN ('started', 'finished')),
        comment text NOT NULL DEFAULT '',
        finished_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS assessment_once ON assessment (application_id, person_id)",
    # `points` NULL is an abstention, which is not nought.
    """
    CREATE TABLE IF NOT EXISTS score (
        id uuid PRIMARY KEY,
        assessment_id uuid NOT NULL REFERENCES assessment (id) ON DELETE CASCADE,
        criterion_id uuid NOT NULL REFERENCES criterion (id),
        points integer CHECK (points >= 0),
        reason text NOT NULL DEFAULT ''
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS score_once ON score (assessment_id, criterion_id)",
    """
    CREATE TABLE IF NOT EXISTS award (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES application (id),
        round_id uuid NOT NULL REFERENCES round (id),
        fund_id uuid NOT NULL REFERENCES fund (id),
        funder_id uuid NOT NULL REFERENCES organisation (id),
        recipient_id uuid NOT NULL REFERENCES organisation (id),
        title text NOT NULL,
        description text NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL DEFAULT 'GBP' CHECK (currency = 'GBP'),
        awarded_on date NOT NULL,
        starts_on date,
        ends_on date,
        published_at timestamptz,
        modified_at timestamptz NOT NULL DEFAULT now(),
        decided_by uuid REFERENCES person (id)
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS award_once ON award (application_id)",
    "CREATE INDEX IF NOT EXISTS award_published ON award (published_at DESC)",
    # Append-only: what was set aside for whom, and what came back.
    """
    CREATE TABLE IF NOT EXISTS commitment (
        id uuid PRIMARY KEY,
        round_id uuid NOT NULL REFERENCES round (id),
        award_id uuid NOT NULL REFERENCES award (id),
        amount bigint NOT NULL CHECK (amount <> 0),
        at timestamptz NOT NULL DEFAULT now(),
        by uuid
    )
    """,
    "CREATE INDEX IF NOT EXISTS commitment_round ON commitment (round_id)",
    *append_only("commitment"),
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
