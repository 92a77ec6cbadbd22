"""Writing, publishing, closing, reopening and cancelling opportunities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import audit, clock, db, places, taxonomies
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities import queries, rules
from marketplace.volunteering.opportunities import steps as opportunity_steps
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.opportunities.rules import Expenses
from marketplace.volunteering.rules import OPPORTUNITY_MOVES, Event, OpportunityState, Timing
from marketplace.volunteering.shifts import steps
from marketplace.volunteering.tables import Opportunity, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a coordinator says of an opportunity; `minimum_age` is in years, 0 for any age.

    The minimum age is that of its only role; where there are several, each has its own.
    `postcode` places it; remote without a postcode is done from home.
    """

    title: str
    summary: str = ""
    description: str = ""
    causes: Sequence[str] = ()
    skills: Sequence[str] = ()
    remote: bool = False
    place_name: str = ""
    postcode: str = ""
    place_private: bool = False
    getting_there: str = ""
    expenses: str = ""
    expenses_paid: Expenses = Expenses.UNSAID
    access: Sequence[str] = ()
    support: Sequence[str] = ()
    contact_name: str = ""
    contact_how: str = ""
    minimum_age: int = 18
    timing: Timing = Timing.SHIFTS
    availability: str = ""
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class _Where:
    postcode: str = ""
    town: str = ""
    point: Point | None = None


async def _where(postcode: str) -> _Where:
    if not postcode:
        return _Where()
    found = await places.locate(postcode)
    if found is None or found.outward is None:
        raise Conflict(
            "We do not know that postcode. Check it, or give one near by, such as CM1 1AA",
            field="postcode",
        )
    code = places.outward_code(found.outward)
    town = code.town.split(",")[0] if code else found.district or ""
    return _Where(found.label, town, Point(*found.point))


async def _columns(details: Details) -> dict[Any, Any]:
    where = await _where(details.postcode)
    return {
        Opportunity.title: details.title,
        Opportunity.summary: details.summary,
        Opportunity.description: details.description,
        Opportunity.causes: [slug for slug in details.causes if slug in taxonomies.CAUSES],
        Opportunity.skills: [slug for slug in details.skills if slug in taxonomies.SKILLS],
        Opportunity.remote: details.remote,
        Opportunity.place_name: details.place_name,
        Opportunity.town: where.town,
        Opportunity.postcode: where.postcode,
        Opportunity.point: where.point,
        Opportunity.place_private: details.place_private,
        Opportunity.getting_there: details.getting_there,
        Opportunity.expenses: details.expenses,
        Opportunity.expenses_paid: details.expenses_paid,
        Opportunity.access: rules.known(details.access, rules.ACCESS),
        Opportunity.support: rules.known(details.support, rules.SUPPORT),
        Opportunity.contact_name: details.contact_name,
        Opportunity.contact_how: details.contact_how,
        Opportunity.timing: details.timing,
        Opportunity.availability: details.availability,
        Opportunity.deadline: details.deadline,
    }


async def draft(
    actor: Actor, organisation_id: UUID, details: Details, *, once: Once | None = None
) -> UUID:
    """Keep a new opportunity as a draft, and give its id.

    Raises:
        NotAllowed: the actor may not write opportunities for the organisation.
        Conflict: the postcode is not known.
    """
    actor.require(Permission.WRITE_OPPORTUNITIES, organisation_id)
    async with db.transaction(once):
        opportunity = Opportunity(
            await _columns(details), organisation_id=organisation_id, created_by=actor.person_id
        )
        await opportunity.save()
        await Role(
            opportunity_id=opportunity.id, title=details.title, minimum_age=details.minimum_age
        ).save()
        await audit.record(
            Event.OPPORTUNITY_DRAFTED,
            "opportunity",
            opportunity.id,
            by=actor,
            organisation=organisation_id,
        )
        if once:
            once.answer(f"/manage/opportunities/{opportunity.id}")
    return opportunity.id


async def change(actor: Actor, id: UUID, details: Details, *, once: Once | None = None) -> int:
    """Replace what an opportunity says; a published one must stay complete.

    Gives how many young people do not fit its only role any more: see `guardians.doubts`.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: the postcode is not known, or a published one would lack something.
    """
    async with db.transaction(once):
        before = await queries.to_manage(actor, id, lock=True)
        if before.state is OpportunityState.CANCELLED:
            raise Conflict("This opportunity is cancelled. Post a new one instead.")
        if before.timing is Timing.ARRANGED and details.timing is not Timing.ARRANGED:
            await _refuse_visits(id)
        columns = await _columns(details)
        before_text = await opportunity_steps.text(before)
        if before.state not in {OpportunityState.DRAFT, OpportunityState.NEEDS_WORK}:
            _refuse_gaps(before, columns, await queries.upcoming_shifts(id))
        await Opportunity.update(columns).where(Opportunity.id == id)
        unfit = 0
        if before.role_count == 1:
            # The only role is the opportunity itself, unless it was given a name of its own.
            only = Role.id == before.role_id
            await Role.update({Role.minimum_age: details.minimum_age}).where(only)
            await Role.update({Role.title: details.title}).where(
                only & (Role.title == before.title)
            )
            if details.minimum_age != before.minimum_age:
                unfit = await doubts.recheck_role(actor, before.role_id)
        await opportunity_steps.rechecked(actor, before, before_text)
        await audit.record(
            Event.OPPORTUNITY_CHANGED,
            "opportunity",
            id,
            by=actor,
            organisation=before.organisation_id,
        )
        if unfit and once:
            once.answer(doubts.page(before.organisation_id))
    return unfit


