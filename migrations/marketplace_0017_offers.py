"""Queues for what is full, and offers of what comes free."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T17:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Queues and timed offers"

STATEMENTS = [
    """
    CREATE TABLE IF NOT EXISTS offer_queue (
        id uuid PRIMARY KEY,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        mode text NOT NULL CHECK (mode IN ('first_come', 'choose')),
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT offer_queue_once UNIQUE (subject_type, subject_id)
    )
    """,
    # `place` is given under the lock of the queue's row: it is the order, whatever clocks say.
    """
    CREATE TABLE IF NOT EXISTS offer_entry (
        id uuid PRIMARY KEY,
        queue_id uuid NOT NULL REFERENCES offer_queue (id) ON DELETE CASCADE,
        person_id uuid NOT NULL REFERENCES person (id),
        place integer NOT NULL CHECK (place > 0),
        state text NOT NULL CHECK (state IN
            ('waiting', 'offered', 'accepted', 'declined', 'expired', 'left', 'ended')),
        joined_at timestamptz NOT NULL DEFAULT now(),
        offered_at timestamptz,
        expires_at timestamptz,
        closed_at timestamptz,
        reason text NOT NULL DEFAULT '',
        CONSTRAINT offer_entry_in_order UNIQUE (queue_id, place),
        CONSTRAINT offer_entry_offered CHECK (
            (offered_at IS NULL) = (expires_at IS NULL)
            AND (state NOT IN ('offered', 'accepted', 'declined', 'expired')
                OR offered_at IS NOT NULL)
            AND (state NOT IN ('waiting', 'left') OR offered_at IS NULL)
            AND (state IN ('waiting', 'offered')) = (closed_at IS NULL)
        )
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS offer_entry_once ON offer_entry (queue_id, person_id)"
    " WHERE state IN ('waiting', 'offered')",
    "CREATE INDEX IF NOT EXISTS offer_entry_due ON offer_entry (expires_at)"
    " WHERE state = 'offered'",
    "CREATE INDEX IF NOT EXISTS offer_entry_live ON offer_entry (queue_id, place)"
    " WHERE state IN ('waiting', 'offered')",
    "CREATE INDEX IF NOT EXISTS offer_entry_person ON offer_entry (person_id)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
