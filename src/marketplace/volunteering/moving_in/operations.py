"""Staging a table, running it in chunks, undoing it, and inviting whom it brought."""
# Statements are put together from constants of the code alone.
# ruff: noqa: S608

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg

from marketplace import audit, clock, db
from marketplace.accounts import passwords, sessions
from marketplace.accounts.rules import Event as Accounts
from marketplace.db import Once
from marketplace.errors import Conflict, MarketplaceError, NotAllowed
from marketplace.ids import new_id
from marketplace.organisations.rules import INVITATION_LASTS, InvitationState
from marketplace.organisations.rules import Event as Organisations
from marketplace.organisations.tables import Invitation
from marketplace.permissions import Actor, OrgRole, Permission
from marketplace.signing import LinkExpired
from marketplace.volunteering.moving_in import making, queries, rules, undoing
from marketplace.volunteering.moving_in.judging import Judged, judge
from marketplace.volunteering.moving_in.queries import INVITABLE
from marketplace.volunteering.moving_in.rules import (
    KEPT,
    Choice,
    Event,
    Kind,
    Line,
    Made,
    RowState,
    State,
    Verdict,
)
from marketplace.volunteering.moving_in.tables import CsvImport

CHUNK = 100
_LOCK = 726_022


async def stage(actor: Actor, kind: Kind, content: bytes, *, once: Once | None = None) -> UUID:
    """Read a table and keep it line by line with what would become of each; makes nothing else.

    Raises:
        SignInRequired, NotFound: the actor is no broker.
        Conflict: the file cannot be used; names the field `file`.
    """
    actor.require_to_know(Permission.MOVE_IN)
    try:
        sheet = await asyncio.to_thread(rules.sheet, kind, content)
    except rules.Unreadable as problem:
        raise Conflict(str(problem), field="file") from problem
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
            " AND verdict = 'doubtful' AND state = 'waiting'",
            choice.value,
            id,
            line,
        )
        if not changed:
            raise Conflict("That line needs no decision any more.")


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


# --- in the worker


async def run(id: UUID, by: UUID | None) -> None:
    """Make all that is left of an import, a chunk a transaction; ends early when it is stopped."""
    await _in_chunks(id, Actor(person_id=by), _apply)


async def run_undo(id: UUID, by: UUID | None) -> None:
    """Take back all that is left to be, a chunk a transaction."""
    await _in_chunks(id, Actor(person_id=by), _undo)


async def _in_chunks(
    id: UUID, actor: Actor, work: Callable[[Actor, UUID], Awaitable[bool]]
) -> None:
    more = True
    while more:
        async with db.transaction():
            # One import at a time writes: two that bring the same would bring it twice.
            await db.execute("SELECT pg_advisory_xact_lock({}::bigint)", _LOCK)
            more = await work(actor, id)
        await asyncio.sleep(0)


async def _state(id: UUID) -> tuple[State, Kind]:
    row = await db.fetch_one(
        "SELECT state, kind FROM csv_import WHERE id = {} FOR NO KEY UPDATE", id
    )
    assert row is not None
    return State(row["state"]), Kind(row["kind"])


async def _apply(actor: Actor, id: UUID) -> bool:
    """Make the next lines true; tells whether there may be more."""
    state, kind = await _state(id)
    if state is not State.RUNNING:
        return False
    rows = await db.fetch(
        "SELECT id, line, cells, choice, match_id FROM csv_import_row WHERE import_id = {}"
        " AND state = 'waiting' AND (verdict <> 'doubtful' OR choice IS NOT NULL)"
        " ORDER BY line LIMIT {}",
        id,
        CHUNK,
    )
    if not rows:
        await CsvImport.update(
            {CsvImport.state: State.DONE, CsvImport.finished_at: clock.now()}
        ).where(CsvImport.id == id)
        await audit.record(Event.FINISHED, "import", id, by=actor)
        return False
    choices = {
        row["line"]: (Choice(row["choice"]), row["match_id"]) for row in rows if row["choice"]
    }
    lines = [Line(row["line"], row["cells"]) for row in rows]
    # Judged anew: what the preview saw may have changed, and so may a file before this one.
    made = 0
    for judged in await judge(kind, lines, choices):
        made += await _one(actor, kind, judged, id)
    await audit.record(
        Event.APPLIED,
        "import",
        id,
        by=actor,
        data={"kind": kind.value, "made": made, "from": rows[0]["line"], "to": rows[-1]["line"]},
    )
    return True


async def _one(actor: Actor, kind: Kind, judged: Judged, id: UUID) -> int:
    """Make one line true, and write down what came of it; gives how much was made."""
    thing = None
    if judged.verdict in {Verdict.NEW, Verdict.MATCHED}:
        try:
            async with db.savepoint():
                thing = await making.make(actor, kind, judged, id)
        except (MarketplaceError, asyncpg.IntegrityConstraintViolationError) as error:
            said = error.message if isinstance(error, MarketplaceError) else _CLASH
            judged = replace(judged, verdict=Verdict.REFUSED, sentence=said)
    state = {
        Verdict.REFUSED: RowState.REFUSED,
        # It has become one since the preview: somebody has to look at it.
        Verdict.DOUBTFUL: RowState.WAITING,
    }.get(judged.verdict, RowState.APPLIED)
    await db.execute(
        "UPDATE csv_import_row SET state = {}, verdict = {}, sentence = {}, match_id = {},"
        " made_type = {}, made_id = {} WHERE import_id = {} AND line = {}",
        state.value,
        judged.verdict.value,
        judged.sentence,
        judged.match,
        thing[0].value if thing else None,
        thing[1] if thing else None,
        id,
        judged.line.number,
    )
    return 1 if thing else 0


