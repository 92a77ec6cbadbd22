"""What is asked, of whom, and what must be true of the answers."""

import asyncio
import os
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
import brotli
import httpx
from tests.load import bare, client, dataset
from tests.load.dataset import Dataset
from tests.load.report import Line, Report
from tests.load.sql import Signed
from tests.wide.processes import SECRET_KEY, Process, Server, environment, running

from marketplace import logs, settings
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.web import csrf

HOST = "127.0.0.1"
SEED = "s" * 43
WORDS = ("garden", "driving", "children", "food", "reading", "walk", "music", "repair")
PLACES = ("CM1", "Witham", "CO1", "Harlow", "SS14", "Grays", "CM7")
TICK = os.sysconf("SC_CLK_TCK")


class World:
    """A database, what is in it, and the time each scenario takes."""

    def __init__(
        self,
        url: str,
        *,
        seconds: float,
        workers: int,
        connections: int,
        say: Callable[[str], Any],
    ) -> None:
        self.url = url
        self.seconds = seconds
        self.workers = workers
        self.connections = connections
        self.say = say
        self.settings = environment(url, DATABASE_POOL_SIZE="10")
        self.data: Dataset

    def fill(self, size: int, people: int, volunteers: int) -> None:
        self.data = asyncio.run(dataset.fill(self.url, size, people, volunteers))

    @property
    def warm(self) -> float:
        """Seconds before anything is counted."""
        return min(2.0, self.seconds)


def cookie_of(signed: Signed) -> str:
    """Give the Cookie header of somebody."""
    return f"session={signed.token}; seed={SEED}"


def pages(data: Dataset) -> list[tuple[str, list[str], str, float | None]]:
    """Give the reading scenarios: name, addresses, what it is held against, the aim."""
    searches = [
        "/opportunities?" + urlencode({"q": word, "near": place, "within": 10})
        for word in WORDS
        for place in PLACES
    ]
    found: list[tuple[str, list[str], str, float | None]] = [
        ("home", ["/"], "", None),
        ("list of 20", ["/opportunities"], "bare list", 0.4),
        ("list of 20, near", [f"/opportunities?near={p}" for p in PLACES], "bare list", None),
        ("search with distance", searches, "bare list", 0.3),
        ("search, no place", [f"/opportunities?q={word}" for word in WORDS], "bare list", None),
        (
            "search, all kinds",
            [f"/search?q={w}&near={p}" for w in WORDS for p in PLACES],
            "bare list",
            None,
        ),
        ("detail", [f"/opportunities/{id}" for id in data.opportunities], "bare list", 0.3),
        ("list of organisations", ["/organisations"], "bare list", None),
    ]
    if data.things:
        week = [f"/things?view=week&near={place}" for place in PLACES]
        found.append(("availability, 40 x 7 days", week, "bare list", None))
        found.append(("things, 20 x 14 days", ["/things"], "bare list", None))
        found.append(("detail of a thing", [f"/things/{id}" for id in data.things], "", None))
    if "fund" in data.kinds:
        found.append(("list of funds", ["/funds"], "", None))
    return found


def own_pages(data: Dataset) -> list[tuple[str, list[str], Signed]]:
    """Give the reading scenarios of somebody signed in: name, addresses, who."""
    busy, of_all = data.volunteering, data.people[0]
    manage, roster = f"/manage/{busy.organisation}", [f"/manage/shifts/{busy.shift}"]
    details = [f"/opportunities/{id}" for id in data.opportunities]
    found = [
        ("list of 20, signed in", ["/opportunities"], of_all),
        ("detail, signed in", details, busy.volunteer),
        ("roster of 60, coordinator", roster, busy.coordinator),
        ("roster of 60, leader", roster, busy.leader),
        ("today", [f"{manage}/today"], busy.coordinator),
        ("matching", ["/my/matches"], busy.volunteer),
        ("my volunteering", ["/my/volunteering"], busy.volunteer),
        ("my hours", ["/my/hours"], busy.volunteer),
        ("hours of an organisation", [f"{manage}/hours"], busy.coordinator),
        ("its opportunities", [f"{manage}/opportunities"], busy.coordinator),
        ("queue of a moderator", ["/moderation/opportunities"], busy.moderator),
    ]
    if data.assessor:
        found.append(("an assessor's list", ["/assess"], data.assessor))
    return found


def asked_for(only: str, name: str) -> bool:
    """Tell whether a scenario is asked for: `only` holds parts of names, with commas between."""
    return any(part.strip() in name for part in only.split(","))


