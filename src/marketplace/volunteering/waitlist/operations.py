"""Waiting for a place, and answering an offer of one."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from marketplace import db, signing
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.offers import queries as offers
from marketplace.offers import steps as queue
from marketplace.offers.queries import Subject
from marketplace.offers.rules import LEAST, EntryState, Mode
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.bookings import steps as bookings
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.eligibility.rules import MAY_WAIT, Code, Reason, may_wait
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.volunteering.tables import PersonalView
from marketplace.volunteering.waitlist import queries, steps
from marketplace.volunteering.waitlist.queries import Waitlist
from marketplace.volunteering.waitlist.steps import SHIFT

LINK_PURPOSE = "shift-offer"
# The page of the link says what became of the offer long after it has run out.
LINK_LIFE = timedelta(days=90)


async def join(
    actor: Actor, shift_id: UUID, *, old_enough: bool = False, once: Once | None = None
) -> UUID:
    """Put the actor at the end of a full shift's list, and give the entry's id.

    `old_enough` is their word that they have the role's age. A booking at the same time is no
    obstacle yet: they may give it back once a place is theirs.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such shift.
        Conflict: there is a free place, or the rule that would forbid the booking too.
    """
    person = actor.require_person()
    async with db.transaction(once):
        await bookings.lock_person(person)
        await _lock(shift_id)
        await steps.wake(shift_id)
        answer = await eligibility.ask(person, shift_id, old_enough=old_enough)
        if not answer.reasons:
            raise Conflict("There is a free place on this shift. Book it instead of waiting.")
        if not may_wait(answer.reasons):
            worst = next(r for r in answer.reasons if r.code not in MAY_WAIT)
            raise Conflict(worst.sentence, field="old_enough" if worst.code == Code.AGE else None)
        return await queue.join(
            actor, Subject(SHIFT, shift_id, answer.asking.organisation_id), person
        )


async def leave(actor: Actor, shift_id: UUID, *, once: Once | None = None) -> None:
    """Take the actor off a shift's list; a place that is kept for them goes to the next.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: they are not on it.
    """
    person = actor.require_person()
    async with db.transaction(once):
        await _lock(shift_id)
        found = await offers.of_person(person, SHIFT, [shift_id])
        if not found:
            raise NotFound("You are not on the waitlist of this shift.")
        await steps.leave(actor, found[0])


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer came to; `reasons` are why a place could not be taken after all."""

    state: EntryState
    reasons: list[Reason]


async def accept(actor: Actor, entry_id: UUID, *, once: Once | None = None) -> Answered:
    """Take the place that is kept for the actor, if everything a booking needs is still there.

    If it is not, the offer is declined with the reason and the next is asked. Whoever answers
    twice, or too late, is told what the offer has become.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such offer of theirs.
        Conflict: the shift changed at that very moment; the offer stands.
    """
    person = actor.require_person()
    async with db.transaction(once):
        shift_id = (await queries.waiting(actor, entry_id)).shift_id
        await bookings.lock_person(person)
        await _lock(shift_id)
        await steps.wake(shift_id)
        entry = (await queries.waiting(actor, entry_id)).entry
        if entry.state is not EntryState.OFFERED:
            return Answered(entry.state, [])
        # They said that they have the role's age when they joined, and say it again by this.
        reasons = await eligibility.why_not(person, shift_id, old_enough=True, offered=True)
        if reasons:
            await steps.decline(actor, entry, reason=reasons[0].sentence)
            return Answered(EntryState.DECLINED, reasons)
        await queue.close(actor, entry_id, EntryState.ACCEPTED)
        if await bookings.take(actor, shift_id, person, held=True) is None:
            raise Conflict("Something about this shift just changed. Try again.")
    return Answered(EntryState.ACCEPTED, [])


async def decline(actor: Actor, entry_id: UUID, *, once: Once | None = None) -> EntryState:
    """Let a place go that is kept for the actor: it is offered to the next at once.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such offer of theirs.
    """
    async with db.transaction(once):
        await _lock((await queries.waiting(actor, entry_id)).shift_id)
        entry = (await queries.waiting(actor, entry_id)).entry
        if entry.state is not EntryState.OFFERED:
            return entry.state
        await steps.decline(actor, entry)
    return EntryState.DECLINED


