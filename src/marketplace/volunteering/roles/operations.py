"""Adding, changing and retiring the roles of an opportunity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db, taxonomies
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities import queries, steps
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import Event, OpportunityState
from marketplace.volunteering.tables import Role

MOST_ROLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a coordinator says of a role; the numbers are people a shift, for new shifts."""

    title: str
    description: str = ""
    minimum_age: int = 18
    wanted: int = 1
    least_needed: int = 0
    skills: Sequence[str] = ()


def _columns(details: Details) -> dict[Any, Any]:
    if details.least_needed > details.wanted:
        raise Conflict(
            f"Enter {details.wanted} or less, or raise how many people a shift wants",
            field="least_needed",
        )
    return {
        Role.title: details.title,
        Role.description: details.description,
        Role.minimum_age: details.minimum_age,
        Role.wanted: details.wanted,
        Role.least_needed: details.least_needed,
        Role.skills: [slug for slug in details.skills if slug in taxonomies.SKILLS],
    }


async def add(
    actor: Actor, opportunity_id: UUID, details: Details, *, once: Once | None = None
) -> UUID:
    """Add a role behind the others; gives its id.

    Raises:
        NotFound, NotAllowed: see `opportunities.queries.to_manage`.
        Conflict: the opportunity is cancelled or has very many roles; or beside its field.
    """
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, opportunity_id, lock=True)
        text = await steps.text(opportunity)
        _refuse_cancelled(opportunity)
        others = await queries.roles(opportunity_id, retired=True)
        if opportunity.role_count >= MOST_ROLES:
            raise Conflict(
                f"An opportunity has {MOST_ROLES} roles at most. Retire one, or post another"
                " opportunity."
            )
        role = Role(
            _columns(details),
            opportunity_id=opportunity_id,
            position=1 + max((each.position for each in others), default=0),
        )
        await role.save()
        await _record(actor, opportunity, text, role.id, Event.ROLE_ADDED)
        if once:
            once.answer(f"/manage/roles/{role.id}")
    return role.id


async def change(actor: Actor, id: UUID, details: Details, *, once: Once | None = None) -> int:
    """Replace what a role says; shifts that are planned keep their numbers.

    Gives how many young people do not fit it any more: see `guardians.doubts`.

    Raises:
        NotFound, NotAllowed: see `opportunities.queries.role_to_manage`.
        Conflict: the opportunity is cancelled; or beside the field it is about.
    """
    async with db.transaction(once):
        role, opportunity = await queries.role_to_manage(actor, id, lock=True)
        text = await steps.text(opportunity)
        _refuse_cancelled(opportunity)
        await Role.update(_columns(details)).where(Role.id == id)
        await _record(actor, opportunity, text, id, Event.ROLE_CHANGED)
        unfit = 0
        if details.minimum_age != role.minimum_age:
            unfit = await doubts.recheck_role(actor, id)
        if unfit and once:
            once.answer(doubts.page(opportunity.organisation_id))
    return unfit


async def retire(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Plan no more shifts for a role; those that took place keep it.

    Raises:
        NotFound, NotAllowed: see `opportunities.queries.role_to_manage`.
        Conflict: it is retired, the only one, or has shifts to come.
    """
    async with db.transaction(once):
        role, opportunity = await queries.role_to_manage(actor, id, lock=True)
        text = await steps.text(opportunity)
        if role.retired:
            raise Conflict("This role is retired already.")
        if opportunity.role_count == 1:
            raise Conflict(
                "This is the only role, so it stays. Add another one first, or close the"
                " opportunity."
            )
        ahead = await db.fetch_value(
            "SELECT count(*) FROM shift WHERE role_id = {} AND state = 'planned'"
            " AND ends_at > now()",
            id,
        )
        if ahead:
            has = "1 shift of this role is" if ahead == 1 else f"{ahead} shifts of this role are"
            raise Conflict(f"{has} still to come. Cancel them or wait until they are over.")
        await Role.update({Role.retired_at: clock.now()}).where(Role.id == id)
        await _record(actor, opportunity, text, id, Event.ROLE_RETIRED)


async def restore(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Bring a retired role back.

    Raises:
        NotFound, NotAllowed: see `opportunities.queries.role_to_manage`.
        Conflict: it is not retired.
    """
    async with db.transaction(once):
        role, opportunity = await queries.role_to_manage(actor, id, lock=True)
        text = await steps.text(opportunity)
        _refuse_cancelled(opportunity)
        if not role.retired:
            raise Conflict("This role is not retired.")
        await Role.update({Role.retired_at: None}).where(Role.id == id)
        await _record(actor, opportunity, text, id, Event.ROLE_RESTORED)


def _refuse_cancelled(opportunity: OpportunityView) -> None:
    if opportunity.state is OpportunityState.CANCELLED:
        raise Conflict("This opportunity is cancelled. Post a new one instead.")


async def _record(
    actor: Actor, opportunity: OpportunityView, text: dict[str, str], id: UUID, event: Event
) -> None:
    await steps.rechecked(actor, opportunity, text)
    await audit.record(event, "role", id, by=actor, organisation=opportunity.organisation_id)
