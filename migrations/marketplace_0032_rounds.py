"""What changed of a round after it was published, ties that were lifted, versions of scores."""

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-25T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Changes of published rounds, lifted ties, versions of assessments"

STATEMENTS = [
    "ALTER TABLE round ADD COLUMN IF NOT EXISTS contact text NOT NULL DEFAULT ''",
    # Append-only: the public was told. A deadline only ever moves on, and a budget only grows.
    """
    CREATE TABLE IF NOT EXISTS round_amendment (
        id uuid PRIMARY KEY,
        round_id uuid NOT NULL REFERENCES round (id),
        at timestamptz NOT NULL DEFAULT now(),
        by uuid REFERENCES person (id),
        reason text NOT NULL DEFAULT '',
        deadline_was timestamptz,
        deadline timestamptz,
        budget_was bigint,
        budget bigint,
        texts text[] NOT NULL DEFAULT '{}',
        CONSTRAINT round_amendment_later CHECK ((deadline IS NULL) = (deadline_was IS NULL)
            AND deadline > deadline_was),
        CONSTRAINT round_amendment_more CHECK ((budget IS NULL) = (budget_was IS NULL)
            AND budget > budget_was),
        CONSTRAINT round_amendment_says_why CHECK (deadline IS NULL OR reason <> '')
    )
    """,
    "CREATE INDEX IF NOT EXISTS round_amendment_round ON round_amendment (round_id, at)",
    *append_only("round_amendment"),
    # Append-only: what was declared of a tie, who lifted it and why.
    """
    CREATE TABLE IF NOT EXISTS lifted_tie (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES application (id),
        person_id uuid NOT NULL REFERENCES person (id),
        nature text NOT NULL,
        found boolean NOT NULL,
        reason text NOT NULL CHECK (reason <> ''),
        by uuid NOT NULL REFERENCES person (id),
        at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT lifted_tie_by_another CHECK (by <> person_id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS lifted_tie_application ON lifted_tie (application_id)",
    "CREATE INDEX IF NOT EXISTS lifted_tie_person ON lifted_tie (person_id)",
    *append_only("lifted_tie"),
    # Which save of an assessment a page has seen.
    "ALTER TABLE assessment ADD COLUMN IF NOT EXISTS version integer NOT NULL DEFAULT 1",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
