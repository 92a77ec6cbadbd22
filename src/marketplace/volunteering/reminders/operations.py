"""Finding the reminders that are due, and having each sent once."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import audit, clock, db
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM
from marketplace.volunteering.reminders.rules import TERMS, Event, Kind, due

BATCH = 200


async def remind() -> int:
    """Have every reminder that is due sent; gives how many.

    Two workers may do this at once: the row of a reminder can be written once, and the event
    that sends it is in the same transaction.
    """
    total = 0
    for kind in Kind:
        # What is left for the morning must not hide what is due elsewhere, so it goes in pages.
        last = None
        while batch := await _candidates(kind, last):
            total += await _remind(kind, batch)
            last = batch[-1]["starts_at"], batch[-1]["id"]
    return total


async def _candidates(kind: Kind, after: tuple[datetime, UUID] | None) -> list[dict[str, Any]]:
    term, now = TERMS[kind], clock.now()
    starts, id = after or (now, None)
    return await db.fetch(
        "SELECT b.id, b.organisation_id, b.booked_at, s.starts_at, s.zone FROM shift s"
        " JOIN booking b ON b.shift_id = s.id AND b.state = 'confirmed'"
        " AND b.booked_at < s.starts_at - {}::interval"
        " WHERE s.state = 'planned' AND s.starts_at > {} AND s.starts_at <= {}"
        " AND ({}::uuid IS NULL OR (s.starts_at, b.id) > ({}, {}::uuid))"
        " AND NOT EXISTS (SELECT FROM reminder r WHERE r.booking_id = b.id AND r.kind = {})"
        " ORDER BY s.starts_at, b.id LIMIT {}",
        term.ahead,
        now + term.until,
        now + term.ahead,
        id,
        starts,
        id,
        kind.value,
        BATCH,
    )


async def _remind(kind: Kind, batch: list[dict[str, Any]]) -> int:
    now = clock.now()
    ready = [
        row
        for row in batch
        if due(kind, row["booked_at"], row["starts_at"], now, ZoneInfo(row["zone"]))
    ]
    if not ready:
        return 0
    sent = 0
    async with db.transaction():
        for row in ready:
            made = await db.fetch_value(
                "INSERT INTO reminder (id, booking_id, kind, at) VALUES ({}, {}, {}, {})"
                " ON CONFLICT (booking_id, kind) DO NOTHING RETURNING id",
                new_id(),
                row["id"],
                kind.value,
                now,
            )
            if made is not None:
                sent += 1
                await audit.record(
                    Event.DUE,
                    "booking",
                    row["id"],
                    by=SYSTEM,
                    organisation=row["organisation_id"],
                    data={"kind": kind.value},
                )
    return sent
