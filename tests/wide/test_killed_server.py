"""`kill -9` of a web server and of the worker during a hundred writes.

Whatever somebody was told is there afterwards, nothing is half done at any moment, and every
message arrives once.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.factories import a_booking, a_person, a_shift, an_opportunity, an_organisation
from tests.mail.sink import Sink, eventually
from tests.wide.processes import HOST, PATIENCE, Process, Server, environment
from tests.wide.visitors import Fields, Visitor, crowd

from marketplace.mail.messages import digest
from marketplace.volunteering.bookings import operations

BOOKINGS, CANCELLATIONS = 60, 40
WRITES = BOOKINGS + CANCELLATIONS
BUSY = 8

# Each row is something half done. One statement sees one moment, so this holds at all times.
# A message is on its way as an event job, as a reaction job or as a delivery.
HALF_DONE = """
WITH wanted AS (
    SELECT h.id, h.event, h.subject_id, t.template
    FROM history h JOIN (VALUES
        ('booking.made', 'volunteering/booked'), ('booking.made', 'volunteering/expected'),
        ('booking.cancelled', 'volunteering/given_back'),
        ('booking.cancelled', 'volunteering/place_free')) AS t (event, template)
        ON t.event = h.event
)
SELECT 'a shift that miscounts' AS what, s.id::text AS which FROM shift s
WHERE s.taken <> (SELECT count(*) FROM booking b WHERE b.shift_id = s.id AND b.state <> 'cancelled')
UNION ALL
SELECT 'a booking without its one entry', b.id::text FROM booking b
WHERE b.booked_at > $1 AND 1 <> (SELECT count(*) FROM history h
    WHERE h.subject_id = b.id AND h.event = 'booking.made')
UNION ALL
SELECT 'a cancellation without its one entry', b.id::text FROM booking b
WHERE (b.state = 'cancelled')::int <> (SELECT count(*) FROM history h
    WHERE h.subject_id = b.id AND h.event = 'booking.cancelled')
UNION ALL
SELECT 'an entry about nothing', h.id::text FROM history h
WHERE NOT EXISTS (SELECT FROM booking b WHERE b.id = h.subject_id)
UNION ALL
SELECT 'an entry nobody will hear of: ' || w.template, w.id::text FROM wanted w
WHERE NOT EXISTS (SELECT FROM pgqueuer q WHERE substr(q.payload, 1, 16) = uuid_send(w.id))
    AND NOT EXISTS (SELECT FROM delivery d WHERE d.key LIKE w.id || ':' || w.template || ':%')
UNION ALL
SELECT 'a job about nothing', q.id::text FROM pgqueuer q
WHERE q.entrypoint IN ('event', 'reaction')
    AND NOT EXISTS (SELECT FROM history h WHERE uuid_send(h.id) = substr(q.payload, 1, 16))
UNION ALL
SELECT 'a message nobody caused', d.key FROM delivery d
WHERE NOT EXISTS (SELECT FROM wanted w WHERE d.key LIKE w.id || ':' || w.template || ':%')
"""


@dataclass
class Writes:
    """A hundred people, one form each; what they were told, and how often they were cut off."""

    doors: list[str]
    forms: list[tuple[Visitor, str, Fields]]
    told: dict[str, int] = field(default_factory=dict)
    cut: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self) -> None:
        waiting = cycle(self.doors)
        todo = iter(self.forms)

        async def some() -> None:
            for visitor, action, fields in todo:
                await self._until_told(visitor, action, fields, next(waiting))

        await asyncio.gather(*(some() for _ in range(BUSY)))

    async def _until_told(self, visitor: Visitor, action: str, fields: Fields, door: str) -> None:
        """Send the same form, to the one server and then the other, until somebody answers."""
        doors = cycle([door, *(other for other in self.doors if other != door)])
        async with asyncio.timeout(PATIENCE):
            for door in doors:
                self.in_flight += 1
                try:
                    answer = await visitor.send(door, action, fields)
                except httpx.TransportError as error:
                    self.cut[type(error).__name__] += 1
                    # The other server is there: no need to wait before asking it.
                    continue
                finally:
                    self.in_flight -= 1
                async with self._news:
                    self.told[action + str(visitor.id)] = answer.status_code
                    self._news.notify_all()
                return

    async def until_told(self, number: int) -> None:
        """Wait in the midst of it."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: len(self.told) >= number)


async def prepared(visitors: list[Visitor], doors: list[str]) -> tuple[UUID, Writes]:
    """Let everybody open the page with their form; give the coordinator who hears of it all."""
    organisation = await an_organisation()
    opportunity = await an_opportunity(organisation.id)
    shift = await a_shift(opportunity, places=WRITES)
    paths = [(f"/shifts/{shift}/booking",) * 2 for _ in range(BOOKINGS)]
    for visitor in visitors[BOOKINGS:]:
        booking = await a_booking(shift, visitor.id)
        paths.append(("/my/volunteering", f"/bookings/{booking}/cancellation"))
    forms = await asyncio.gather(
        *(
            visitor.form(door, page, action)
            for visitor, (page, action), door in zip(visitors, paths, cycle(doors), strict=False)
        )
    )
    writes = Writes(
        doors, [(v, path[1], f) for v, path, f in zip(visitors, paths, forms, strict=True)]
    )
    # Bookings and cancellations in turn.
    writes.forms.sort(key=lambda form: form[0].id.int % 97)
    return organisation.owner.id, writes