def measure(world: World, *, rounds: int, only: str = "") -> Report:
    """Ask everything and give what came of it."""
    report = Report(
        listings=world.data.counts, workers=world.workers, connections=world.connections
    )
    asyncio.run(_measure(world, report, rounds, only))
    report.compare()
    return report


async def _measure(world: World, report: Report, rounds: int, only: str) -> None:
    queries, sizes = await _counted(world, report)
    options = ("--workers", str(world.workers))
    ours = Server(*options, settings=world.settings)
    theirs = Server(*options, settings=world.settings, module="tests.load.bare")
    owner = await asyncpg.connect(world.url)
    async with AsyncExitStack() as open_things:
        open_things.push_async_callback(owner.close)
        await owner.execute(bare.SCHEMA)
        postmaster = await _postmaster(owner)

        async def ask(
            name: str,
            server: Server,
            work: Callable[[], client.Outcome],
            wanted: int = 200,
            **more: Any,
        ) -> None:
            if not asked_for(only, name) and not name.startswith("bare"):
                return
            world.say(f"{name} ...")
            with _cpu(server, postmaster) as spent:
                outcome = await asyncio.to_thread(work)
            assert not outcome.errors and set(outcome.statuses) == {wanted}, (
                name,
                outcome,
                server.words()[-2000:],
            )
            # The warm-up costs too, at the same rate.
            asked = outcome.requests * (1 + world.warm / max(outcome.seconds, 0.01))
            report.lines.append(
                Line(
                    name,
                    outcome,
                    queries=queries.get(name),
                    kilobytes=sizes.get(name),
                    web_ms=spent[0] * 1000 / asked,
                    database_ms=spent[1] * 1000 / asked,
                    **more,
                )
            )

        def reading(
            server: Server, paths: Sequence[str], cookie: str = ""
        ) -> Callable[[], client.Outcome]:
            def work() -> client.Outcome:
                headers = {"Cookie": cookie} if cookie else {}
                if world.warm:
                    first = [client.get(HOST, paths[n % len(paths)], headers) for n in range(16)]
                    asyncio.run(client.touch(server.port, first))
                return client.read(
                    server.port,
                    paths,
                    world.seconds,
                    warm=world.warm,
                    cookie=cookie,
                    connections=world.connections,
                )

            return work

        def posting(server: Server, forms: Sequence[bytes]) -> Callable[[], client.Outcome]:
            return lambda: client.drive(
                server.port,
                forms,
                world.seconds,
                warm=world.warm,
                connections=world.connections,
            )

        async with running(theirs):
            await ask("bare text", theirs, reading(theirs, ["/plain"]))
            await ask("bare list", theirs, reading(theirs, ["/list"]))
            writes = [
                client.post(HOST, "/book", f"shift={shift}&person={each.person}")
                for each, shift in _plan(world.data, _enough(world, 9000))
            ]
            await ask(
                "bare write",
                theirs,
                posting(theirs, writes),
                303,
            )
        async with running(ours):
            for name, paths, against, aim in pages(world.data):
                if name in report.missing:
                    continue
                await ask(name, ours, reading(ours, paths), against=against, aim=aim)
            for name, paths, who in own_pages(world.data):
                if name in report.missing:
                    continue
                work = reading(ours, paths, cookie_of(who))
                await ask(name, ours, work, against="bare list")
            if asked_for(only, "sign-up by form"):
                forms = _forms(world.data, _enough(world, 4000))
                await ask(
                    "sign-up by form",
                    ours,
                    posting(ours, forms),
                    303,
                    against="bare write",
                    aim=0.2,
                )
            if asked_for(only, "last place"):
                await _last_places(world, ours, owner, report, rounds)


def _enough(world: World, a_second: int) -> int:
    return max(int(a_second * (world.seconds + world.warm)), 4 * world.connections)


def _plan(data: Dataset, most: int) -> list[tuple[Signed, Any]]:
    """Give people and shifts so that nobody is in two places at once and no shift fills up."""
    people = data.people
    found: list[tuple[Signed, Any]] = []
    for turn, shifts in enumerate(data.shifts):
        for number, person in enumerate(people):
            found.append((person, shifts[(number * 7 + turn) % len(shifts)]))
            if len(found) == most:
                return found
    return found


def _form(signed: Signed, shift: Any) -> bytes:
    """Write what the browser of somebody sends when they press the button."""
    actor = Actor(person_id=signed.person, session_id=signed.session)
    fields = {csrf.FIELD: csrf.token(SEED, actor), "_key": str(new_id()), "old_enough": "yes"}
    headers = {"Cookie": cookie_of(signed)}
    return client.post(HOST, f"/shifts/{shift}/booking", urlencode(fields), headers)


