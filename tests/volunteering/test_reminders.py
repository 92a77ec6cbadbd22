"""Reminders: when they are due, that each goes once, and that they give places back."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.factories import a_booking, a_person, a_shift

from marketplace import clock, db
from marketplace.volunteering.reminders import operations
from marketplace.volunteering.reminders.rules import Kind, ahead_words, due, quiet

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
DAY, WEEK, HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "ahead", "answer"),
    [
        (Kind.DAY, DAY + HOUR, False),
        (Kind.DAY, DAY, True),
        (Kind.DAY, 3 * HOUR, True),
        (Kind.DAY, 2 * HOUR, False),
        (Kind.WEEK, WEEK + HOUR, False),
        (Kind.WEEK, WEEK, True),
        (Kind.WEEK, 2 * DAY, False),
    ],
)
def test_a_reminder_has_its_time(kind: Kind, ahead: timedelta, answer: bool):
    assert due(kind, NOON - 30 * DAY, NOON + ahead, NOON, LONDON) is answer


def test_whoever_booked_after_its_moment_gets_none():
    starts = NOON + 20 * HOUR
    assert due(Kind.DAY, starts - DAY - HOUR, starts, NOON, LONDON)
    assert not due(Kind.DAY, starts - DAY, starts, NOON, LONDON)


def test_nobody_is_woken_also_in_summer():
    assert quiet(datetime(2027, 3, 10, 21, tzinfo=UTC), LONDON)
    assert not quiet(datetime(2027, 7, 10, 7, tzinfo=UTC), LONDON)  # 8am in July
    assert quiet(datetime(2027, 7, 10, 20, tzinfo=UTC), LONDON)  # 9pm in July
    starts = datetime(2027, 7, 10, 20, 30, tzinfo=UTC)
    night = starts - DAY
    assert not due(Kind.DAY, night - WEEK, starts, night, LONDON)
    morning = datetime(2027, 7, 10, 7, tzinfo=UTC)
    assert due(Kind.DAY, night - WEEK, starts, morning, LONDON)
    assert ahead_words(starts, morning, LONDON) == "Today"
    assert ahead_words(starts, night, LONDON) == "Tomorrow"


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    at = datetime.combine(clock.today(), NOON.time(), tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


async def sent() -> int:
    return await db.fetch_value("SELECT count(*) FROM history WHERE event = 'reminder.due'")


async def test_a_booking_is_reminded_of_once_a_kind(db: Any, noon: datetime):
    shift = await a_shift(starts_at=noon + timedelta(hours=20))
    await a_booking(shift, booked_at=noon - timedelta(days=30))
    await a_booking(shift, booked_at=noon - timedelta(hours=1))
    await a_booking(
        await a_shift(starts_at=noon + timedelta(days=6)), booked_at=noon - timedelta(days=30)
    )
    assert await operations.remind() == 2
    assert await operations.remind() == 0
    assert await sent() == 2


async def test_two_workers_remind_once(db: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch):
    shift = await a_shift(starts_at=noon + timedelta(hours=20), places=9)
    for _ in range(3):
        await a_booking(shift, booked_at=noon - timedelta(days=30))
    both = asyncio.Barrier(2)
    candidates = operations._candidates
    seen = []

    async def together(kind: Kind, after: Any) -> Any:
        found = await candidates(kind, after)
        # Neither goes on before both have read the same.
        if kind is Kind.DAY and after is None:
            await both.wait()
        seen.extend(row["id"] for row in found)
        return found

    monkeypatch.setattr(operations, "_candidates", together)
    assert sum(await asyncio.gather(operations.remind(), operations.remind())) == 3
    assert await sent() == 3
    # Without the one row a reminder, each of them would have gone twice.
    assert len(seen) == 6


async def test_no_reminder_of_what_is_off(db: Any, noon: datetime):
    off = await a_shift(starts_at=noon + timedelta(hours=20))
    booking = await a_booking(off, booked_at=noon - timedelta(days=30))
    await db.execute(
        "UPDATE booking SET state = 'cancelled', cancelled_by = 'volunteer' WHERE id = {}", booking
    )
    called_off = await a_shift(starts_at=noon + timedelta(hours=21), state="cancelled")
    await a_booking(called_off, (await a_person()).id, booked_at=noon - timedelta(days=30))
    assert await operations.remind() == 0
