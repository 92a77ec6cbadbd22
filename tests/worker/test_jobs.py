"""Reactions run once each, are retried, are held in the end, and leave no personal data."""

import asyncio
import time
from typing import Any

import asyncpg
import pytest
from tests.mail.sink import Sink, eventually
from tests.worker.conftest import Working
from tests.worker.parish import MAIL, Event, Probe, happen, registry

from marketplace.audit import Reaction
from marketplace.schedules import Schedule
from marketplace.worker import Pace
from marketplace.worker.jobs import describe
from marketplace.worker.registry import Registry, gather


async def jobs(db: Any, status: str | None = None) -> list[dict[str, Any]]:
    found = await db.fetch("SELECT id, entrypoint, status::text, attempts FROM pgqueuer")
    return [job for job in found if status in {None, job["status"]}]


async def idle(db: Any) -> None:
    async def empty() -> bool:
        return not await jobs(db)

    await eventually(empty)


async def test_mail_leaves_at_the_commit_and_not_at_the_next_look(
    db: Any, sink: Sink, working: Working
) -> None:
    async with working(registry(MAIL), Pace(poll=30)):
        await happen()
        await sink.arrived(1)  # the worker is listening now
        waits: list[float] = []
        for number in range(2, 12):
            await happen()
            began = time.perf_counter()
            await sink.arrived(number)
            waits.append(time.perf_counter() - began)
        await idle(db)
    waits.sort()
    print(f"commit to mail: median {waits[5] * 1000:.0f} ms, worst {waits[-1] * 1000:.0f} ms")
    assert waits[-1] < 10  # a third of what it would wait for


async def test_an_event_runs_each_of_its_reactions_once(db: Any, working: Working) -> None:
    one, two, other = Probe(), Probe(), Probe()
    known = registry(
        Reaction(Event.RUNG, "one", one.run),
        Reaction(Event.RUNG, "two", two.run),
        Reaction(Event.SILENT, "other", other.run),
    )
    async with working(known):
        entry = await happen()
        await idle(db)
    assert one.runs == two.runs == {entry: 1}
    assert not other.runs


async def test_an_event_that_is_run_again_fans_out_once(db: Any, working: Working) -> None:
    """As after a crash between the fan-out and the queue's note of it, by two workers at once."""
    probe = Probe()
    entry = await happen()
    async with db.transaction():
        await db.execute(
            "INSERT INTO pgqueuer (priority, status, entrypoint, payload)"
            " SELECT 0, 'queued', 'event', {} FROM generate_series(1, 3)",
            entry.bytes,
        )
    from pgqueuer.models import Job

    from marketplace.worker.jobs import fan_out

    known = registry(Reaction(Event.RUNG, "probe", probe.run))
    row = (await db.fetch("SELECT * FROM pgqueuer ORDER BY id LIMIT 1"))[0]
    job = Job.model_validate(row)
    await asyncio.gather(*(fan_out(job, known) for _ in range(5)))
    assert await db.fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'reaction'") == 1


async def test_a_rolled_back_operation_causes_nothing(db: Any, working: Working) -> None:
    probe = Probe()
    async with working(registry(Reaction(Event.RUNG, "probe", probe.run))):
        with pytest.raises(ZeroDivisionError):
            async with db.transaction():
                from marketplace import audit
                from marketplace.ids import new_id
                from marketplace.permissions import SYSTEM

                await audit.record(Event.RUNG, "bell", new_id(), by=SYSTEM)
                raise ZeroDivisionError
        entry = await happen()
        await idle(db)
    assert list(probe.runs) == [entry]


async def test_a_failing_reaction_is_tried_again(db: Any, working: Working) -> None:
    probe = Probe()
    probe.failures = 2
    async with working(registry(Reaction(Event.RUNG, "probe", probe.run))):
        entry = await happen()
        await idle(db)
    assert probe.runs[entry] == 3 and probe.finished == 1


async def test_a_reaction_that_keeps_failing_is_held(db: Any, working: Working) -> None:
    probe = Probe()
    probe.failures = 1000
    async with working(registry(Reaction(Event.RUNG, "probe", probe.run))):
        await happen()

        async def held() -> list[dict[str, Any]]:
            return await jobs(db, "failed")

        [job] = await eventually(held)
    assert job["attempts"] == 3 and job["entrypoint"] == "reaction"


async def test_what_is_kept_of_a_failure_holds_nobodys_address(
    db: Any, working: Working, capfd: Any
) -> None:
    probe = Probe()
    probe.failures = 1000
    async with working(registry(Reaction(Event.RUNG, "probe", probe.run))):
        await happen()

        async def held() -> list[dict[str, Any]]:
            return await jobs(db, "failed")

        await eventually(held)
    kept = await db.fetch_value("SELECT string_agg(traceback::text, ' ') FROM pgqueuer_log")
    assert "RuntimeError" in kept
    assert "secret@example.org" not in kept
    said = capfd.readouterr()
    assert "secret@example.org" not in said.out + said.err


async def test_a_full_mail_server_delays_mail_and_loses_none(
    db: Any, sink: Sink, working: Working
) -> None:
    sink.refusals += ["451 4.3.0 later"] * 3
    async with working(registry(MAIL)):
        await happen()
        await sink.arrived(1)
        await idle(db)
    assert sink.tries == 4


async def test_a_reaction_nobody_knows_is_held(db: Any, working: Working) -> None:
    await happen()
    probe = Probe()
    async with working(registry(Reaction(Event.RUNG, "of a newer version", probe.run))):
        await idle(db)
    await db.execute(
        "INSERT INTO pgqueuer (priority, status, entrypoint, payload)"
        " VALUES (0, 'queued', 'reaction', {})",
        (await db.fetch_value("SELECT id FROM history")).bytes + b"of a newer version",
    )
    async with working(registry(MAIL)):

        async def held() -> list[dict[str, Any]]:
            return await jobs(db, "failed")

        await eventually(held)


async def test_schedules_run_and_their_failures_are_held_once(db: Any, working: Working) -> None:
    runs = 0

    async def fail() -> None:
        nonlocal runs
        runs += 1
        raise RuntimeError

    known = registry(schedules=[Schedule("each second", "* * * * * *", fail)])
    async with working(known, Pace(first_delay=0.01, longest_delay=0.01, attempts=1)):

        async def ran_twice() -> bool:
            return runs >= 4

        await eventually(ran_twice)
    assert len(await jobs(db)) <= 1


def test_two_reactions_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="mail the ringer"):
        Registry([MAIL, MAIL], [])


def test_what_is_declared_can_be_gathered() -> None:
    found = gather()
    assert "forget old form keys" in found.schedules


async def test_errors_of_the_database_are_told_without_rows(db: Any) -> None:
    with pytest.raises(asyncpg.UniqueViolationError) as raised:
        await db.execute(
            "INSERT INTO idempotency_key (key, fingerprint, address)"
            " VALUES ('anna@example.org', '', ''), ('anna@example.org', '', '')"
        )
    said = describe(raised.value)
    assert said.startswith("UniqueViolationError 23505 (idempotency_key_pkey) in db/raw.py")
    assert "anna" not in said
