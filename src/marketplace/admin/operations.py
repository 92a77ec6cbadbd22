"""What administrators do to jobs: try again, or drop. Both are recorded."""

from uuid import UUID

from marketplace import audit, db
from marketplace.admin import queries
from marketplace.admin.rules import Event
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor


async def try_again(actor: Actor, id: int, *, once: Once | None = None) -> None:
    """Have a held or waiting job run now, with all its attempts before it.

    Raises:
        SignInRequired, NotFound: the actor is no administrator; or the job is gone.
        Conflict: it is running, or a newer run of the same schedule waits already.
    """
    async with db.transaction(once):
        job = await _locked(actor, id)
        with db.clashes(
            {
                "pgqueuer_unique_dedupe_key": Conflict(
                    "A newer run of this schedule waits already, so this one can be dropped."
                )
            }
        ):
            await db.execute(
                "UPDATE pgqueuer SET status = 'queued', attempts = 0, execute_after = now(),"
                " updated = now(), queue_manager_id = NULL WHERE id = {}",
                id,
            )
        await _log(job, "queued")
        await _record(actor, Event.JOB_TRIED_AGAIN, job)


async def drop(actor: Actor, id: int, *, once: Once | None = None) -> None:
    """Give a held or waiting job up for good.

    Raises:
        SignInRequired, NotFound: the actor is no administrator; or the job is gone.
        Conflict: it is running.
    """
    async with db.transaction(once):
        job = await _locked(actor, id)
        await db.execute("DELETE FROM pgqueuer WHERE id = {}", id)
        await _log(job, "deleted")
        await _record(actor, Event.JOB_DROPPED, job)


async def _locked(actor: Actor, id: int) -> queries.JobRow:
    await queries.job(actor, id)
    await db.execute("SELECT FROM pgqueuer WHERE id = {} FOR UPDATE", id)
    # Read again under the lock: a worker may have taken or finished it meanwhile.
    found = await queries.job(actor, id)
    if found.running:
        raise Conflict("That job is running just now. Look again in a minute.")
    return found


async def _log(job: queries.JobRow, status: str) -> None:
    await db.execute(
        "INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)"
        " VALUES ({}, {}::text::pgqueuer_status, {}, 0)",
        job.id,
        status,
        job.kind,
    )


async def _record(actor: Actor, event: Event, job: queries.JobRow) -> None:
    await audit.record(
        event,
        "job",
        job.entry or UUID(int=job.id),
        by=actor,
        data={"job": job.id, "kind": job.kind, "name": job.name, "attempts": job.attempts},
    )
