"""Pictures of listings, and the postcodes of the country."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Pictures of listings, and postcodes"

STATEMENTS = [
    # A picture is used by whatever refers to it; the daily cleaning finds those references in the
    # catalogue, so a feature's column needs no more than REFERENCES image (id) and an index.
    """
    CREATE TABLE IF NOT EXISTS image (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
        uploaded_by uuid REFERENCES person (id),
        alt text NOT NULL CONSTRAINT image_described CHECK (length(alt) BETWEEN 1 AND 300),
        width integer NOT NULL CHECK (width > 0),
        height integer NOT NULL CHECK (height > 0),
        bytes integer NOT NULL CHECK (bytes > 0),
        digest bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS image_organisation ON image (organisation_id)",
    "ALTER TABLE organisation ADD COLUMN IF NOT EXISTS image_id uuid REFERENCES image (id)",
    "CREATE INDEX IF NOT EXISTS organisation_image ON organisation (image_id)"
    " WHERE image_id IS NOT NULL",
    "ALTER TABLE opportunity ADD COLUMN IF NOT EXISTS image_id uuid REFERENCES image (id)",
    "CREATE INDEX IF NOT EXISTS opportunity_image ON opportunity (image_id)"
    " WHERE image_id IS NOT NULL",
    # The index of listings repeats what a card shows, so that a list needs no further table.
    "ALTER TABLE listing ADD COLUMN IF NOT EXISTS image uuid",
    "ALTER TABLE listing ADD COLUMN IF NOT EXISTS image_alt text NOT NULL DEFAULT ''",
    # Live units of the ONS Postcode Directory: capitals without the space, such as CM11AA.
    """
    CREATE TABLE IF NOT EXISTS postcode (
        code text COLLATE "C" PRIMARY KEY,
        point point NOT NULL,
        district text NOT NULL
    )
    """,
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