def _forms(data: Dataset, most: int) -> list[bytes]:
    settings.amend(secret_key=SECRET_KEY, base_url=f"http://{HOST}")
    return [_form(person, shift) for person, shift in _plan(data, most)]


async def _last_places(
    world: World, server: Server, owner: asyncpg.Connection, report: Report, rounds: int
) -> None:
    """Let 50, then 200 people want one place, again and again; one gets it each time."""
    settings.amend(secret_key=SECRET_KEY, base_url=f"http://{HOST}")
    shifts = iter(world.data.last_place)
    crowds = ((50, min(5, rounds), "50 for one place"), (200, rounds, "200 for one place"))
    for wanted, times, name in crowds:
        # Those who sign in last booked nothing before, whatever the machine was quick enough for.
        people = random.Random(wanted).sample(
            world.data.people, min(wanted, len(world.data.people))
        )
        took: list[float] = []
        for _ in range(times):
            shift = next(shifts)
            seconds, statuses = await client.burst(
                server.port, [_form(each, shift) for each in people]
            )
            assert statuses == Counter({303: 1, 409: len(people) - 1}), (name, statuses)
            booked = await owner.fetchval("SELECT count(*) FROM booking WHERE shift_id = $1", shift)
            assert booked == 1, (name, booked)
            took.append(seconds)
        report.notes.append(
            f"{name}, {times} rounds: one winner each; drained in"
            f" {statistics.median(took) * 1000:.0f} ms (median),"
            f" {max(took) * 1000:.0f} ms (longest)."
        )


# --- what the processes spend


async def _postmaster(owner: asyncpg.Connection) -> int:
    pid = await owner.fetchval("SELECT pg_backend_pid()")
    return _stat(pid)[0]


def _stat(pid: int) -> tuple[int, float, float]:
    """Give parent, seconds of CPU, and those of children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    own, gone = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return int(fields[1]), own / TICK, gone / TICK


def _below(parent: int) -> float:
    """Add up the CPU of all children of a process, those that ended too."""
    total = _stat(parent)[2]
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                above, own, _ = _stat(int(folder.name))
            except (OSError, IndexError):
                continue
            total += own if above == parent else 0
    return total


@contextmanager
def _cpu(server: Process, postmaster: int):
    """Measure what the web processes and PostgreSQL spend in the block, in seconds."""
    if not Path("/proc/self/stat").exists():
        yield [0.0, 0.0]
        return
    before = (_below(server.pid), _below(postmaster))
    spent = [0.0, 0.0]
    yield spent
    spent[:] = [_below(server.pid) - before[0], _below(postmaster) - before[1]]


# --- what a page asks of the database, and how large it is


async def _counted(
    world: World, report: Report
) -> tuple[dict[str, int], dict[str, tuple[float, float]]]:
    """Open each page once in this process: statements beyond the session's, kilobytes."""
    from marketplace import db
    from marketplace.app import create_app
    from marketplace.db.engine import ENGINE

    logs.configure("warning")
    settings.amend(database_url=world.url, secret_key=SECRET_KEY, base_url=f"http://{HOST}")
    queries: dict[str, int] = {}
    sizes: dict[str, tuple[float, float]] = {}
    app: Any = create_app()
    await db.start_pool(world.url, application="load", size=2)
    try:
        assert ENGINE.pool is not None
        seen: list[str] = []

        def note(query: Any) -> None:
            if "pg_advisory_unlock_all" not in query.query:
                seen.append(query.query)

        for holder in ENGINE.pool._holders:
            if holder._con is not None:
                holder._con.add_query_logger(note)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as browser:

            async def look(name: str, path: str, cookie: str = "") -> None:
                headers = {"accept-encoding": "identity"} | ({"cookie": cookie} if cookie else {})
                for _ in range(2):  # the first fills what is kept in the process
                    seen.clear()
                    answer = await browser.get(path, headers=headers)
                if answer.status_code != 200:
                    report.missing.append(name)
                    return
                own = 1 if cookie else 0
                queries[name] = len(seen) - own
                size, packed = len(answer.content), len(brotli.compress(answer.content, quality=4))
                sizes[name] = (size / 1000, packed / 1000)

            for name, paths, _, _ in pages(world.data):
                await look(name, paths[0])
            for name, paths, who in own_pages(world.data):
                await look(name, paths[0], cookie_of(who))
    finally:
        await db.close_pool()
    return queries, sizes
