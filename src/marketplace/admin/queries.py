"""Reads for administrators: jobs, refused mail and history, all without personal values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace import clock, db, job_queue
from marketplace.accounts import queries as accounts
from marketplace.audit import EVENT_JOB, REACTION_JOB
from marketplace.errors import NotFound
from marketplace.job_queue import SCHEDULE_JOB
from marketplace.organisations import queries as organisations
from marketplace.permissions import Actor, Permission

MOST_JOBS = 100
PAGE = 50
REFUSALS_SHOWN = timedelta(days=30)
NO_SUCH_JOB = "That job is done, or was dropped already."


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job; `name` is its reaction or schedule, `error` the class and place of its last failure.

    `entry` is the history entry it is about, None for schedules.
    """

    id: int
    kind: str
    name: str
    entry: UUID | None
    event: str
    held: bool
    running: bool
    attempts: int
    created: datetime
    next_at: datetime
    error: str

    @property
    def title(self) -> str:
        """Say what it is in words."""
        if self.kind == EVENT_JOB:
            return "Tell the reactions what happened"
        return self.name or self.kind


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that a mail server refused for good; `answer` is its number."""

    template: str
    person: str
    at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class Jobs:
    """The held jobs and the waiting ones, oldest first, at most a hundred each."""

    held: list[JobRow]
    waiting: list[JobRow]
    held_total: int
    waiting_total: int
    workers: int
    refusals: list[Refusal]


_JOB = """
    SELECT j.id, j.entrypoint AS kind, j.payload, j.status::text AS status, j.attempts,
        j.created, j.execute_after AS next_at, h.id AS entry, h.event,
        (SELECT l.traceback ->> 'exception_message' FROM pgqueuer_log l
         WHERE l.job_id = j.id AND l.traceback IS NOT NULL
         ORDER BY l.created DESC, l.id DESC LIMIT 1) AS error
    FROM pgqueuer j
    LEFT JOIN history h ON h.id = CASE WHEN j.entrypoint IN ('event', 'reaction')
        AND length(j.payload) >= 16
        THEN encode(substring(j.payload FROM 1 FOR 16), 'hex')::uuid END
"""


def _job(row: Mapping[str, Any]) -> JobRow:
    payload = bytes(row["payload"] or b"")
    name = ""
    if row["kind"] == REACTION_JOB and len(payload) >= 16:
        name = job_queue.read_payload(payload)[1]
    elif row["kind"] == SCHEDULE_JOB:
        name = payload.decode("utf-8", "replace")
    return JobRow(
        id=row["id"],
        kind=row["kind"],
        name=name,
        entry=row["entry"],
        event=row["event"] or "",
        held=row["status"] == "failed",
        running=row["status"] == "picked",
        attempts=row["attempts"],
        created=row["created"],
        next_at=row["next_at"],
        error=row["error"] or "",
    )


async def jobs(actor: Actor) -> Jobs:
    """Give what is held and what waits.

    Raises:
        SignInRequired, NotFound: the actor is no administrator.
    """
    actor.require_to_know(Permission.VIEW_JOBS)
    totals = await db.fetch_one(
        "SELECT count(*) FILTER (WHERE status = 'failed') AS held,"
        " count(*) FILTER (WHERE status <> 'failed') AS waiting FROM pgqueuer"
    )
    assert totals is not None
    held, waiting = [
        [
            _job(row)
            for row in await db.fetch(
                f"{_JOB} WHERE (j.status = 'failed') = {{}} ORDER BY j.created, j.id LIMIT {{}}",
                failed,
                MOST_JOBS,
            )
        ]
        for failed in (True, False)
    ]
    return Jobs(
        held,
        waiting,
        totals["held"],
        totals["waiting"],
        await job_queue.workers(),
        await _refusals(),
    )


async def job(actor: Actor, id: int) -> JobRow:
    """Give one job.

    Raises:
        SignInRequired, NotFound: the actor is no administrator; or there is no such job any more.
    """
    actor.require_to_know(Permission.VIEW_JOBS)
    row = await db.fetch_one(f"{_JOB} WHERE j.id = {{}}", id) if 0 < id < 2**63 else None
    if row is None:
        raise NotFound(NO_SUCH_JOB)
    return _job(row)


async def _refusals() -> list[Refusal]:
    rows = await db.fetch(
        "SELECT template, person_id, refused_at, refusal FROM delivery"
        " WHERE refused_at > {} ORDER BY refused_at DESC LIMIT 50",
        clock.now() - REFUSALS_SHOWN,
    )
    names = await accounts.names(row["person_id"] for row in rows if row["person_id"])
    return [
        Refusal(
            row["template"],
            names.get(row["person_id"], "Somebody without an account"),
            row["refused_at"],
            row["refusal"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One thing that happened, with the names of those it concerns as they are today."""

    seq: int
    at: datetime
    event: str
    subject_type: str
    subject_id: UUID
    actor_id: UUID | None
    actor: str
    on_behalf_of: UUID | None
    behalf: str
    organisation_id: UUID | None
    organisation: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of history, newest first; `older` continues it, None at its beginning."""

    rows: list[HistoryRow]
    older: int | None


_HISTORY = (
    "SELECT seq, at, event, subject_type, subject_id, actor_id, on_behalf_of, organisation_id,"
    " data FROM history"
)


async def history(
    actor: Actor, *, about: UUID | None = None, event: str = "", before: int | None = None
) -> HistoryPage:
    """Give what happened: to or by `about`, or in that organisation; `event` in full or its noun.

    Raises:
        SignInRequired, NotFound: the actor is no administrator.
    """
    actor.require_to_know(Permission.VIEW_HISTORY)
    conditions, values = ["true"], []
    if before is not None:
        conditions.append("seq < {}")
        values.append(before)
    if about is not None:
        conditions.append("(subject_id = {} OR actor_id = {} OR organisation_id = {})")
        values += [about] * 3
    if event:
        conditions.append("(event = {} OR starts_with(event, {}))")
        values += [event, f"{event}."]
    rows = await db.fetch(
        f"{_HISTORY} WHERE {' AND '.join(conditions)} ORDER BY seq DESC LIMIT {{}}",
        *values,
        PAGE + 1,
    )
    shown = rows[:PAGE]
    groups = await organisations.names(
        [row[name] for row in shown for name in ("organisation_id", "on_behalf_of") if row[name]]
    )
    people = await accounts.names(
        row[name]
        for row in shown
        for name in ("actor_id", "on_behalf_of")
        if row[name] and row[name] not in groups
    )
    return HistoryPage(
        [
            HistoryRow(
                **row,
                actor=people.get(row["actor_id"], ""),
                behalf=(groups | people).get(row["on_behalf_of"], ""),
                organisation=groups.get(row["organisation_id"], ""),
            )
            for row in shown
        ],
        shown[-1]["seq"] if len(rows) > PAGE else None,
    )
