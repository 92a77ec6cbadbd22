"""Having the reminders that are due sent."""

from datetime import datetime
from zoneinfo import ZoneInfo

from marketplace import clock, db, reminding
from marketplace.reminding import BATCH, After, Row
from marketplace.volunteering.reminders.rules import TERMS, Event, Kind, due


async def remind() -> int:
    """Have every reminder that is due sent; gives how many."""
    return await reminding.remind(
        Kind, _candidates, _due, event=Event.DUE, subject="booking", table="reminder"
    )


async def _candidates(kind: Kind, after: After | None) -> list[Row]:
    term, now = TERMS[kind], clock.now()
    starts, id = after or (now, None)
    return await db.fetch(
        "SELECT b.id, b.organisation_id, b.booked_at, s.starts_at, s.zone,"
        " s.starts_at AS goes_by FROM shift s"
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


def _due(kind: Kind, row: Row, now: datetime) -> bool:
    return due(kind, row["booked_at"], row["starts_at"], now, ZoneInfo(row["zone"]))
