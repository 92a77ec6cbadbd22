"""Reminders of borrowing: when they are due, also in summer, and that each goes once."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.factories_things import a_loan, a_reservation, a_site, a_thing

from marketplace import clock, db
from marketplace.things.reminders import operations
from marketplace.things.reminders.rules import DAY, WEEK, Kind, due, window, words
from marketplace.things.rules import ReservationState
from marketplace.things.tables import Reservation

LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)


def on(day: date, hour: int) -> datetime:
    return clock.instant(day, time(hour), LONDON)


def sends(kind: Kind, first: date, last: date, now: datetime, since: datetime) -> bool:
    times = window(kind, first, last, on(first, 10), on(last, 16), LONDON)
    return due(since, times, now, LONDON)


# A loan from the Saturday before a clock change to the Sunday of it, or across one.
@pytest.mark.parametrize("first", [date(2027, 3, 27), date(2027, 10, 30), date(2027, 7, 10)])
def test_a_reminder_comes_at_nine_the_day_before_by_the_wall_clock(first: date):
    last, long_ago = first + DAY, on(first - WEEK, 12)
    for kind, day in (
        (Kind.COLLECT, first - DAY),
        (Kind.RETURN, last - DAY),
        (Kind.OVERDUE, last + DAY),
        (Kind.OVERDUE_WEEK, last + WEEK),
    ):
        since = long_ago
        assert not sends(kind, first, last, on(day, 9) - timedelta(seconds=1), since)
        assert sends(kind, first, last, on(day, 9), since)
        assert sends(kind, first, last, on(day, 20), since)
        assert not sends(kind, first, last, on(day, 21), since), "nobody is woken"
        # Whoever reserved or collected later than that has just read it.
        assert not sends(kind, first, last, on(day, 20), on(day, 10))


def test_what_is_too_late_says_nothing():
    first = last = date(2027, 7, 10)
    long_ago = on(first - WEEK, 12)
    assert not sends(Kind.COLLECT, first, last, on(first, 8), long_ago)
    assert sends(Kind.RETURN, first, last, on(last, 13), long_ago)
    assert not sends(Kind.RETURN, first, last, on(last, 14), long_ago)
    assert not sends(Kind.OVERDUE, first, last, on(last + WEEK, 9), long_ago)
    assert not sends(Kind.OVERDUE_WEEK, first, last, on(last + 2 * WEEK, 9), long_ago)


def test_the_words_count_days():
    first, last = date(2027, 7, 10), date(2027, 7, 12)
    assert words(Kind.COLLECT, first, last, on(first - DAY, 9), LONDON) == "tomorrow"
    assert words(Kind.RETURN, first, last, on(last, 9), LONDON) == "today"
    assert words(Kind.OVERDUE, first, last, on(last + DAY, 9), LONDON) == "yesterday"
    assert words(Kind.OVERDUE_WEEK, first, last, on(last + WEEK, 9), LONDON) == "7 days ago"


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    at = datetime.combine(clock.today(), time(12), tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


async def sent() -> list[str]:
    rows = await db.fetch(
        "SELECT data ->> 'kind' AS kind FROM history WHERE event = 'loan_reminder.due' ORDER BY 1"
    )
    return [row["kind"] for row in rows]


async def test_each_goes_once_and_nothing_of_what_is_over(db: Any, noon: datetime):
    today = clock.today()
    thing = await a_thing(units=9)
    earlier = {"reserved_at": noon - WEEK}
    await a_reservation(thing, first=today + DAY, **earlier)
    await a_reservation(thing, first=today + 2 * DAY, **earlier)
    await a_reservation(thing, first=today + DAY, reserved_at=noon - HOUR)
    await a_loan(thing, first=today - 2 * DAY, last=today + DAY)
    await a_loan(thing, first=today - 3 * DAY, last=today - DAY)
    await a_loan(thing, first=today - 9 * DAY, last=today - WEEK)
    for first in (today + DAY, today - 9 * DAY):
        for state in (ReservationState.CANCELLED, ReservationState.RETURNED):
            over = await a_reservation(thing, first=first, last=first, **earlier)
            await db.execute("DELETE FROM occupancy WHERE reservation_id = {}", over)
            await Reservation.update(
                {
                    Reservation.state: state,
                    Reservation.cancelled_at: noon if state == "cancelled" else None,
                    Reservation.cancelled_by: "borrower" if state == "cancelled" else None,
                    Reservation.returned_at: noon if state == "returned" else None,
                    Reservation.out_at: noon - DAY if state == "returned" else None,
                    Reservation.unit_id: await db.fetch_value("SELECT id FROM unit LIMIT 1")
                    if state == "returned"
                    else None,
                }
            ).where(Reservation.id == over)
    assert await operations.remind() == 4
    assert await operations.remind() == 0
    assert await sent() == ["collect", "overdue", "overdue_week", "return"]


async def test_whoever_has_no_unit_is_not_asked_to_collect_it(db: Any, noon: datetime):
    await a_reservation(first=clock.today() + DAY, reserved_at=noon - WEEK)
    await db.execute("UPDATE occupancy SET state = 'unplaced', unit_id = NULL")
    assert await operations.remind() == 0


async def test_two_workers_remind_once(db: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch):
    thing = await a_thing(await a_site(), units=3)
    for _ in range(3):
        await a_reservation(thing, first=clock.today() + DAY, reserved_at=noon - WEEK)
    both, candidates, seen = asyncio.Barrier(2), operations._candidates, []

    async def together(kind: Kind, after: Any) -> Any:
        found = await candidates(kind, after)
        # Neither goes on before both have read the same.
        if kind is Kind.COLLECT and after is None:
            await both.wait()
            seen.extend(row["id"] for row in found)
        return found

    monkeypatch.setattr(operations, "_candidates", together)
    assert sum(await asyncio.gather(operations.remind(), operations.remind())) == 3
    assert len(await sent()) == 3
    # Without the one row a reminder, each of them would have gone twice.
    assert len(seen) == 6
