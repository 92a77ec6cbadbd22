"""Stopping, dying, and a database that goes away."""

import asyncio
import time
from typing import Any

from tests.mail.sink import Sink, eventually
from tests.worker.conftest import QUICK, Working
from tests.worker.parish import MAIL, Event, Probe, happen, registry

from marketplace.audit import Reaction
from marketplace.job_queue import workers
from marketplace.worker import Pace, run


async def test_an_idle_worker_stops_at_once(db: Any, chosen: Any) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop, registry=registry(MAIL)))
    await eventually(workers)
    began = time.perf_counter()
    stop.set()
    await asyncio.wait_for(task, 3)
    print(f"idle stop: {time.perf_counter() - began:.2f} s")


async def test_a_busy_worker_stops_within_three_seconds_and_gives_its_job_back(
    db: Any, chosen: Any
) -> None:
    probe = Probe()
    probe.blocked = asyncio.Event()
    known = registry(Reaction(Event.RUNG, "probe", probe.run))
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop, registry=known))
    entry = await happen()
    await asyncio.wait_for(probe.started.wait(), 10)
    began = time.perf_counter()
    stop.set()
    await asyncio.wait_for(task, 3)
    print(f"busy stop: {time.perf_counter() - began:.2f} s")
    [job] = await db.fetch("SELECT status::text FROM pgqueuer WHERE entrypoint = 'reaction'")
    assert job["status"] == "queued"

    probe.blocked = None
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop, registry=known))

    async def finished() -> bool:
        return probe.finished == 1

    await eventually(finished)
    stop.set()
    await task
    assert probe.runs[entry] == 2


async def test_a_worker_goes_on_after_its_connections_were_cut(
    db: Any, owner: Any, sink: Sink, working: Working
) -> None:
    async with working(registry(MAIL), Pace(poll=30, first_delay=0.02)):
        await happen()
        await sink.arrived(1)
        cut = await owner.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'marketplace worker' AND datname = current_database()"
        )
        assert cut == 1
        began = time.perf_counter()
        await happen()
        await sink.arrived(2)
        print(f"after a cut connection: {time.perf_counter() - began:.2f} s")


async def test_jobs_of_a_dead_worker_are_taken_over_at_once(
    db: Any, sink: Sink, working: Working
) -> None:
    await happen()
    await db.execute(
        "UPDATE pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid(),"
        " heartbeat = now()"
    )
    began = time.perf_counter()
    async with working(registry(MAIL), Pace(stale=600)):
        await sink.arrived(1)
    print(f"taken over: {time.perf_counter() - began:.2f} s")


async def test_jobs_of_a_living_worker_are_left_alone(db: Any, working: Working) -> None:
    probe = Probe()
    probe.blocked = asyncio.Event()
    known = registry(Reaction(Event.RUNG, "probe", probe.run))
    async with working(known):
        entry = await happen()
        await asyncio.wait_for(probe.started.wait(), 10)
        async with working(known):
            another = await happen()

            async def seen() -> bool:
                return another in probe.runs

            await eventually(seen)
        probe.blocked.set()
    assert probe.runs[entry] == 1


async def test_a_stale_heartbeat_gives_a_job_to_another_worker(
    db: Any, sink: Sink, working: Working
) -> None:
    async with working(registry(MAIL), Pace(poll=0.2, stale=1)):
        await happen()
        await sink.arrived(1)
        # Picked by somebody who died while this worker was already running.
        entry = await happen(Event.SILENT)
        await db.execute(
            "INSERT INTO pgqueuer (priority, status, entrypoint, payload, queue_manager_id)"
            " SELECT 0, 'picked', 'reaction', {}, gen_random_uuid()",
            (await _other(db, entry)).bytes + MAIL.name.encode(),
        )
        await db.execute("DELETE FROM delivery")
        began = time.perf_counter()
        await sink.until(lambda: sum(sink.copies.values()) == 2)
        print(f"stale after 1 s, taken up after: {time.perf_counter() - began:.2f} s")


async def _other(db: Any, entry: Any) -> Any:
    return await db.fetch_value("SELECT id FROM history WHERE id <> {}", entry)


async def test_an_error_in_the_worker_itself_does_not_end_it(
    db: Any, sink: Sink, working: Working, monkeypatch: Any
) -> None:
    from marketplace.worker import running

    original, calls = running._work, 0

    async def work(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls <= 2:
            raise RuntimeError("once, and once more")
        await original(*arguments)

    monkeypatch.setattr(running, "_work", work)
    async with working(registry(MAIL), QUICK):
        await happen()
        await sink.arrived(1)
    assert calls == 3
