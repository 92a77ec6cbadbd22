"""The index of what is open to the public, and the words it knows."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T09:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Listing index"

STATEMENTS = [
    """
    CREATE TABLE IF NOT EXISTS listing (
        kind text NOT NULL,
        id uuid NOT NULL,
        url text NOT NULL,
        title text NOT NULL,
        summary text NOT NULL,
        body text NOT NULL DEFAULT '',
        organisation_id uuid,
        organisation_name text NOT NULL DEFAULT '',
        town text NOT NULL DEFAULT '',
        point point,
        remote boolean NOT NULL DEFAULT false,
        icon text NOT NULL DEFAULT '',
        tags text[] NOT NULL DEFAULT '{}',
        synonyms text NOT NULL DEFAULT '',
        starts_at timestamptz,
        until timestamptz,
        updated_at timestamptz NOT NULL DEFAULT now(),
        document tsvector GENERATED ALWAYS AS (
            setweight(to_tsvector('english', title), 'A')
            || setweight(to_tsvector('english', summary || ' ' || organisation_name), 'B')
            || setweight(to_tsvector('english', synonyms || ' ' || town), 'C')
            || setweight(to_tsvector('english', body), 'D')
        ) STORED,
        PRIMARY KEY (kind, id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS listing_document ON listing USING gin (document)",
    "CREATE INDEX IF NOT EXISTS listing_point ON listing USING gist (point)",
    "CREATE INDEX IF NOT EXISTS listing_tags ON listing USING gin (tags)",
    "CREATE INDEX IF NOT EXISTS listing_soonest ON listing (kind, starts_at, updated_at DESC)",
    "CREATE INDEX IF NOT EXISTS listing_organisation ON listing (organisation_id)",
    "CREATE TABLE IF NOT EXISTS listing_word (word text PRIMARY KEY)",
    "CREATE INDEX IF NOT EXISTS listing_word_likeness ON listing_word USING gin"
    " (word gin_trgm_ops)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
