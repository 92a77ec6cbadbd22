"""Organisations, who belongs to them, and who is invited."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T09:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Organisations"

STATEMENTS = [
    """
    CREATE TABLE IF NOT EXISTS organisation (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('charity', 'community_group',
            'community_interest_company', 'faith_group', 'public_body', 'other')),
        charity_number text,
        company_number text,
        state text NOT NULL CHECK (state IN ('draft', 'submitted', 'needs_work', 'approved',
            'refused', 'suspended', 'closed')),
        moderator_note text NOT NULL DEFAULT '',
        summary text NOT NULL DEFAULT '',
        description text NOT NULL DEFAULT '',
        causes text[] NOT NULL DEFAULT '{}',
        address text NOT NULL DEFAULT '',
        town text NOT NULL DEFAULT '',
        postcode text NOT NULL DEFAULT '',
        point point,
        website text NOT NULL DEFAULT '',
        contact_email text NOT NULL DEFAULT '',
        contact_phone text NOT NULL DEFAULT '',
        created_by uuid REFERENCES person (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        submitted_at timestamptz,
        approved_at timestamptz
    )
    """,
    # One live registration a charity number; a refused or closed one frees it.
    "CREATE UNIQUE INDEX IF NOT EXISTS organisation_charity_number ON organisation"
    " (charity_number) WHERE charity_number IS NOT NULL AND state NOT IN ('refused', 'closed')",
    "CREATE INDEX IF NOT EXISTS organisation_state ON organisation (state, submitted_at)",
    """
    CREATE TABLE IF NOT EXISTS membership (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
        person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        role text NOT NULL CHECK (role IN ('owner', 'coordinator', 'librarian',
            'grants_officer', 'assessor', 'finance', 'trustee', 'member')),
        since timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS membership_once ON membership (person_id, organisation_id)",
    "CREATE INDEX IF NOT EXISTS membership_organisation ON membership (organisation_id)",
    """
    CREATE TABLE IF NOT EXISTS invitation (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
        email text NOT NULL,
        role text NOT NULL CHECK (role IN ('owner', 'coordinator', 'librarian',
            'grants_officer', 'assessor', 'finance', 'trustee', 'member')),
        state text NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
        version integer NOT NULL DEFAULT 1,
        invited_by uuid REFERENCES person (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS invitation_open ON invitation (organisation_id, email)"
    " WHERE state = 'open'",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