_CLASH = "Something with the same number was made meanwhile. Send this line in again."


async def _undo(actor: Actor, id: UUID) -> bool:
    """Take back the last lines that stand; tells whether there may be more."""
    state, kind = await _state(id)
    if state is not State.UNDOING:
        return False
    rows = await db.fetch(
        "SELECT id, line, made_type, made_id FROM csv_import_row WHERE import_id = {}"
        " AND state = 'applied' ORDER BY line DESC LIMIT {}",
        id,
        CHUNK,
    )
    for row in rows:
        stays = ""
        if kind is Kind.PEOPLE:
            await undoing.withdraw(actor, id, row["line"])
        if row["made_id"]:
            stays = await undoing.undo(actor, Made(row["made_type"]), row["made_id"])
        await db.execute(
            "UPDATE csv_import_row SET state = {}, sentence = CASE WHEN {} THEN {} ELSE sentence"
            " END WHERE id = {}",
            (RowState.KEPT if stays else RowState.UNDONE).value,
            bool(stays),
            stays,
            row["id"],
        )
    if not rows:
        await CsvImport.update(
            {CsvImport.state: State.UNDONE, CsvImport.finished_at: clock.now()}
        ).where(CsvImport.id == id)
        await audit.record(Event.UNDONE, "import", id, by=actor)
    return bool(rows)


async def next_to_invite(id: UUID) -> list[UUID]:
    """Give some people whom an import brought and nobody has asked yet."""
    rows = await db.fetch(
        "SELECT r.made_id FROM csv_import_row r WHERE r.import_id = {}"
        " AND r.made_type = 'person' AND " + INVITABLE + " ORDER BY r.line LIMIT {}",
        id,
        CHUNK,
    )
    return [row["made_id"] for row in rows]


async def note_invited(id: UUID, made: UUID) -> None:
    """Write down that somebody was asked."""
    await db.execute(
        "UPDATE csv_import_row SET invited_at = {} WHERE import_id = {} AND made_id = {}",
        clock.now(),
        id,
        made,
    )


async def invite_owners(id: UUID, by: UUID | None) -> None:
    """Offer each organisation of an import to the address its table names as the owner's."""
    actor = Actor(person_id=by)
    async with db.transaction():
        await _state(id)
        rows = await db.fetch(
            "SELECT r.made_id, r.cells ->> 'owner_email' AS email FROM csv_import_row r"
            " WHERE r.import_id = {} AND r.made_type = 'organisation' AND " + INVITABLE,
            id,
        )
        for row in rows:
            invitation = new_id()
            await Invitation(
                id=invitation,
                organisation_id=row["made_id"],
                email=row["email"].strip().lower(),
                role=OrgRole.OWNER.value,
                state=InvitationState.OPEN.value,
                invited_by=by,
                created_at=clock.now(),
                expires_at=clock.now() + INVITATION_LASTS,
            ).save()
            await audit.record(
                Organisations.INVITATION_MADE,
                "invitation",
                invitation,
                by=actor,
                organisation=row["made_id"],
                data={"version": 1},
            )
            await note_invited(id, row["made_id"])


# --- by whoever was invited


async def claim(token: str, *, password: str, device: str, once: Once | None = None) -> str:
    """Take over an account that an import made: gives the token of the session that begins.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, too old, or used.
        Conflict: the password is weak (field `password`).
    """
    found = (await queries.claimable(token)).person
    passwords.refuse_weak(password, found.name, found.email)
    hashed = await passwords.hashed(password)
    by = Actor(person_id=found.id, name=found.name)
    async with db.transaction(once):
        changed = await db.execute(
            "UPDATE person SET password_hash = {}, email_confirmed_at = {},"
            " credential_version = credential_version + 1 WHERE id = {}"
            " AND credential_version = {} AND unclaimed_since IS NOT NULL",
            hashed,
            clock.now(),
            found.id,
            found.credential_version,
        )
        if not changed:
            raise LinkExpired("This invitation was used already. Sign in with your password.")
        await audit.record(Event.CLAIMED, "person", found.id, by=by)
        await audit.record(Accounts.EMAIL_CONFIRMED, "person", found.id, by=by)
        return await sessions.open_session(found.id, device)


async def decline(token: str, *, once: Once | None = None) -> None:
    """Forget somebody who wants no account; hours they gave stay without a name.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, too old, or used.
    """
    found = (await queries.claimable(token)).person
    async with db.transaction(once):
        await undoing.forget(found.id)
        await audit.record(Event.DECLINED, "person", found.id, by=Actor(person_id=found.id))


async def forget_lines() -> int:
    """Empty the lines of tables whose time is over; gives how many."""
    return await db.execute(
        "UPDATE csv_import_row r SET cells = {}, label = '' FROM csv_import i"
        " WHERE i.id = r.import_id AND i.made_at < {} AND (r.label <> '' OR r.cells <> {})",
        {},
        clock.now() - KEPT,
        {},
    )
