"""One form that arrives ten times at two servers at once is done once."""

import asyncio
import time
from collections import Counter
from typing import Any

from tests.browser import Page
from tests.factories import a_shift
from tests.wide.processes import Server
from tests.wide.visitors import at_once, crowd

KEYS = 30
COPIES = 10
# So many times ten at once meet often enough, and a slow machine still has connections for them.
WAVE = 6


async def test_ten_copies_of_thirty_forms_make_thirty_bookings(
    db: Any, servers: tuple[Server, Server]
) -> None:
    doors = [server.address for server in servers]
    async with crowd(KEYS) as visitors:
        began = time.perf_counter()
        for first in range(0, KEYS, WAVE):
            shift = await a_shift(places=COPIES * WAVE)
            action = f"/shifts/{shift}/booking"
            people = visitors[first : first + WAVE]
            forms = await asyncio.gather(
                *(each.form(doors[n % 2], action, action) for n, each in enumerate(people))
            )
            answers = await at_once(
                [
                    (each, doors[copy % 2], action, form)
                    for copy in range(COPIES)
                    for each, form in zip(people, forms, strict=True)
                ]
            )
            assert Counter(a.status_code for a in answers) == {303: WAVE * COPIES}
            assert len({a.headers["location"] for a in answers}) == 1
        print(f"{KEYS} forms, {COPIES} copies each: {time.perf_counter() - began:.1f} s")
        assert await made(db) == [KEYS, KEYS, KEYS, KEYS, KEYS]

        # The same key with other answers is refused, and so is somebody else's.
        me, other = people[0], people[1]
        changed = await me.send(doors[1], action, [*forms[0], ("old_enough", "yes")])
        assert changed.status_code == 409
        cancel = await cancellation(db, other.id)
        form = await other.form(doors[0], "/my/volunteering", cancel)
        stolen = dict(form) | {"_key": dict(forms[0])["_key"]}
        answers = [await other.send(doors[0], cancel, list(stolen.items()))]
        assert await made(db) == [KEYS, KEYS, KEYS, KEYS, KEYS]

        done = await other.send(doors[0], cancel, form)
        assert done.status_code == 303
        answers.append(await other.send(doors[1], cancel, [*form, ("why", "no time")]))
        for answer in answers:
            assert answer.status_code == 409
            assert "This form was sent before with other answers." in Page(answer).words()


async def made(db: Any) -> list[int]:
    """Count places taken, live bookings, people who booked, history and jobs."""
    row = await db.fetch_one(
        "SELECT (SELECT sum(taken)::int FROM shift) AS taken,"
        " (SELECT count(*) FROM booking WHERE state = 'confirmed') AS bookings,"
        " (SELECT count(DISTINCT person_id) FROM booking) AS people,"
        " (SELECT count(*) FROM history) AS entries,"
        " (SELECT count(*) FROM pgqueuer) AS jobs"
    )
    return list(row.values())


async def cancellation(db: Any, person: Any) -> str:
    booking = await db.fetch_value("SELECT id FROM booking WHERE person_id = {}", person)
    return f"/bookings/{booking}/cancellation"
