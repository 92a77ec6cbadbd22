"""A broker's verbs: staging a table, deciding, having it run, stopped, undone; inviting."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from marketplace import audit, db, rate_limits, settings
from marketplace.db import Once
from marketplace.errors import Conflict, NotAllowed
from marketplace.ids import new_id
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.feeds import fetching, steps
from marketplace.volunteering.feeds.fetching import Limits, Unfetched
from marketplace.volunteering.moving_in import columns, feed, queries
from marketplace.volunteering.moving_in.judging import Judged, judge
from marketplace.volunteering.moving_in.rules import (
    MOST_BYTES,
    Choice,
    Event,
    Kind,
    RowState,
    Sheet,
    State,
    Unreadable,
    Verdict,
)
from marketplace.volunteering.moving_in.tables import CsvImport

_LIMITS = Limits(most_bytes=MOST_BYTES)


async def stage(actor: Actor, kind: Kind, content: bytes, *, once: Once | None = None) -> UUID:
    """Read a table and keep it line by line with what would become of each; makes nothing else.

    Raises:
        SignInRequired, NotFound: the actor is no broker.
        Conflict: the file cannot be used; names the field `file`.
    """
    actor.require_to_know(Permission.MOVE_IN)
    try:
        sheet = await asyncio.to_thread(columns.sheet, kind, content)
    except Unreadable as problem:
        raise Conflict(str(problem), field="file") from problem
    return await _keep(actor, kind, sheet, once)


async def stage_feed(actor: Actor, content: bytes, *, once: Once | None = None) -> UUID:
    """Read a feed of another platform, and keep it as a table is kept.

    Raises:
        SignInRequired, NotFound: the actor is no broker.
        Conflict: the file cannot be used; names the field `file`.
    """
    actor.require_to_know(Permission.MOVE_IN)
    return await _feed(actor, content, "file", (), once)


async def stage_feed_from(
    actor: Actor, address: str, *, once: Once | None = None, limits: Limits = _LIMITS
) -> UUID:
    """Fetch a feed from where another platform publishes it, and keep it as a table is kept.

    Raises:
        SignInRequired, NotFound: the actor is no broker.
        TooMany: the broker tried too often.
        Conflict: there is no feed that can be used; names the field `address`.
    """
    actor.require_to_know(Permission.MOVE_IN)
    await rate_limits.count(rate_limits.FEEDS, str(actor.require_person()))
    try:
        content = await fetching.fetch(address, limits)
    except Unfetched as problem:
        raise Conflict(str(problem), field="address") from problem
    host = urlsplit(address).hostname
    return await _feed(actor, content, "address", (f"Read from {host}.",), once)


async def _feed(
    actor: Actor, content: bytes, field: str, notes: Sequence[str], once: Once | None
) -> UUID:
    ours = settings.current().base_url
    try:
        sheet = await asyncio.to_thread(feed.sheet, content, steps.slugs(), ours)
    except Unreadable as problem:
        raise Conflict(str(problem), field=field) from problem
    return await _keep(actor, Kind.FEED, replace(sheet, notes=notes), once)


async def _keep(actor: Actor, kind: Kind, sheet: Sheet, once: Once | None) -> UUID:
    """Keep what was read, line by line, with what would become of each."""
    judged = await judge(kind, sheet.lines)
    id = new_id()
    async with db.transaction(once):
        await CsvImport(
            id=id,
            kind=kind,
            rows=len(judged),
            notes=list(sheet.notes),
            made_by=actor.require_person(),
        ).save()
        await db.connection().executemany(
            "INSERT INTO csv_import_row (id, import_id, line, cells, label, verdict, sentence,"
            " match_id, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [_record(id, each) for each in judged],
        )
        await audit.record(
            Event.STAGED, "import", id, by=actor, data={"kind": kind.value, "rows": len(judged)}
        )
        if once:
            once.answer(f"/broker/imports/{id}")
    return id


def _record(import_id: UUID, judged: Judged) -> tuple[Any, ...]:
    state = RowState.REFUSED if judged.verdict is Verdict.REFUSED else RowState.WAITING
    return (
        new_id(),
        import_id,
        judged.line.number,
        dict(judged.line.cells),
        judged.label,
        judged.verdict.value,
        judged.sentence,
        judged.match,
        state.value,
    )


async def decide(
    actor: Actor, id: UUID, line: int, choice: Choice, *, once: Once | None = None
) -> None:
    """Say of a doubtful line whether it is what it resembles, or new.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such import.
        Conflict: there is nothing to decide any more.
    """
    async with db.transaction(once):
        await queries.one(actor, id, lock=True)
        changed = await db.execute(
            "UPDATE csv_import_row SET choice = {} WHERE import_id = {} AND line = {}"
            " AND verdict = 'doubtful' AND state = 'waiting' AND match_id IS NOT NULL",
            choice.value,
            id,
            line,
        )
        if not changed:
            raise Conflict("That line needs no decision any more.")
        # What waits for this line alone goes with it.
        await db.execute(
            "UPDATE csv_import_row SET choice = {}, sentence = 'It follows its organisation.'"
            " WHERE import_id = {} AND cells ->> 'within' = {} AND verdict = 'doubtful'"
            " AND state = 'waiting' AND match_id IS NULL",
            choice.value,
            id,
            str(line),
        )


async def start(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Have what a table says made true, by the worker; again after a stop, or for lines decided.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such import.
        Conflict: it runs already, was undone, or nothing is left to make.
    """
    async with db.transaction(once):
        found = await queries.one(actor, id, lock=True)
        if found.state not in {State.PREVIEW, State.STOPPED, State.DONE}:
            raise Conflict("This import runs already, or was undone.")
        if not found.to_make:
            raise Conflict("Nothing is left to import from this file.")
        await _set(actor, id, State.RUNNING, Event.STARTED)


async def stop(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Stop after the chunk that is being written; what is there stays, and it can go on.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such import.
        Conflict: it does not run.
    """
    async with db.transaction(once):
        found = await queries.one(actor, id, lock=True)
        if found.state is not State.RUNNING:
            raise Conflict("This import does not run any more.")
        await _set(actor, id, State.STOPPED, Event.STOPPED)


async def undo(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take back all that an import made and nobody has touched since, by the worker.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such import.
        Conflict: it runs, or was undone.
    """
    async with db.transaction(once):
        found = await queries.one(actor, id, lock=True)
        if found.state is State.RUNNING:
            raise Conflict("This import is running. Stop it first.")
        if found.state in {State.UNDOING, State.UNDONE}:
            raise Conflict("This import was undone already.")
        await _set(actor, id, State.UNDOING, Event.UNDO_STARTED)


async def invite(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Have everybody whom an import brought, and nobody asked yet, asked to claim their account.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such import.
        NotAllowed: the broker's own address is not confirmed.
        Conflict: nobody is left to be invited.
    """
    async with db.transaction(once):
        found = await queries.one(actor, id, lock=True)
        if not actor.email_confirmed:
            raise NotAllowed("Confirm your own e-mail address before you invite others.")
        if not found.invitable:
            raise Conflict("Everybody whom this import brought is invited, or here already.")
        await audit.record(Event.INVITED, "import", id, by=actor)


async def _set(actor: Actor, id: UUID, state: State, event: Event) -> None:
    await CsvImport.update({CsvImport.state: state}).where(CsvImport.id == id)
    await audit.record(event, "import", id, by=actor)
