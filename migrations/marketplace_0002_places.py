"""Areas with dates, outward codes, and the mirror of the charity register."""

from marketplace.db.migrations import sql_migration
from marketplace.places.seed import seed_statements

ID = "2026-11-22T09:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Places, outward codes and the charity register mirror"

STATEMENTS = [
    """
    CREATE TABLE IF NOT EXISTS place (
        id uuid PRIMARY KEY,
        kind text NOT NULL
            CONSTRAINT place_kind CHECK (kind IN ('neighbourhood', 'place', 'system')),
        scheme text NOT NULL CONSTRAINT place_scheme CHECK (scheme IN ('council', 'nhs')),
        name text NOT NULL,
        parent_id uuid REFERENCES place (id),
        gss text,
        valid_from date NOT NULL,
        valid_to date,
        CONSTRAINT place_lasts CHECK (valid_to > valid_from),
        CONSTRAINT place_gss_once EXCLUDE USING gist
            (gss WITH =, daterange(valid_from, valid_to, '[)') WITH &&)
    )
    """,
    "CREATE INDEX IF NOT EXISTS place_parent ON place (parent_id)",
    """
    CREATE TABLE IF NOT EXISTS outward_code (
        code text PRIMARY KEY,
        point point NOT NULL,
        town text NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS outward_code_point ON outward_code USING gist (point)",
    """
    CREATE TABLE IF NOT EXISTS place_outward (
        id uuid PRIMARY KEY,
        place_id uuid NOT NULL REFERENCES place (id),
        outward_code text NOT NULL REFERENCES outward_code (code),
        main boolean NOT NULL DEFAULT false,
        CONSTRAINT place_outward_once UNIQUE (outward_code, place_id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS place_outward_place ON place_outward (place_id)",
    *seed_statements(),
    # No telephone number and no e-mail address: nothing here needs them.
    """
    CREATE TABLE IF NOT EXISTS register_charity (
        organisation_number integer PRIMARY KEY,
        registered_number integer NOT NULL,
        linked_number integer NOT NULL,
        name text NOT NULL,
        search_name text NOT NULL,
        charity_type text NOT NULL,
        status text NOT NULL
            CONSTRAINT register_charity_status CHECK (status IN ('Registered', 'Removed')),
        registered_on date,
        removed_on date,
        reporting_status text NOT NULL,
        period_end date,
        income_pence bigint,
        address text[] NOT NULL,
        postcode text NOT NULL,
        web text NOT NULL,
        company_number text NOT NULL,
        activities text NOT NULL,
        extracted_on date,
        document tsvector GENERATED ALWAYS AS (to_tsvector('simple', search_name)) STORED
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS register_charity_number
        ON register_charity (registered_number, linked_number)
    """,
    # Removed charities, more than half of the register, are found by number only.
    """
    CREATE INDEX IF NOT EXISTS register_charity_words
        ON register_charity USING gin (document) WHERE status = 'Registered'
    """,
    # In the order of bytes, for names that begin as typed.
    """
    CREATE INDEX IF NOT EXISTS register_charity_names
        ON register_charity (search_name COLLATE "C") WHERE status = 'Registered'
    """,
    # The words of the names, for mending misspelt ones: trigrams over whole names took a
    # second a search on a register of 400,000.
    """
    CREATE TABLE IF NOT EXISTS register_word (
        word text COLLATE "C" PRIMARY KEY,
        names integer NOT NULL
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS register_word_trigrams
        ON register_word USING gin (word gin_trgm_ops)
    """,
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