async def of_link(token: str) -> tuple[Actor, UUID]:
    """Give who answers by a link in a message, and to which offer: whoever holds it may.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, or too old.
        NotFound: there is no such offer any more.
    """
    id = signing.unsign(LINK_PURPOSE, token, within=LINK_LIFE).id
    entry = await offers.entry(id)
    if entry is None:
        raise NotFound(queue.NO_SUCH)
    return Actor(person_id=entry.person_id), id


async def look_at_waitlist(
    actor: Actor, shift_id: UUID
) -> tuple[ShiftView, OpportunityView, Waitlist]:
    """Show a shift's list to those who run it, and write down who looked.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
    """
    async with db.transaction():
        shift, opportunity = await shifts.to_manage(
            actor, shift_id, permission=Permission.VIEW_ROSTER
        )
        found = await queries.waitlist(shift)
        await PersonalView(
            viewer_id=actor.require_person(), subject_type="waitlist", subject_id=shift_id
        ).save()
    return shift, opportunity, found


async def set_mode(actor: Actor, shift_id: UUID, mode: Mode, *, once: Once | None = None) -> None:
    """Say whether free places go to the first on the list or to whom the organisation chooses.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
    """
    async with db.transaction(once):
        _, opportunity = await shifts.to_manage(actor, shift_id, lock=True)
        await queue.set_mode(actor, Subject(SHIFT, shift_id, opportunity.organisation_id), mode)
        await steps.wake(shift_id)


async def choose(actor: Actor, shift_id: UUID, entry_id: UUID, *, once: Once | None = None) -> None:
    """Offer a free place to one person on the list.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`; or nobody of that id waits there.
        Conflict: no place is free, the shift starts too soon, or its places go by order.
        IllegalMove: they do not wait any more.
    """
    async with db.transaction(once):
        await shifts.to_manage(actor, shift_id, lock=True)
        await steps.wake(shift_id)
        shift, opportunity = await shifts.shift(actor, shift_id)
        entry = await offers.entry(entry_id)
        if entry is None or (entry.subject.type, entry.subject.id) != (SHIFT, shift_id):
            raise NotFound("That person is not on the waitlist of this shift.")
        if entry.mode is not Mode.CHOOSE:
            raise Conflict("Places of this shift go to the first on the list.")
        if shift.cancelled or not opportunity.public:
            raise Conflict("This shift takes no bookings at the moment.")
        if not shift.left:
            raise Conflict("No place is free. Add one to the shift, or wait for one.")
        if not await steps.offer(actor, entry, shift.starts_at, shift.zone):
            raise Conflict(
                "The shift starts too soon to wait for an answer: whoever comes first may book."
            )


async def pass_on(limit: int = 500) -> int:
    """Pass on the offers that have run out, and offer what is free; gives how many were made.

    For the worker's schedule. Whatever frees places wakes the list itself; this is for the
    offers nobody answered, and for what opened again.
    """
    rows = await db.fetch(
        "SELECT s.id FROM shift s JOIN opportunity o ON o.id = s.opportunity_id"
        " JOIN offer_queue q ON q.subject_type = 'shift' AND q.subject_id = s.id"
        " JOIN offer_entry e ON e.queue_id = q.id AND e.state IN ('waiting', 'offered')"
        " WHERE e.expires_at <= now() OR s.starts_at <= now() OR s.state <> 'planned'"
        " OR (q.mode = 'first_come' AND e.state = 'waiting' AND o.state = 'open'"
        "  AND s.taken + s.held < s.places AND s.starts_at > now() + {})"
        " GROUP BY s.id ORDER BY min(e.expires_at) LIMIT {}",
        LEAST,
        limit,
    )
    made = 0
    for row in rows:
        async with db.transaction():
            await _lock(row["id"])
            made += await steps.wake(row["id"])
    return made


async def _lock(shift_id: UUID) -> None:
    await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", shift_id)
