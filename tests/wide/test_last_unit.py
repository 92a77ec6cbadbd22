"""Fifty people reserve the last unit of a thing on one day together, at two server processes."""

import asyncio
import time
from collections import Counter
from itertools import cycle
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.browser import Page
from tests.factories_things import a_day, a_thing, overlaps
from tests.wide.processes import Server
from tests.wide.visitors import Visitor, at_once, crowd

PEOPLE = 50
Servers = tuple[Server, Server]
DAY = a_day()


async def race(visitors: list[Visitor], servers: Servers, thing: UUID) -> list[httpx.Response]:
    """Let everybody open the page at one of the servers, then reserve together."""
    action = f"/things/{thing}/reservation"
    there = [(each, server.address) for each, server in zip(visitors, cycle(servers), strict=False)]
    forms = await asyncio.gather(
        *(each.form(door, f"{action}?first={DAY}&last={DAY}", action) for each, door in there)
    )
    return await at_once(
        [(each, door, action, form) for (each, door), form in zip(there, forms, strict=True)]
    )


async def made(db: Any, thing: UUID) -> tuple[int, int, int, int]:
    """Count reservations, units held, their history and their jobs."""
    row = await db.fetch_one(
        "SELECT (SELECT count(*) FROM reservation WHERE thing_id = t.id) AS reservations,"
        " (SELECT count(DISTINCT unit_id) FROM occupancy WHERE thing_id = t.id"
        "  AND state = 'held') AS held,"
        " (SELECT count(*) FROM history h JOIN reservation r ON r.id = h.subject_id"
        "  WHERE r.thing_id = t.id AND h.event = 'reservation.made') AS entries,"
        " (SELECT count(*) FROM pgqueuer q JOIN history h ON q.payload = uuid_send(h.id)"
        "  JOIN reservation r ON r.id = h.subject_id WHERE r.thing_id = t.id) AS jobs"
        " FROM thing t WHERE t.id = {}",
        thing,
    )
    return row["reservations"], row["held"], row["entries"], row["jobs"]


@pytest.mark.parametrize(("units", "rounds"), [(1, 3), (2, 1)])
async def test_as_many_win_as_there_are_units(
    db: Any, servers: Servers, units: int, rounds: int
) -> None:
    async with crowd(PEOPLE) as visitors:
        for number in range(rounds):
            thing = await a_thing(units=units)
            began = time.perf_counter()
            answers = await race(visitors, servers, thing)
            statuses = Counter(answer.status_code for answer in answers)
            took = time.perf_counter() - began
            print(f"round {number + 1}: {dict(statuses)}, {took:.1f} s with opening the pages")
            assert statuses == {303: units, 409: PEOPLE - units}
            which = "This is not" if units == 1 else "Neither of the two is"
            for answer in answers:
                if answer.status_code == 409:
                    said = Page(answer).words()
                    assert f"{which} free on" in said
                    assert "Free again from" in said
                else:
                    assert answer.headers["location"] == "/my/borrowing"
            assert await made(db, thing) == (units, units, units, units)
            assert await overlaps() == 0
