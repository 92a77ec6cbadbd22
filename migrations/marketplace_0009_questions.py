"""Typed questions and versioned answers."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Questions"

STATEMENTS = [
    # `owner` is what asks (a round, a role); `subject` below is what answers (an application).
    # `meaning` marks the answers that the product itself reads: what the project is called, and
    # how much is asked for.
    """
    CREATE TABLE IF NOT EXISTS question (
        id uuid PRIMARY KEY,
        owner_type text NOT NULL CHECK (owner_type IN ('round', 'role')),
        owner_id uuid NOT NULL,
        position integer NOT NULL,
        kind text NOT NULL CHECK (kind IN ('line', 'text', 'number', 'money', 'date', 'yes_no',
            'choice', 'choices')),
        label text NOT NULL,
        help text NOT NULL DEFAULT '',
        required boolean NOT NULL DEFAULT true,
        word_limit integer CHECK (word_limit BETWEEN 1 AND 5000),
        options text[] NOT NULL DEFAULT '{}',
        meaning text NOT NULL DEFAULT '' CHECK (meaning IN ('', 'title', 'amount')),
        retired_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS question_meaning_once ON question (owner_id, meaning)"
    " WHERE meaning <> '' AND retired_at IS NULL",
    "CREATE INDEX IF NOT EXISTS question_owner ON question (owner_type, owner_id, position)",
    # `page` is the open page that wrote the answer: what it sends while its last save is still on
    # the way names an older version, and is no clash with anybody.
    """
    CREATE TABLE IF NOT EXISTS answer (
        id uuid PRIMARY KEY,
        question_id uuid NOT NULL REFERENCES question (id),
        subject_type text NOT NULL CHECK (subject_type IN ('application', 'booking')),
        subject_id uuid NOT NULL,
        version integer NOT NULL DEFAULT 1,
        value text NOT NULL,
        page uuid,
        answered_by uuid REFERENCES person (id),
        answered_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS answer_once ON answer (subject_id, question_id)",
    # What stood there before: kept so that no tab ever overwrites another without a trace.
    """
    CREATE TABLE IF NOT EXISTS answer_version (
        id uuid PRIMARY KEY,
        answer_id uuid NOT NULL REFERENCES answer (id) ON DELETE CASCADE,
        version integer NOT NULL,
        value text NOT NULL,
        answered_by uuid REFERENCES person (id),
        answered_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS answer_version_once ON answer_version (answer_id, version)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
