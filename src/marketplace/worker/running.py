"""The worker's loop: a listening connection of its own, the pool for the work, no silent death."""

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pgqueuer import PgQueuer
from pgqueuer.models import Schedule as DueSchedule

from marketplace import db, logs
from marketplace.audit import EVENT_JOB, REACTION_JOB
from marketplace.db.engine import ENGINE
from marketplace.job_queue import ALIVE, JOBS, SCHEDULE_JOB
from marketplace.mail import transports
from marketplace.worker.jobs import (
    Executor,
    cleaned,
    describe,
    enqueue_schedule,
    fan_out,
    keep_time,
    react,
)
from marketplace.worker.registry import Registry, gather

_log = logs.get(__name__)

STATEMENT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly a worker notices, retries and stops; in seconds."""

    poll: float = 2.0
    stale: float = 8.0
    attempts: int = 9
    first_delay: float = 2.0
    longest_delay: float = 1800.0
    grace: float = 1.5
    longest_reconnect: float = 10.0
    batch: int = 10


async def run(
    stop: asyncio.Event, *, registry: Registry | None = None, pace: Pace | None = None
) -> None:
    """Work until `stop` is set, reconnecting for as long as it takes; ends within three seconds.

    Starts the pool unless this process has one.

    Raises:
        CommandError: at the start, when the settings cannot work or the database is not there.
    """
    transports.check()
    registry, pace = registry or gather(), pace or Pace()
    async with _pool():
        first = await _connect()
        delay = 0.25
        while not stop.is_set():
            began = time.monotonic()
            try:
                connection, first = first or await _connect(), None
                await _work(connection, stop, registry, pace)
            except Exception as error:  # A worker outlives whatever befalls its connection.
                if stop.is_set():
                    break
                if time.monotonic() - began > 30:
                    delay = 0.25
                _log.error("worker interrupted", error=describe(error), again_in=delay)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), delay)
                delay = min(delay * 2, pace.longest_reconnect)
    _log.info("worker stopped")


@contextlib.asynccontextmanager
async def _pool() -> AsyncIterator[None]:
    if ENGINE.pool is not None:
        yield
        return
    await db.start_pool(application="worker")
    try:
        yield
    finally:
        await db.close_pool()


async def _connect() -> Any:
    return await db.connect(
        application="worker", statement_seconds=STATEMENT_SECONDS, json_as_dicts=False
    )


async def _work(connection: Any, stop: asyncio.Event, registry: Registry, pace: Pace) -> None:
    """Work over one connection until `stop` is set or the connection is lost."""
    queue = PgQueuer.from_asyncpg_connection(connection)
    halting, lost = asyncio.Event(), asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    waits = [asyncio.ensure_future(event.wait()) for event in (stop, lost)]
    running: asyncio.Task[None] | None = None
    try:
        if adopted := await _take_over(connection, queue):
            _log.info("jobs of a dead worker taken over", jobs=adopted)
        _register(queue, registry, pace, halting)
        running = asyncio.create_task(
            queue.run(
                dequeue_timeout=timedelta(seconds=pace.poll),
                batch_size=pace.batch,
                max_concurrent_tasks=2 * pace.batch,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=timedelta(seconds=pace.stale),
            )
        )
        _log.info("worker started", reactions=len(registry.reactions))
        await asyncio.wait({running, *waits}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        await _wind_down(running, connection, halting, pace)
        if running.done() and not running.cancelled():
            running.result()
        if lost.is_set() and not stop.is_set():
            raise ConnectionError("the connection to the database was lost")
    finally:
        for wait in waits:
            wait.cancel()
        if running is not None and not running.done():
            running.cancel()
        await _close(connection)


async def _wind_down(
    running: asyncio.Task[None], connection: Any, halting: asyncio.Event, pace: Pace
) -> None:
    """Let jobs finish for a moment, then hand back what still runs."""
    await asyncio.wait({running}, timeout=pace.grace)
    halting.set()
    await asyncio.wait({running}, timeout=0.7)
    if not running.done():
        # Cancelled jobs would be deleted; without a connection they stay for the next worker.
        connection.terminate()
        running.cancel()
        await asyncio.wait({running}, timeout=0.3)


async def _close(connection: Any) -> None:
    try:
        await connection.close(timeout=0.5)
    except Exception:  # However it failed to part in order.
        connection.terminate()


async def _take_over(connection: Any, queue: PgQueuer) -> int:
    """Say that this worker lives, and make the jobs of those that do not available at once.

    A worker holds an advisory lock on its own connection, which PostgreSQL lets go of when the
    worker's process dies; otherwise its jobs would wait for their heartbeats to go stale.
    """
    await connection.fetchval(
        "SELECT pg_advisory_lock($1, hashtext($2))", ALIVE, str(queue.qm.queue_manager_id)
    )
    tag: str = await connection.execute(
        "UPDATE pgqueuer SET heartbeat = 'epoch' WHERE status = 'picked'"
        " AND entrypoint = ANY($2) AND hashtext(queue_manager_id::text)::bigint NOT IN"
        " (SELECT CASE WHEN objid::bigint > 2147483647 THEN objid::bigint - 4294967296"
        "  ELSE objid::bigint END FROM pg_locks WHERE locktype = 'advisory' AND granted"
        "  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        "  AND classid::bigint = $1)",
        ALIVE,
        list(JOBS),
    )
    return int(tag.rsplit(" ", 1)[-1])


def _register(queue: PgQueuer, registry: Registry, pace: Pace, halting: asyncio.Event) -> None:
    executor = functools.partial(
        Executor,
        max_attempts=pace.attempts,
        initial_delay=timedelta(seconds=pace.first_delay),
        max_delay=timedelta(seconds=pace.longest_delay),
        halting=halting,
    )
    kinds = {EVENT_JOB: fan_out, REACTION_JOB: react, SCHEDULE_JOB: keep_time}
    for name, work in kinds.items():
        run_one = cleaned(functools.partial(work, registry=registry))
        queue.entrypoint(
            name,
            accepts_context=False,
            on_failure="hold",
            executor_factory=lambda parameters: executor(parameters=parameters),
        )(run_one)
    for schedule in registry.schedules.values():
        queue.schedule(schedule.name, schedule.cron, accepts_context=False)(
            functools.partial(_due, queue, schedule.name)
        )


async def _due(queue: PgQueuer, name: str, due: DueSchedule) -> None:
    await enqueue_schedule(queue.qm.queries, name)  # type: ignore[arg-type]
