"""In the worker: running an import in chunks, undoing it, and inviting whom it brought."""
# Statements are put together from constants of the code alone.
# ruff: noqa: S608

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import asyncpg

from marketplace import audit, clock, db
from marketplace.errors import MarketplaceError
from marketplace.ids import new_id
from marketplace.organisations.rules import INVITATION_LASTS, InvitationState
from marketplace.organisations.rules import Event as Organisations
from marketplace.organisations.tables import Invitation
from marketplace.permissions import Actor, OrgRole
from marketplace.volunteering.moving_in import making, undoing
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
    for judged in await judge(kind, lines, choices, id):
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
        " made_type = {}, made_id = {}, choice = CASE WHEN {} THEN NULL ELSE choice END"
        " WHERE import_id = {} AND line = {}",
        state.value,
        judged.verdict.value,
        judged.sentence,
        judged.match,
        thing[0].value if thing else None,
        thing[1] if thing else None,
        # What was decided was another question.
        judged.verdict is Verdict.DOUBTFUL,
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
        "SELECT id, line, made_type, made_id, match_id FROM csv_import_row WHERE import_id = {}"
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
        elif kind is Kind.FEED and row["match_id"]:
            await undoing.forget_source(id, row["match_id"])
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


async def forget_lines() -> int:
    """Empty the lines of tables whose time is over; gives how many."""
    return await db.execute(
        "UPDATE csv_import_row r SET cells = {}, label = '' FROM csv_import i"
        " WHERE i.id = r.import_id AND i.made_at < {} AND (r.label <> '' OR r.cells <> {})",
        {},
        clock.now() - KEPT,
        {},
    )
