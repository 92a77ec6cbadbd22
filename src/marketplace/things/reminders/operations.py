"""Having the reminders that are due sent."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from marketplace import clock, db, reminding
from marketplace.reminding import BATCH, After, Row
from marketplace.things.reminders.rules import DAY, WEEK, Event, Kind, due, window

# Where to look: from and until so long after now, by the instant that a kind goes by. The rules
# judge by days and wall clocks; these are a day wider than any of them can be.
_SEEN: dict[Kind, tuple[str, str, timedelta, timedelta]] = {
    Kind.COLLECT: ("reserved", "starts_at", timedelta(0), 3 * DAY),
    Kind.RETURN: ("out", "ends_at", timedelta(0), 3 * DAY),
    Kind.OVERDUE: ("out", "ends_at", -WEEK - 2 * DAY, timedelta(0)),
    Kind.OVERDUE_WEEK: ("out", "ends_at", -2 * WEEK - 2 * DAY, -WEEK + 2 * DAY),
}


async def remind() -> int:
    """Have every reminder that is due sent; gives how many."""
    return await reminding.remind(
        Kind, _candidates, _due, event=Event.DUE, subject="reservation", table="loan_reminder"
    )


async def _candidates(kind: Kind, after: After | None) -> list[Row]:
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


def _due(kind: Kind, row: Row, now: datetime) -> bool:
    zone = ZoneInfo(row["zone"])
    days = row["first_day"], row["last_day"], row["starts_at"], row["ends_at"]
    return due(row["since"], window(kind, *days, zone), now, zone)
