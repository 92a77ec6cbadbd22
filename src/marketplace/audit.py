"""History and outbox in one: what happened is written once, and whoever cares is told once it did.

`record` writes one history row and enqueues one job in the transaction of the operation, so
neither exists without the other. The worker fans the job out to the reactions that the features
declare; each runs at least once and must be idempotent.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from pgqueuer import AsyncpgDriver, Queries

from marketplace import clock, db
from marketplace.ids import new_id
from marketplace.permissions import Actor

EVENT_JOB = "event"
REACTION_JOB = "reaction"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `data` holds ids, numbers and states, never personal values."""

    id: UUID
    at: datetime
    event: str
    subject_type: str
    subject_id: UUID
    actor_id: UUID | None
    organisation_id: UUID | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an event causes: `run` is idempotent, because it may run more than once."""

    event: StrEnum
    name: str
    run: Callable[[Entry], Awaitable[None]]


async def record(
    event: StrEnum,
    subject_type: str,
    subject_id: UUID,
    *,
    by: Actor,
    organisation: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> UUID:
    """Write what happened into history and the outbox; needs an open transaction.

    `data` may hold ids, numbers and states only, so that erasing a person needs no rewriting
    of history. Whoever acts for another is written down with them, under both names.
    """
    db.require_transaction()
    entry = new_id()
    await db.execute(
        "INSERT INTO history (id, at, event, subject_type, subject_id, actor_id,"
        " on_behalf_of, organisation_id, data, request_id)"
        " VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
        entry,
        clock.now(),
        event.value,
        subject_type,
        subject_id,
        by.person_id,
        by.acts_for(organisation),
        organisation,
        dict(data or {}),
        structlog.contextvars.get_contextvars().get("request_id"),
    )
    queue = Queries(AsyncpgDriver(db.connection()))
    await queue.enqueue(EVENT_JOB, entry.bytes)
    return entry


async def entry(id: UUID) -> Entry | None:
    """Read one history row."""
    row = await db.fetch_one(
        "SELECT id, at, event, subject_type, subject_id, actor_id, organisation_id, data"
        " FROM history WHERE id = {}",
        id,
    )
    return Entry(**row) if row else None
