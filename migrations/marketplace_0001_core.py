"""What every feature stands on: extensions, history, form keys, rate limits, the job queue."""

from pgqueuer.adapters.persistence.schema_ddl import render_converge
from pgqueuer.domain.settings import DBSettings, Durability

from marketplace.db.migrations import append_only, sql_migration

ID = "2026-11-22T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Extensions, history, idempotency keys, rate limits and the job queue"

STATEMENTS = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    "CREATE EXTENSION IF NOT EXISTS fuzzystrmatch",
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    CREATE TABLE IF NOT EXISTS history (
        id uuid PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        at timestamptz NOT NULL DEFAULT now(),
        event text NOT NULL,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        actor_id uuid,
        on_behalf_of uuid,
        organisation_id uuid,
        data jsonb NOT NULL DEFAULT '{}',
        request_id text
    )
    """,
    "CREATE INDEX IF NOT EXISTS history_subject ON history (subject_type, subject_id, seq)",
    "CREATE INDEX IF NOT EXISTS history_actor ON history (actor_id, seq)",
    "CREATE INDEX IF NOT EXISTS history_organisation ON history (organisation_id, seq)",
    *append_only("history"),
    """
    CREATE TABLE IF NOT EXISTS idempotency_key (
        key text PRIMARY KEY,
        fingerprint text NOT NULL,
        address text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS idempotency_key_created_at ON idempotency_key (created_at)",
    # Unlogged: counts of tries need not outlive a crash, and are written often.
    """
    CREATE UNLOGGED TABLE IF NOT EXISTS rate_bucket (
        key text PRIMARY KEY,
        window_start timestamptz NOT NULL,
        count integer NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS rate_bucket_window_start ON rate_bucket (window_start)",
    # PgQueuer's own statements, in the form that may be run again. Durable: a lost job would be
    # mail never sent.
    *render_converge(DBSettings(durability=Durability.durable)),
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