@contextlib.asynccontextmanager
async def watched(owner: Any, since: Any):
    """Look for half-done things all the while, and count the looks."""
    looks: list[int] = []
    over = asyncio.Event()

    async def look() -> None:
        while not over.is_set():
            assert await owner.fetch(HALF_DONE, since) == []
            looks.append(1)

    task = asyncio.create_task(look())
    try:
        yield looks
    finally:
        over.set()
        await task


async def expected_mail(db: Any, coordinator: UUID) -> set[str]:
    """Name the two messages of each entry by their Message-ID."""
    found: set[str] = set()
    for row in await db.fetch(
        "SELECT h.id, h.event, b.person_id FROM history h JOIN booking b ON b.id = h.subject_id"
    ):
        made = row["event"] == "booking.made"
        for template, person in (
            ("booked" if made else "given_back", row["person_id"]),
            ("expected" if made else "place_free", coordinator),
        ):
            key = f"{row['id']}:volunteering/{template}:{person}"
            found.add(f"<{digest(key)}@{HOST}>")
    return found


async def web_worker(server: Server) -> int:
    """Give the process that answers, once it is there."""

    async def forked() -> list[int]:
        return server.children()

    return (await eventually(forked))[0]


async def killed_in_its_work(worker: Process, sink: Sink) -> int:
    """Kill the worker after a tenth of the mail and start it again; give what was out by then."""
    await sink.arrived(WRITES // 5, patience=PATIENCE)
    worker.kill()
    sent = len(sink.messages)
    worker.start()
    return sent


async def test_nothing_is_lost_when_servers_and_the_worker_are_killed(
    db: Any, owner: Any, sink: Sink, servers: tuple[Server, Server], database_url: str
) -> None:
    one, two = servers
    worker = Process("worker", settings=environment(database_url, SMTP_URL=sink.url))
    async with crowd(WRITES) as visitors:
        coordinator, writes = await prepared(visitors, [one.address, two.address])
        since = await owner.fetchval("SELECT now()")
        began = time.perf_counter()
        try:
            worker.start()
            async with watched(owner, since) as looks:
                writing = asyncio.create_task(writes.run())
                mailing = asyncio.create_task(killed_in_its_work(worker, sink))
                await writes.until_told(15)
                at_kill = writes.in_flight
                one.kill()  # the whole server
                one.start()
                await writes.until_told(50)
                await one.answers()
                os.kill(await web_worker(two), signal.SIGKILL)  # only the process that answers
                await asyncio.wait_for(writing, 2 * PATIENCE)
                written = time.perf_counter() - began
                at_death = await mailing
                await sink.arrived(2 * WRITES, patience=2 * PATIENCE)
                await eventually(lambda: drained(db))
            await two.answers()
        finally:
            worker.forget()
        print(
            f"{WRITES} writes in {written:.1f} s, {at_kill} in flight at the first kill, cut:"
            f" {dict(writes.cut)}; worker killed after {at_death} messages; all of them after"
            f" {time.perf_counter() - began:.1f} s with {sum(sink.copies.values()) - 2 * WRITES}"
            f" copies dropped by the sink; looked {len(looks)} times"
        )
    assert at_kill > 0 and writes.cut, "nothing was under way"
    assert at_death < 2 * WRITES, "the worker had done everything already"
    assert Counter(writes.told.values()) == {303: WRITES}
    states = await db.fetch("SELECT state, count(*) AS number FROM booking GROUP BY state")
    assert {row["state"]: row["number"] for row in states} == {
        "confirmed": BOOKINGS,
        "cancelled": CANCELLATIONS,
    }
    assert await db.fetch_value("SELECT count(DISTINCT person_id) FROM booking") == WRITES
    assert await owner.fetch(HALF_DONE, since) == []
    assert set(sink.messages) == await expected_mail(db, coordinator)
    assert len(sink.messages) == 2 * WRITES == await db.fetch_value("SELECT count(*) FROM delivery")


async def drained(db: Any) -> bool:
    return not await db.fetch("SELECT FROM pgqueuer")


DAMAGE = {
    "a shift that miscounts": "UPDATE shift SET taken = taken + 1",
    "a booking without its one entry": "DELETE FROM history WHERE event = 'booking.made'",
    "a cancellation without its one entry": "DELETE FROM history WHERE event <> 'booking.made'",
    "an entry about nothing": "DELETE FROM booking WHERE state = 'cancelled'",
    "an entry nobody will hear of: volunteering/booked": "DELETE FROM pgqueuer",
    "a job about nothing": "DELETE FROM history",
    "a message nobody caused": "INSERT INTO delivery (id, key, template, sent_at)"
    " VALUES (gen_random_uuid(), 'x:volunteering/booked:y', 'volunteering/booked', now())",
}


@pytest.mark.parametrize(("what", "damage"), DAMAGE.items())
async def test_each_half_done_thing_would_be_seen(
    db: Any, owner: Any, what: str, damage: str
) -> None:
    since = await owner.fetchval("SELECT now()")
    shift = await a_shift(places=2)
    people = [await a_person(), await a_person()]
    bookings = [await operations.book(each.actor, shift) for each in people]
    await operations.cancel(people[1].actor, bookings[1])
    assert await owner.fetch(HALF_DONE, since) == []
    # As a replica no trigger guards history and no foreign key is looked at.
    async with owner.transaction():
        await owner.execute(f"SET LOCAL session_replication_role = replica; {damage}")
    assert what in {row["what"] for row in await owner.fetch(HALF_DONE, since)}
