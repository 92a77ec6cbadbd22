"""The three kinds of job, and what is kept of one that fails."""

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg
import structlog
from pgqueuer import AsyncpgDriver, Queries
from pgqueuer.errors import RetryRequested
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Context, Job

from marketplace import audit, db, logs, mail, paths
from marketplace.audit import REACTION_JOB
from marketplace.errors import MarketplaceError
from marketplace.job_queue import SCHEDULE_JOB, reaction_payload, read_payload
from marketplace.worker.registry import Registry

_log = logs.get(__name__)
_ADDRESS = re.compile(r"\S+@\S+")


class JobFailed(Exception):
    """A job failed; the text goes into the queue's log, so it holds no personal value."""


async def fan_out(job: Job, registry: Registry) -> None:
    """Replace an event job by one job a reaction, all in one transaction.

    The event job is finished in the same transaction, so however often it is run, and by
    however many workers at once, each reaction is enqueued once.
    """
    entry_id, _ = read_payload(job.payload or b"")
    async with db.transaction():
        queue = Queries(AsyncpgDriver(db.connection()))
        tag = await db.connection().execute(
            queue.qbq.build_log_job_query(), [job.id], ["successful"], [None]
        )
        if tag == "INSERT 0 0":
            return
        entry = await audit.entry(entry_id)
        if entry is None:
            raise JobFailed(f"history has no entry {entry_id}")
        names = registry.caused_by(entry.event)
        if names:
            await queue.enqueue(
                [REACTION_JOB] * len(names),
                [reaction_payload(entry_id, name) for name in names],
                [0] * len(names),
            )


async def react(job: Job, registry: Registry) -> None:
    """Run one reaction to one event."""
    entry_id, name = read_payload(job.payload or b"")
    reaction = registry.reactions.get(name)
    if reaction is None:
        raise JobFailed(f"this version knows no reaction called {name!r}")
    entry = await audit.entry(entry_id)
    if entry is None:
        raise JobFailed(f"history has no entry {entry_id}")
    await reaction.run(entry)


async def keep_time(job: Job, registry: Registry) -> None:
    """Run one schedule."""
    name = (job.payload or b"").decode()
    schedule = registry.schedules.get(name)
    if schedule is None:
        raise JobFailed(f"this version knows no schedule called {name!r}")
    await schedule.run()


async def enqueue_schedule(queue: Queries, name: str) -> None:
    """Enqueue a run of a schedule, in the place of an earlier one that is held or waits."""
    await queue.driver.execute(
        "DELETE FROM pgqueuer WHERE entrypoint = $1 AND payload = $2 AND status = 'failed'",
        SCHEDULE_JOB,
        name.encode(),
    )
    await queue.enqueue(
        SCHEDULE_JOB, name.encode(), dedupe_key=f"schedule:{name}", on_conflict="skip"
    )


def cleaned(run: Callable[[Job], Awaitable[None]]) -> Callable[[Job], Awaitable[None]]:
    """Make failures of a job fit to be stored and logged: where and what, no personal value."""

    async def guarded(job: Job) -> None:
        structlog.contextvars.bind_contextvars(job=job.id, kind=job.entrypoint)
        try:
            await run(job)
        except RetryRequested:
            raise
        except Exception as error:  # Whatever it was, only where and what of it is kept.
            said = describe(error)
            _log.warning("job failed", error=said, attempt=job.attempts + 1)
            # Neither chained nor shown: the first error's text may quote a row.
            raise JobFailed(said) from None

    return guarded


def describe(error: BaseException) -> str:
    """Say what failed and where, without a value anybody typed."""
    if isinstance(error, JobFailed):
        return str(error)
    kind = type(error).__name__
    if isinstance(error, MarketplaceError | mail.Temporary):
        kind += f": {_ADDRESS.sub('…', str(error))}"
    elif isinstance(error, asyncpg.PostgresError):
        state, constraint = (getattr(error, name, "") for name in ("sqlstate", "constraint_name"))
        kind += f" {state or ''}{f' ({constraint})' if constraint else ''}"
    elif isinstance(error, BaseExceptionGroup):
        kind += f" of {', '.join(sorted({describe(part) for part in error.exceptions}))}"
    return f"{kind}{_place(error)}"


def _place(error: BaseException) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(paths.PACKAGE):
            return f" in {file.relative_to(paths.PACKAGE)}:{frame.lineno} ({frame.name})"
    return ""


@dataclass
class Executor(DatabaseRetryEntrypointExecutor):
    """Retry with back-off, hold in the end, and hand a job back when the worker must stop.

    PgQueuer would delete a job whose task is cancelled; so nobody cancels ours, `halting` does.
    """

    max_attempts: int = 9
    initial_delay: timedelta = timedelta(seconds=2)
    max_delay: timedelta = timedelta(minutes=30)
    backoff_multiplier: float = 3.0
    halting: asyncio.Event = field(default_factory=asyncio.Event)

    async def execute(self, job: Job, context: Context) -> None:
        """Run a job to its end, or until `halting` is set.

        Raises:
            RetryRequested: it failed and may be tried again, or was interrupted.
        """
        work = asyncio.ensure_future(super().execute(job, context))
        halted = asyncio.ensure_future(self.halting.wait())
        try:
            await asyncio.wait({work, halted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            halted.cancel()
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
        if work.cancelled():
            raise RetryRequested(timedelta(0), reason="the worker was stopped")
        work.result()
