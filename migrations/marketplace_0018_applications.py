"""Applying for a role: what is asked, what was answered, who decided and why, and references."""

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-22T18:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Applications for roles"

STATEMENTS = [
    "ALTER TABLE answer DROP CONSTRAINT IF EXISTS answer_subject_type_check",
    "ALTER TABLE answer ADD CONSTRAINT answer_subject_type_check"
    " CHECK (subject_type IN ('application', 'booking', 'role_application'))",
    # A role without a row, or with needs_application false, is booked without applying.
    # `good_for_months` NULL: an approval does not expire.
    """
    CREATE TABLE IF NOT EXISTS role_screening (
        id uuid PRIMARY KEY,
        role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
        needs_application boolean NOT NULL DEFAULT false,
        by_rules boolean NOT NULL DEFAULT false,
        references_wanted integer NOT NULL DEFAULT 0 CHECK (references_wanted BETWEEN 0 AND 3),
        good_for_months integer CHECK (good_for_months BETWEEN 1 AND 120)
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS role_screening_once ON role_screening (role_id)",
    # `reason` is what a blocked applicant reads.
    """
    CREATE TABLE IF NOT EXISTS screening_rule (
        id uuid PRIMARY KEY,
        role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
        question_id uuid NOT NULL REFERENCES question (id),
        effect text NOT NULL CHECK (effect IN ('approve', 'block')),
        test text NOT NULL CHECK (test IN ('is', 'contains', 'at_least', 'at_most')),
        value text NOT NULL,
        reason text NOT NULL DEFAULT '',
        CONSTRAINT screening_rule_block_has_reason CHECK (effect = 'approve' OR reason <> '')
    )
    """,
    "CREATE INDEX IF NOT EXISTS screening_rule_role ON screening_rule (role_id)",
    # A visitor's draft has no person, but the hash of the token in their browser's cookie, until
    # they sign in. Drafts are deleted at `expires_at`. `reason` is what was decided last, in words.
    """
    CREATE TABLE IF NOT EXISTS role_application (
        id uuid PRIMARY KEY,
        role_id uuid NOT NULL REFERENCES role (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        person_id uuid REFERENCES person (id),
        token_hash bytea,
        state text NOT NULL DEFAULT 'draft'
            CHECK (state IN ('draft', 'submitted', 'approved', 'declined', 'withdrawn')),
        started_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        submitted_at timestamptz,
        decided_at timestamptz,
        approved_until timestamptz,
        reason text NOT NULL DEFAULT '',
        by_rule boolean NOT NULL DEFAULT false,
        by_hand_only boolean NOT NULL DEFAULT false,
        CONSTRAINT role_application_somebodys CHECK (
            (person_id IS NULL) = (token_hash IS NOT NULL)
            AND (person_id IS NOT NULL OR state = 'draft')),
        CONSTRAINT role_application_draft_expires
            CHECK ((state = 'draft') = (expires_at IS NOT NULL)),
        CONSTRAINT role_application_decided CHECK (
            (state IN ('approved', 'declined')) <= (decided_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS role_application_one_open ON role_application"
    " (role_id, person_id) WHERE state IN ('draft', 'submitted')",
    "CREATE UNIQUE INDEX IF NOT EXISTS role_application_visitors ON role_application"
    " (token_hash, role_id) WHERE token_hash IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS role_application_person ON role_application (person_id, role_id)",
    "CREATE INDEX IF NOT EXISTS role_application_organisation ON role_application"
    " (organisation_id, state, submitted_at) WHERE state <> 'draft'",
    "CREATE INDEX IF NOT EXISTS role_application_expiry ON role_application (expires_at)"
    " WHERE state = 'draft'",
    # Referees are third parties: their words and addresses go some time after the decision.
    """
    CREATE TABLE IF NOT EXISTS referee (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES role_application (id) ON DELETE CASCADE,
        position integer NOT NULL,
        name text NOT NULL,
        email text NOT NULL,
        relationship text NOT NULL,
        state text NOT NULL DEFAULT 'named'
            CHECK (state IN ('named', 'asked', 'given', 'declined', 'replaced')),
        asked_at timestamptz,
        reminded_at timestamptz,
        answered_at timestamptz,
        known text NOT NULL DEFAULT '',
        recommends text NOT NULL DEFAULT ''
            CHECK (recommends IN ('', 'yes', 'with_reservations', 'no')),
        remarks text NOT NULL DEFAULT '',
        erased_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS referee_once ON referee (application_id, position)"
    " WHERE state <> 'replaced'",
    "CREATE INDEX IF NOT EXISTS referee_application ON referee (application_id)",
    "CREATE INDEX IF NOT EXISTS referee_waiting ON referee (asked_at)"
    " WHERE state = 'asked' AND reminded_at IS NULL",
    "CREATE INDEX IF NOT EXISTS referee_kept ON referee (application_id) WHERE erased_at IS NULL",
    # Who or what decided, and why: `trace` lists each rule in words and whether it held. A person
    # who decides is `decided_by`; without one the rules did.
    """
    CREATE TABLE IF NOT EXISTS screening_decision (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES role_application (id),
        outcome text NOT NULL CHECK (outcome IN ('approved', 'declined', 'revoked')),
        decided_by uuid REFERENCES person (id),
        reason text NOT NULL DEFAULT '',
        trace jsonb NOT NULL DEFAULT '[]',
        at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS screening_decision_application ON screening_decision"
    " (application_id, at)",
    *append_only("screening_decision"),
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
