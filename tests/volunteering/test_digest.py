"""The weekly digest: when it goes, what it tells, and that each goes once."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from tests.factories import APerson, a_booking, a_person, a_shift, an_opportunity
from tests.factories_messages import a_reader
from tests.factories_minors import born

from marketplace import clock, db
from marketplace.volunteering.digest import operations, queries
from marketplace.volunteering.digest.rules import MOST, NEW_FOR, Because, because, due

LONDON = ZoneInfo("Europe/London")
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        # The clocks go forward on 28 March 2027 and back on 31 October.
        (datetime(2027, 3, 23, 7, 59, tzinfo=UTC), None),
        (datetime(2027, 3, 23, 8, tzinfo=UTC), date(2027, 3, 23)),
        (datetime(2027, 3, 30, 6, 59, tzinfo=UTC), None),
        (datetime(2027, 3, 30, 7, tzinfo=UTC), date(2027, 3, 30)),
        (datetime(2027, 10, 26, 7, tzinfo=UTC), date(2027, 10, 26)),
        (datetime(2027, 11, 2, 7, 59, tzinfo=UTC), None),
        (datetime(2027, 11, 2, 8, tzinfo=UTC), date(2027, 11, 2)),
        # Not at night, and on no other day.
        (datetime(2027, 3, 30, 20, tzinfo=UTC), None),
        (datetime(2027, 3, 31, 9, tzinfo=UTC), None),
    ],
)
def test_it_goes_on_tuesday_mornings_by_the_wall_clock(at: datetime, day: date | None):
    assert due(at, LONDON) == day


def test_what_is_worth_telling():
    now = datetime(2027, 3, 30, 8, tzinfo=UTC)
    assert because(now - NEW_FOR, False, now) is None
    assert because(now - NEW_FOR, True, now) is Because.SHORT
    assert because(now - timedelta(days=1), False, now) is Because.NEW
    assert because(None, False, now) is None


class Weeks:
    """A clock that stands on a Tuesday morning, and can go on by weeks."""

    def __init__(self) -> None:
        today = clock.today()
        tuesday = today + timedelta(days=(1 - today.weekday()) % 7)
        self.now = datetime.combine(tuesday, datetime.min.time(), tzinfo=UTC).replace(hour=9)


@pytest.fixture
def tuesday(monkeypatch: pytest.MonkeyPatch) -> Weeks:
    weeks = Weeks()
    monkeypatch.setattr(clock, "now", lambda: weeks.now)
    return weeks


@pytest.fixture
async def vera(db: Any) -> APerson:
    person = await a_person(name="Vera", email="vera@example.org", postcode="CM2 9AQ")
    await a_reader(person)
    return person


async def something(title: str, *, weeks: int = 3, **columns: Any) -> UUID:
    """An opportunity with a shift far enough ahead not to be short yet."""
    id = await an_opportunity(title=title, **columns)
    await a_shift(id, starts_at=clock.now() + weeks * WEEK)
    return id


async def told() -> list[list[str]]:
    """The titles of each digest that goes to somebody, the latest last."""
    rows = await db.fetch(
        "SELECT d.shown FROM history h JOIN digest d ON d.id = h.subject_id"
        " WHERE h.event = 'digest.due' ORDER BY h.id"
    )
    titles = {
        row["id"]: row["title"] for row in await db.fetch("SELECT id, title FROM opportunity")
    }
    return [[titles[id] for id in row["shown"]] for row in rows]


async def test_new_and_short_ones_are_told_of_the_best_first(vera: APerson, tuesday: Weeks):
    old = {"published_at": tuesday.now - 5 * WEEK}
    await something("Old, not short", **old)
    await something("Short", weeks=1, **old)
    full = await something("Full", weeks=1)
    shift = await db.fetch_value("SELECT id FROM shift WHERE opportunity_id = {}", full)
    for _ in range(4):
        await a_booking(shift)
    await something("New, far", point=None, town="", remote=True)
    await something("New, near")
    assert await operations.send_due() == 1
    assert await told() == [["New, near", "Short", "New, far"]]


async def test_so_many_at_most(vera: APerson, tuesday: Weeks):
    for number in range(MOST + 2):
        await something(f"Thing {number}")
    await operations.send_due()
    assert [len(titles) for titles in await told()] == [MOST]


async def test_never_the_same_twice_in_a_row_and_nothing_when_there_is_nothing(
    vera: APerson, tuesday: Weeks
):
    await something("First", weeks=6)
    assert await operations.send_due() == 1
    assert await operations.send_due() == 0
    await db.execute("UPDATE shift SET starts_at = {}", tuesday.now + 2 * WEEK)
    # Short by now, but told of last time, and the week after that too.
    for _ in range(2):
        tuesday.now += WEEK
        assert await operations.send_due() == 0
    await something("Second")
    tuesday.now += WEEK
    assert await operations.send_due() == 1
    assert await told() == [["Second"], ["Second"]]  # the row is that of the last one


@pytest.mark.parametrize(
    "change",
    [
        "suspended_at = now()",
        "anonymised_at = now()",
        "email_confirmed_at = NULL",
        "unclaimed_since = now()",
    ],
)
async def test_who_gets_none(vera: APerson, tuesday: Weeks, change: str):
    await something("Something")
    await db.execute(f"UPDATE person SET {change} WHERE id = {{}}", vera.id)
    assert await operations.send_due() == 0


async def test_nobody_known_to_be_under_18_gets_one(vera: APerson, tuesday: Weeks):
    await something("Something")
    await db.execute("UPDATE person SET born_on = {} WHERE id = {}", born(17), vera.id)
    assert await operations.send_due() == 0
    await db.execute("UPDATE person SET born_on = {} WHERE id = {}", born(18), vera.id)
    tuesday.now += WEEK
    await something("Something else")
    assert await operations.send_due() == 1


async def test_what_was_stopped_goes_on_and_one_failure_hides_nobody(
    db: Any, tuesday: Weeks, monkeypatch: pytest.MonkeyPatch
):
    await something("Something")
    people = [await a_person(postcode="CM2 9AQ") for _ in range(5)]
    for person in people:
        await a_reader(person)
    think, done = operations._think_of, 0

    async def broken(person: Any, day: date) -> bool:
        nonlocal done
        done += 1
        if done == 2:
            raise RuntimeError
        if done == 4:
            raise asyncio.CancelledError
        return await think(person, day)

    monkeypatch.setattr(operations, "_think_of", broken)
    with pytest.raises(asyncio.CancelledError):
        await operations.send_due()
    assert len(await told()) == 2
    monkeypatch.setattr(operations, "_think_of", think)
    monkeypatch.setattr(queries.wanting, "__defaults__", (2,))
    assert await operations.send_due() == 3
    rows = await db.fetch("SELECT data FROM history WHERE event = 'digest.due'")
    assert sorted(row["data"]["person"] for row in rows) == sorted(str(p.id) for p in people)


async def both_at_once(monkeypatch: pytest.MonkeyPatch) -> int:
    """Two workers that have both read who wants one before either goes on."""
    both, wanting = asyncio.Barrier(2), queries.wanting

    async def together(day: date, after: UUID | None) -> Any:
        found = await wanting(day, after)
        if after is None:
            await both.wait()
        return found

    monkeypatch.setattr(queries, "wanting", together)
    return sum(await asyncio.gather(operations.send_due(), operations.send_due()))


async def test_two_workers_send_each_once(
    vera: APerson, tuesday: Weeks, monkeypatch: pytest.MonkeyPatch
):
    await something("Something")
    await a_reader(await a_person(postcode="CM2 9AQ"))
    assert await both_at_once(monkeypatch) == 2
    assert len(await told()) == 2


async def test_the_race_is_one(vera: APerson, tuesday: Weeks, monkeypatch: pytest.MonkeyPatch):
    """Control: where nothing holds a person's row back, they get two."""
    await something("Something")

    async def unguarded(person_id: UUID, day: date, shown: list[UUID]) -> UUID:
        return person_id

    monkeypatch.setattr(operations, "_move_on", unguarded)
    assert await both_at_once(monkeypatch) == 2
