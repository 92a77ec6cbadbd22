"""A random life of a library: at no step do two share a unit, and nobody's reservation is lost."""

import random
from datetime import timedelta

import pytest
from tests.factories import a_person, acting
from tests.factories_things import a_thing, overlaps

from marketplace import clock, db
from marketplace.errors import Conflict
from marketplace.things.catalogue import units
from marketplace.things.desk import operations as desk
from marketplace.things.reservations import operations as reservations
from marketplace.things.rules import UnitState

pytestmark = pytest.mark.usefixtures("db")
STEPS = 300


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_three_hundred_random_steps(seed):
    chance = random.Random(seed)
    thing = await a_thing(units=4, max_days=5, ahead_days=40, hours_after=chance.choice([0, 20]))
    organisation = await db.fetch_value("SELECT organisation_id FROM thing WHERE id = {}", thing)
    librarian = acting(await a_person(), librarian=organisation)
    people = [await a_person(name=f"Person {number}") for number in range(6)]
    today = clock.today()
    done: dict[str, int] = {}
    live = 0

    async def ids(state):
        rows = await db.fetch("SELECT id FROM reservation WHERE state = {} ORDER BY id", state)
        return [row["id"] for row in rows]

    async def some(state):
        found = await ids(state)
        return chance.choice(found) if found else None

    async def due():
        rows = await db.fetch(
            "SELECT id FROM reservation WHERE state = 'reserved' AND first_day = {} ORDER BY id",
            today,
        )
        return chance.choice(rows)["id"] if rows else await some("reserved")

    async def step():
        verb = chance.choices(
            ["reserve", "cancel", "hand over", "take back", "break", "mend"],
            [10, 2, 5, 3, 1, 2],
        )[0]
        unit = chance.choice(
            await db.fetch("SELECT id, state FROM unit WHERE thing_id = {} ORDER BY id", thing)
        )
        if verb == "reserve":
            first = today + timedelta(days=chance.choice([0, 0, 0, *range(1, 12)]))
            last = first + timedelta(days=chance.randrange(5))
            await reservations.reserve(chance.choice(people).actor, thing, first, last)
        elif verb == "cancel" and (id := await some("reserved")):
            await desk.cancel(librarian, id, reason="so it fell")
        elif verb == "hand over" and (id := await due()):
            await desk.hand_over(librarian, id, unit_id=unit["id"])
        elif verb == "take back" and (id := await some("out")):
            await desk.take_back(librarian, id, needs_repair=chance.random() < 0.2)
        elif verb == "break":
            await units.set_state(librarian, unit["id"], UnitState.IN_REPAIR)
        elif verb == "mend":
            await units.set_state(librarian, unit["id"], UnitState.AVAILABLE)
        else:
            return
        done[verb] = done.get(verb, 0) + 1

    for number in range(STEPS):
        before = {s: len(await ids(s)) for s in ("reserved", "out")}
        try:
            await step()
        except Conflict:
            assert {s: len(await ids(s)) for s in ("reserved", "out")} == before
        assert await overlaps() == 0, number
        wrong = await db.fetch(
            "SELECT r.id, r.state, o.state AS occupancy FROM reservation r"
            " LEFT JOIN occupancy o ON o.reservation_id = r.id"
            " LEFT JOIN unit u ON u.id = o.unit_id"
            " WHERE NOT CASE r.state"
            "  WHEN 'reserved' THEN o.state = 'unplaced' AND o.unit_id IS NULL"
            "   OR o.state = 'held' AND u.state = 'available'"
            "  WHEN 'out' THEN o.state = 'out' AND o.unit_id = r.unit_id"
            "  ELSE o.state IN ('released', 'turnaround') END"
        )
        assert not wrong, (number, wrong)
        # Nobody waits while somebody could have been given a unit that stays free throughout.
        idle = await db.fetch_value(
            "SELECT count(*) FROM occupancy o JOIN unit u ON u.thing_id = o.thing_id"
            " AND u.state = 'available' WHERE o.state = 'unplaced' AND o.blocked_until > now()"
            " AND NOT EXISTS (SELECT FROM occupancy x WHERE x.unit_id = u.id"
            "  AND x.state IN ('held', 'out', 'turnaround', 'blocked')"
            "  AND x.blocked_from < o.blocked_until AND x.blocked_until > o.blocked_from)"
        )
        assert idle == 0, number
        live = max(live, sum(before.values()))
    print(f"seed {seed}: {done}, at most {live} live reservations at once")
    assert min(done.get(verb, 0) for verb in ("reserve", "hand over", "take back", "mend")) > 3
