"""Fifty people press the button for the last place together, at two server processes."""

import asyncio
import time
from collections import Counter
from itertools import cycle
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.browser import Page
from tests.factories import a_shift, an_opportunity
from tests.wide.processes import Server, environment, running
from tests.wide.visitors import Visitor, at_once, crowd

PEOPLE = 50
Servers = tuple[Server, Server]


def doors(visitors: list[Visitor], servers: Servers) -> list[str]:
    """Send half of the people to each server."""
    return [server.address for _, server in zip(visitors, cycle(servers), strict=False)]


async def race(visitors: list[Visitor], servers: Servers, shift: UUID) -> list[httpx.Response]:
    """Let everybody open the page, each over a connection that stays open, then book together."""
    action = f"/shifts/{shift}/booking"
    there = list(zip(visitors, doors(visitors, servers), strict=True))
    forms = await asyncio.gather(*(each.form(door, action, action) for each, door in there))
    return await at_once(
        [(each, door, action, form) for (each, door), form in zip(there, forms, strict=True)]
    )


async def booked(db: Any, shift: UUID) -> tuple[int, int, int, int]:
    """Count what the shift says is taken, bookings, their history and their jobs."""
    row = await db.fetch_one(
        "SELECT s.taken, (SELECT count(*) FROM booking WHERE shift_id = s.id) AS bookings,"
        " (SELECT count(*) FROM history h JOIN booking b ON b.id = h.subject_id"
        "  WHERE b.shift_id = s.id AND h.event = 'booking.made') AS entries,"
        " (SELECT count(*) FROM pgqueuer q JOIN history h ON q.payload = uuid_send(h.id)"
        "  JOIN booking b ON b.id = h.subject_id WHERE b.shift_id = s.id) AS jobs"
        " FROM shift s WHERE s.id = {}",
        shift,
    )
    return row["taken"], row["bookings"], row["entries"], row["jobs"]


@pytest.mark.parametrize(("places", "rounds"), [(1, 3), (5, 1)])
async def test_as_many_win_as_there_are_places(
    db: Any, servers: Servers, places: int, rounds: int
) -> None:
    opportunity = await an_opportunity()
    async with crowd(PEOPLE) as visitors:
        for number in range(rounds):
            shift = await a_shift(opportunity, places=places, hours=1)
            began = time.perf_counter()
            answers = await race(visitors, servers, shift)
            statuses = Counter(answer.status_code for answer in answers)
            took = time.perf_counter() - began
            print(f"round {number + 1}: {dict(statuses)}, {took:.1f} s with opening the pages")
            assert statuses == {303: places, 409: PEOPLE - places}
            for answer in answers:
                if answer.status_code == 409:
                    said = Page(answer).words()
                    assert "That shift is full. There are no other places at the moment." in said
                else:
                    assert answer.headers["location"] == f"/opportunities/{opportunity}"
            assert await booked(db, shift) == (places, places, places, places)
            # So that a winner is not refused the next one for being in two places at once.
            await db.execute("UPDATE booking SET state = 'no_show' WHERE shift_id = {}", shift)


async def test_the_unguarded_twin_oversells(db: Any, owner: Any, database_url: str) -> None:
    settings = environment(database_url)
    one, two = (Server(settings=settings, module="tests.wide.unguarded") for _ in range(2))
    sold: list[int] = []
    await owner.execute(
        "DROP SCHEMA IF EXISTS unguarded CASCADE; CREATE SCHEMA unguarded;"
        " CREATE TABLE unguarded.shift AS SELECT * FROM shift WITH NO DATA;"
        " CREATE TABLE unguarded.booking AS SELECT * FROM booking WITH NO DATA"
    )
    try:
        async with running(one, two), crowd(PEOPLE) as visitors:
            there = list(zip(visitors, doors(visitors, (one, two)), strict=True))
            for _ in range(3):
                shift = await a_shift(places=1)
                await owner.execute(
                    "INSERT INTO unguarded.shift SELECT * FROM shift WHERE id = $1", shift
                )
                await asyncio.gather(*(each.open(door, "/readyz") for each, door in there))
                answers = await at_once(
                    [
                        (each, door, "/", [("shift", str(shift)), ("person", str(each.id))])
                        for each, door in there
                    ]
                )
                won = sum(answer.status_code == 303 for answer in answers)
                sold.append(
                    await owner.fetchval(
                        "SELECT count(*) FROM unguarded.booking WHERE shift_id = $1", shift
                    )
                )
                assert won == sold[-1]
        print(f"the twin sold its one place {sold} times")
        assert max(sold) > 1, "people overlap too little here to prove anything"
    finally:
        await owner.execute("DROP SCHEMA IF EXISTS unguarded CASCADE")
