"""Credentials, what checks roles ask for, and who asked to be checked."""

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-22T19:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Credentials and safeguarding"

STATEMENTS = [
    # What an organisation saw of a person. There is no column for a document, nor for what stood
    # in one. A check is never shared with another organisation; training may be, by its person.
    """
    CREATE TABLE IF NOT EXISTS credential (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        kind text NOT NULL CHECK (kind IN ('criminal_record_check', 'safeguarding', 'first_aid',
            'food_hygiene', 'moving_and_handling', 'mental_health_first_aid', 'driving_licence',
            'minibus')),
        level text CHECK (level IN ('dbs_basic', 'dbs_standard', 'dbs_enhanced',
            'dbs_enhanced_barred', 'scotland_level_1', 'scotland_level_2', 'scotland_pvg',
            'accessni_basic', 'accessni_standard', 'accessni_enhanced',
            'accessni_enhanced_barred')),
        workforce text NOT NULL DEFAULT 'neither'
            CHECK (workforce IN ('children', 'adults', 'both', 'neither')),
        reference text NOT NULL DEFAULT '',
        issued_on date NOT NULL,
        holds_until date,
        outcome text NOT NULL CHECK (outcome IN ('satisfactory', 'not_satisfactory')),
        seen_by uuid NOT NULL REFERENCES person (id),
        seen_at timestamptz NOT NULL DEFAULT now(),
        shared boolean NOT NULL DEFAULT false,
        revoked_by uuid REFERENCES person (id),
        revoked_at timestamptz,
        details_deleted_at timestamptz,
        CONSTRAINT credential_check_has_level
            CHECK ((kind = 'criminal_record_check') = (level IS NOT NULL)),
        CONSTRAINT credential_check_is_not_shared
            CHECK (NOT shared OR kind <> 'criminal_record_check'),
        CONSTRAINT credential_check_ends
            CHECK (kind <> 'criminal_record_check' OR holds_until IS NOT NULL),
        CONSTRAINT credential_holds_after_issue CHECK (holds_until >= issued_on),
        CONSTRAINT credential_details_deleted CHECK (details_deleted_at IS NULL OR reference = '')
    )
    """,
    "CREATE INDEX IF NOT EXISTS credential_held ON credential"
    " (organisation_id, person_id, kind, seen_at) WHERE revoked_at IS NULL",
    "CREATE INDEX IF NOT EXISTS credential_person ON credential (person_id)",
    "CREATE INDEX IF NOT EXISTS credential_expiring ON credential (holds_until)"
    " WHERE revoked_at IS NULL",
    "CREATE INDEX IF NOT EXISTS credential_details ON credential (seen_at)"
    " WHERE details_deleted_at IS NULL AND kind = 'criminal_record_check'",
    # Every decision on what a role asks for; the latest counts, and none is ever changed.
    # `level` is null for no check. `rules` name the rows of data/check_rules.toml it stood on.
    """
    CREATE TABLE IF NOT EXISTS role_check (
        id uuid PRIMARY KEY,
        role_id uuid NOT NULL REFERENCES role (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        level text CHECK (level IN ('dbs_basic', 'dbs_standard', 'dbs_enhanced',
            'dbs_enhanced_barred', 'scotland_level_1', 'scotland_level_2', 'scotland_pvg',
            'accessni_basic', 'accessni_standard', 'accessni_enhanced',
            'accessni_enhanced_barred')),
        advised text,
        nation text NOT NULL,
        workforce text NOT NULL CHECK (workforce IN ('children', 'adults', 'both', 'neither')),
        duties text[] NOT NULL,
        frequency text NOT NULL,
        supervised boolean NOT NULL,
        rules text[] NOT NULL,
        judged_on date NOT NULL,
        why text NOT NULL CHECK (why <> ''),
        decided_by uuid NOT NULL REFERENCES person (id),
        decided_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS role_check_latest"
    " ON role_check (role_id, decided_at DESC, id DESC)",
    *append_only("role_check"),
    """
    CREATE TABLE IF NOT EXISTS role_training (
        id uuid PRIMARY KEY,
        role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind <> 'criminal_record_check')
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS role_training_once ON role_training (role_id, kind)",
    # That somebody asked an organisation to look at what a role needs.
    """
    CREATE TABLE IF NOT EXISTS check_request (
        id uuid PRIMARY KEY,
        role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        asked_at timestamptz NOT NULL DEFAULT now(),
        closed_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS check_request_once ON check_request (role_id, person_id)"
    " WHERE closed_at IS NULL",
    "CREATE INDEX IF NOT EXISTS check_request_organisation ON check_request (organisation_id)"
    " WHERE closed_at IS NULL",
    # What was warned of, so that it is warned of once.
    """
    CREATE TABLE IF NOT EXISTS credential_notice (
        id uuid PRIMARY KEY,
        about text NOT NULL CHECK (about IN ('expiring', 'lapsing')),
        subject_id uuid NOT NULL,
        holds_until date NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS credential_notice_once"
    " ON credential_notice (about, subject_id, holds_until)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
