"""Reading queues. Who may read one is the caller's to ask: this feature knows no subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.offers.rules import EntryState, Mode


@dataclass(frozen=True, slots=True)
class Subject:
    """What people wait for, and whose it is."""

    type: str
    id: UUID
    organisation_id: UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's time in one queue; `place` orders it, instants are aware UTC."""

    id: UUID
    subject: Subject
    mode: Mode
    person_id: UUID
    place: int
    state: EntryState
    joined_at: datetime
    expires_at: datetime | None
    reason: str

    def state_at(self, now: datetime) -> EntryState:
        """Give its state, also where an offer has run out and nobody has noted it yet."""
        if self.state is EntryState.OFFERED and self.expires_at and self.expires_at <= now:
            return EntryState.EXPIRED
        return self.state


# For whoever joins its own tables to entries `e` of queues `q`; `entry_of` reads the columns.
COLUMNS = (
    "e.id, q.subject_type, q.subject_id, q.organisation_id, q.mode, e.person_id, e.place,"
    " e.state, e.joined_at, e.expires_at, e.reason"
)
TABLES = "FROM offer_entry e JOIN offer_queue q ON q.id = e.queue_id"
# How many wait up to and with the entry: 1 is the next.
POSITION = (
    "(SELECT count(*)::int FROM offer_entry ahead WHERE ahead.queue_id = e.queue_id"
    " AND ahead.place <= e.place AND ahead.state = 'waiting')"
)
_SELECT = f"SELECT {COLUMNS} {TABLES}"


def entry_of(row: dict[str, Any]) -> Entry:
    """Make an entry of `COLUMNS`, which it takes out of the row."""
    subject = Subject(row.pop("subject_type"), row.pop("subject_id"), row.pop("organisation_id"))
    return Entry(
        subject=subject,
        state=EntryState(row.pop("state")),
        mode=Mode(row.pop("mode")),
        id=row.pop("id"),
        person_id=row.pop("person_id"),
        place=row.pop("place"),
        joined_at=row.pop("joined_at"),
        expires_at=row.pop("expires_at"),
        reason=row.pop("reason"),
    )


async def entry(id: UUID) -> Entry | None:
    """Read one entry."""
    row = await db.fetch_one(f"{_SELECT} WHERE e.id = {{}}", id)
    return entry_of(row) if row else None


async def mode(type: str, id: UUID) -> Mode | None:
    """Tell who is offered what comes free; None where nobody ever waited."""
    found = await db.fetch_value(
        "SELECT mode FROM offer_queue WHERE subject_type = {} AND subject_id = {}", type, id
    )
    return Mode(found) if found else None


async def live(type: str, id: UUID, limit: int = 1000) -> list[Entry]:
    """List who waits or has an offer, in order."""
    rows = await db.fetch(
        f"{_SELECT} WHERE q.subject_type = {{}} AND q.subject_id = {{}}"
        " AND e.state IN ('waiting', 'offered') ORDER BY e.place LIMIT {}",
        type,
        id,
        limit,
    )
    return [entry_of(row) for row in rows]


async def first_waiting(type: str, id: UUID) -> Entry | None:
    """Read who is next."""
    row = await db.fetch_one(
        f"{_SELECT} WHERE q.subject_type = {{}} AND q.subject_id = {{}}"
        " AND e.state = 'waiting' ORDER BY e.place LIMIT 1",
        type,
        id,
    )
    return entry_of(row) if row else None


async def of_person(person_id: UUID, type: str, ids: Sequence[UUID]) -> list[Entry]:
    """List the live entries of one person on some subjects."""
    if not ids:
        return []
    rows = await db.fetch(
        f"{_SELECT} WHERE e.person_id = {{}} AND q.subject_type = {{}}"
        " AND q.subject_id = ANY({}::uuid[]) AND e.state IN ('waiting', 'offered')",
        person_id,
        type,
        list(ids),
    )
    return [entry_of(row) for row in rows]
