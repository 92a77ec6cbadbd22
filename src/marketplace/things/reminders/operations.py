"""Finding the reminders that are due, and having each sent once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import audit, clock, db
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM
from marketplace.things.reminders.rules import DAY, WEEK, Event, Kind, due, window

BATCH = 200
# Where to look: from and until so long after now, by the instant that a kind goes by. The rules
# judge by days and wall clocks; these are a day wider than any of them can be.
_SEEN: dict[Kind, tuple[str, str, timedelta, timedelta]] = {
    Kind.COLLECT: ("reserved", "starts_at", timedelta(0), 3 * DAY),
    Kind.RETURN: ("out", "ends_at", timedelta(0), 3 * DAY),
    Kind.OVERDUE: ("out", "ends_at", -WEEK - 2 * DAY, timedelta(0)),
    Kind.OVERDUE_WEEK: ("out", "ends_at", -2 * WEEK - 2 * DAY, -WEEK + 2 * DAY),
}


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
            last = batch[-1]["goes_by"], batch[-1]["id"]
    return total


async def _candidates(kind: Kind, after: tuple[datetime, UUID] | None) -> list[dict[str, Any]]:
    state, column, begin, end = _SEEN[kind]
    now = clock.now()
    at, id = after or (now, None)
    return await db.fetch(
        "SELECT r.id, r.organisation_id, r.first_day, r.last_day, r.starts_at, r.ends_at, r.zone,"  # noqa: S608
        f" coalesce(r.out_at, r.reserved_at) AS since, r.{column} AS goes_by FROM reservation r"
        f" WHERE r.state = '{state}' AND r.{column} > {{}} AND r.{column} <= {{}}"
        f" AND ({{}}::uuid IS NULL OR (r.{column}, r.id) > ({{}}, {{}}::uuid))"
        " AND NOT EXISTS (SELECT FROM occupancy o WHERE o.reservation_id = r.id"
        "  AND o.state = 'unplaced')"
        " AND NOT EXISTS (SELECT FROM loan_reminder m WHERE m.reservation_id = r.id"
        "  AND m.kind = {})"
        f" ORDER BY r.{column}, r.id LIMIT {{}}",
        now + begin,
        now + end,
        id,
        at,
        id,
        kind.value,
        BATCH,
    )


def _due(kind: Kind, row: dict[str, Any], now: datetime) -> bool:
    zone = ZoneInfo(row["zone"])
    days = row["first_day"], row["last_day"], row["starts_at"], row["ends_at"]
    return due(row["since"], window(kind, *days, zone), now, zone)


async def _remind(kind: Kind, batch: list[dict[str, Any]]) -> int:
    now = clock.now()
    ready = [row for row in batch if _due(kind, row, now)]
    if not ready:
        return 0
    sent = 0
    async with db.transaction():
        for row in ready:
            made = await db.fetch_value(
                "INSERT INTO loan_reminder (id, reservation_id, kind, at) VALUES ({}, {}, {}, {})"
                " ON CONFLICT (reservation_id, kind) DO NOTHING RETURNING id",
                new_id(),
                row["id"],
                kind.value,
                now,
            )
            if made is not None:
                sent += 1
                await audit.record(
                    Event.DUE,
                    "reservation",
                    row["id"],
                    by=SYSTEM,
                    organisation=row["organisation_id"],
                    data={"kind": kind.value},
                )
    return sent