async def _refuse_visits(id: UUID) -> None:
    """Keep arranged visits, which nobody else may see, from becoming shifts that anybody books."""
    if await db.fetch_value(
        "SELECT EXISTS (SELECT FROM visit WHERE opportunity_id = {} AND state = 'agreed')", id
    ):
        raise Conflict(
            "Volunteers have agreed to visits. End these first, then change how it is arranged",
            field="timing",
        )


def _refuse_gaps(before: OpportunityView, columns: dict[Any, Any], shifts: int) -> None:
    point = columns[Opportunity.point]
    after = replace(
        before,
        title=columns[Opportunity.title],
        summary=columns[Opportunity.summary],
        remote=columns[Opportunity.remote],
        point=(point.x, point.y) if isinstance(point, Point) else None,
        contact_name=columns[Opportunity.contact_name],
        contact_how=columns[Opportunity.contact_how],
        timing=columns[Opportunity.timing],
        deadline=columns[Opportunity.deadline],
    )
    for field, sentence in after.lacks(shifts):
        # A published one may run out of shifts by itself; that does not forbid mending its text.
        if field != "shifts":
            who = (
                "a moderator is reading this"
                if before.state is OpportunityState.SUBMITTED
                else "people can see this already"
            )
            raise Conflict(f"{sentence}: {who}", field=field)


async def publish(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Open an opportunity to everybody: anew, or again after a pause, a close or an expiry.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: the organisation is not approved, something is missing, or a moderator has to
            look first.
        IllegalMove: it is open already, or cancelled.
    """
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, id, lock=True)
        state = OPPORTUNITY_MOVES.check(opportunity.state, OpportunityState.OPEN)
        await opportunity_steps.refuse_unready(opportunity, "publish")
        if opportunity.needs_moderator:
            raise Conflict(
                "A moderator looks at the first opportunities of an organisation before they are"
                " public. Send this one in instead."
            )
        await opportunity_steps.open_up(actor, opportunity, state)


async def submit(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Ask the moderators to make an opportunity public.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: the organisation is not approved, or something is missing.
        IllegalMove: it waits already, or was public.
    """
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, id, lock=True)
        OPPORTUNITY_MOVES.check(opportunity.state, OpportunityState.SUBMITTED)
        await opportunity_steps.refuse_unready(opportunity, "send")
        await Opportunity.update({Opportunity.submitted_at: clock.now()}).where(
            Opportunity.id == id
        )
        await opportunity_steps.move(
            actor, opportunity, OpportunityState.SUBMITTED, Event.OPPORTUNITY_SUBMITTED
        )


async def take_back(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Make a draft again of what waits for the moderators.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        IllegalMove: it does not wait any more.
    """
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, id, lock=True)
        await opportunity_steps.move(
            actor, opportunity, OpportunityState.DRAFT, Event.OPPORTUNITY_TAKEN_BACK
        )


async def pause(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take an open one out of the lists for a while; bookings that were made stay.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        IllegalMove: it is not open.
    """
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, id, lock=True)
        await opportunity_steps.move(
            actor, opportunity, OpportunityState.PAUSED, Event.OPPORTUNITY_PAUSED
        )


async def close(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take no more bookings; those that were made stay.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        IllegalMove: it is neither open, paused nor expired.
    """
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, id, lock=True)
        await opportunity_steps.move(
            actor, opportunity, OpportunityState.CLOSED, Event.OPPORTUNITY_CLOSED
        )


async def cancel(actor: Actor, id: UUID, *, once: Once | None = None) -> int:
    """Cancel an opportunity with its shifts to come and their bookings; gives how many people.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        IllegalMove: it is cancelled already.
    """
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, id, lock=True)
        await opportunity_steps.move(
            actor, opportunity, OpportunityState.CANCELLED, Event.OPPORTUNITY_CANCELLED
        )
        rows = await db.fetch(
            "SELECT id FROM shift WHERE opportunity_id = {} AND state = 'planned'"
            " AND starts_at > now() ORDER BY id FOR NO KEY UPDATE",
            id,
        )
        affected = 0
        for row in rows:
            affected += await steps.cancel(actor, opportunity.organisation_id, row["id"])
    return affected
