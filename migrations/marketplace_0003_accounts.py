"""People, their sessions and what they are for the whole place."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T09:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Accounts"

STATEMENTS = [
    # `email` is stored normalised (trimmed, lower case); `email_typed` is how mail is addressed.
    # `credential_version` rises with every password or address change and kills older links.
    # `onward` is where a newcomer was going; it is emptied when the address is confirmed.
    """
    CREATE TABLE IF NOT EXISTS person (
        id uuid PRIMARY KEY,
        email text,
        email_typed text,
        name text NOT NULL,
        password_hash text,
        email_confirmed_at timestamptz,
        credential_version integer NOT NULL DEFAULT 1,
        postcode text NOT NULL DEFAULT '',
        point point,
        skills text[] NOT NULL DEFAULT '{}',
        causes text[] NOT NULL DEFAULT '{}',
        onward text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        suspended_at timestamptz,
        anonymised_at timestamptz,
        CONSTRAINT person_email_normalised CHECK (email = lower(btrim(email))),
        CONSTRAINT person_reachable_or_gone CHECK (email IS NOT NULL OR anonymised_at IS NOT NULL)
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS person_email_unique ON person (email)",
    # `expires_at` is the nearer of idle and absolute end: whoever reads needs one comparison.
    """
    CREATE TABLE IF NOT EXISTS session (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        token_hash bytea NOT NULL,
        device text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        seen_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS session_token ON session (token_hash)",
    "CREATE INDEX IF NOT EXISTS session_person ON session (person_id)",
    """
    CREATE TABLE IF NOT EXISTS platform_role (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        role text NOT NULL CHECK (role IN ('moderator', 'broker', 'administrator'))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS platform_role_once ON platform_role (person_id, role)",
    "CREATE INDEX IF NOT EXISTS session_expires_at ON session (expires_at)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
