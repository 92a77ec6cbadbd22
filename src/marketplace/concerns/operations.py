"""Raising a concern, dealing with it, and what happens where nobody looks."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from marketplace import addresses, audit, clock, db
from marketplace.concerns import queries
from marketplace.concerns.queries import ConcernView, Receipt
from marketplace.concerns.rules import (
    CONCERN_MOVES,
    UNSEEN_FOR,
    AboutLeads,
    Event,
    NoteKind,
    State,
    code_hash,
)
from marketplace.concerns.tables import Concern, ConcernNote
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.organisations.safeguarding_leads import queries as leads
from marketplace.permissions import ANONYMOUS, SYSTEM, Actor
from marketplace.rate_limits import Limit, count

# Many, for a library's computers; few, for whoever guesses at codes.
RAISED = Limit("concerns address", 30, timedelta(hours=1))
CODES = Limit("concern codes address", 60, timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Worry:
    """What somebody wrote; without an organisation it is for the place's lead."""

    text: str
    organisation_id: UUID | None = None
    about_leads: AboutLeads = AboutLeads.NO
    page: str = ""
    contact_name: str = ""
    contact_how: str = ""


async def raise_concern(worry: Worry, code: str, *, client: str, once: Once | None = None) -> UUID:
    """Give a concern to those who may know of it; who raised it is not written down.

    Raises:
        Conflict: there is no such organisation.
        TooMany: more than 30 from one address in an hour.
    """
    await count(RAISED, client)
    id = new_id()
    async with db.transaction(once):
        named: list[UUID] = []
        if worry.organisation_id is not None:
            if await queries.organisation(worry.organisation_id) is None:
                raise Conflict("Choose who should hear of it", field="to")
            named = [lead.person_id for lead in await leads.of_organisation(worry.organisation_id)]
        suspects = worry.about_leads is not AboutLeads.NO
        await Concern(
            id=id,
            code_hash=code_hash(code),
            organisation_id=worry.organisation_id,
            about_leads=worry.about_leads,
            for_place=suspects or not named,
            # Also where one of them is a lead of the place.
            kept_from=named if suspects else [],
            text=worry.text,
            page=addresses.plain(worry.page) if worry.page else "",
            contact_name=worry.contact_name,
            contact_how=worry.contact_how,
        ).save()
        await audit.record(Event.RAISED, "concern", id, by=ANONYMOUS)
    return id


async def look(actor: Actor, id: UUID) -> ConcernView:
    """Show a concern to one of its readers, and write down that they looked.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is not for the actor to know.
    """
    async with db.transaction():
        await queries.concern(actor, id)
        await _note_look(actor, id)
        return await queries.concern(actor, id)


async def _note_look(actor: Actor, id: UUID) -> None:
    await db.execute(
        "INSERT INTO personal_view (id, viewer_id, subject_type, subject_id, at)"
        " VALUES ({}, {}, {}, {}, {})",
        new_id(),
        actor.require_person(),
        queries.VIEW,
        id,
        clock.now(),
    )


async def note(
    actor: Actor, id: UUID, text: str, *, answer: bool = False, once: Once | None = None
) -> None:
    """Write something down for the leads, or as an answer to whoever raised it.

    Raises:
        SignInRequired, NotFound: see `look`.
    """
    async with db.transaction(once):
        await queries.concern(actor, id, lock=True)
        kind = NoteKind.ANSWER if answer else NoteKind.NOTE
        await ConcernNote(
            concern_id=id, author_id=actor.require_person(), kind=kind, text=text
        ).save()
        await audit.record(Event.ANSWERED if answer else Event.NOTED, "concern", id, by=actor)


async def take_in_hand(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Say that the actor deals with it; a closed one is opened again.

    Raises:
        SignInRequired, NotFound: see `look`.
        IllegalMove: somebody deals with it already.
    """
    async with db.transaction(once):
        found = await queries.concern(actor, id, lock=True)
        state = CONCERN_MOVES.check(found.state, State.IN_HAND)
        await Concern.update(
            {
                Concern.state: state,
                Concern.taken_by: actor.require_person(),
                Concern.taken_at: clock.now(),
            }
        ).where(Concern.id == id)
        await audit.record(Event.TAKEN_IN_HAND, "concern", id, by=actor)


async def close(actor: Actor, id: UUID, outcome: str, *, once: Once | None = None) -> None:
    """End it, with what came of it.

    Raises:
        SignInRequired, NotFound: see `look`.
        IllegalMove: it is closed already.
    """
    async with db.transaction(once):
        found = await queries.concern(actor, id, lock=True)
        state = CONCERN_MOVES.check(found.state, State.CLOSED)
        await Concern.update(
            {
                Concern.state: state,
                Concern.closed_by: actor.require_person(),
                Concern.closed_at: clock.now(),
                Concern.outcome: outcome,
            }
        ).where(Concern.id == id)
        await audit.record(Event.CLOSED, "concern", id, by=actor)


async def read_by_code(code: str, *, client: str) -> Receipt:
    """Show whoever holds a code what was answered.

    Raises:
        NotFound: no concern has that code.
        TooMany: more than 60 tries from one address in an hour.
    """
    await count(CODES, client)
    return await queries.by_code(code)


async def add(code: str, text: str, *, client: str, once: Once | None = None) -> None:
    """Add to a concern by its code.

    Raises:
        NotFound, TooMany: see `read_by_code`.
    """
    await count(CODES, client)
    async with db.transaction(once):
        found = await queries.by_code(code)
        await ConcernNote(concern_id=found.id, kind=NoteKind.ADDITION, text=text).save()
        await audit.record(Event.ADDED_TO, "concern", found.id, by=ANONYMOUS)


async def escalate() -> int:
    """Give to the place's leads what no lead has looked at for 24 hours; tells how many."""
    told = 0
    now = clock.now()
    for id in await queries.unseen(now - UNSEEN_FOR):
        async with db.transaction():
            # Whoever runs this beside us waits for the row, and then finds it done.
            if await db.execute(
                "UPDATE concern SET escalated_at = {} WHERE id = {} AND escalated_at IS NULL",
                now,
                id,
            ):
                await audit.record(Event.ESCALATED, "concern", id, by=SYSTEM)
                told += 1
    return told
