"""The queue as both its ends know it: kinds of job, what they carry, and whether anybody works."""

from uuid import UUID

from marketplace import db
from marketplace.audit import EVENT_JOB, REACTION_JOB

SCHEDULE_JOB = "schedule"
JOBS = (EVENT_JOB, REACTION_JOB, SCHEDULE_JOB)
# Any number; with a hash of its name it makes the advisory lock that says a worker lives.
ALIVE = 726_210


def reaction_payload(entry: UUID, reaction: str) -> bytes:
    """Give the payload of a reaction job."""
    return entry.bytes + reaction.encode()


def read_payload(payload: bytes) -> tuple[UUID, str]:
    """Read the payload of an event or reaction job: the history row, and the name ("" if none)."""
    return UUID(bytes=payload[:16]), payload[16:].decode()


async def queue_answers() -> bool:
    """Tell whether the database and the queue in it answer; never raises."""
    try:
        await db.fetch_value("SELECT count(*) FROM (SELECT FROM pgqueuer LIMIT 1) AS queue")
    except Exception:  # However it fails to answer.
        return False
    return True


async def workers() -> int:
    """Count the workers that are connected now."""
    return await db.fetch_value(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND classid::bigint = {}",
        ALIVE,
    )
