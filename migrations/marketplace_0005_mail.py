"""Which messages were delivered: neither their text nor where they went."""

from marketplace.db.migrations import sql_migration

ID = "marketplace_0005_mail"
VERSION = "1"
DESCRIPTION = "Deliveries of mail"

STATEMENTS = [
    # `key` says what the message is about (an event and a role), so that it is sent once.
    """
    CREATE TABLE IF NOT EXISTS delivery (
        id uuid PRIMARY KEY,
        key text NOT NULL,
        person_id uuid,
        template text NOT NULL,
        sent_at timestamptz,
        refused_at timestamptz,
        refusal text NOT NULL DEFAULT '',
        CONSTRAINT delivery_sent_or_refused CHECK ((sent_at IS NULL) <> (refused_at IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS delivery_key ON delivery (key)",
    "CREATE INDEX IF NOT EXISTS delivery_person ON delivery (person_id)",
    "CREATE INDEX IF NOT EXISTS delivery_refused ON delivery (refused_at)"
    " WHERE refused_at IS NOT NULL",
]


async def forwards():
    """Give the migration."""
    return sql_migration(ID, STATEMENTS, description=DESCRIPTION)
