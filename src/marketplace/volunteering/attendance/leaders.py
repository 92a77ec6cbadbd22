"""Trusting a volunteer with the list of a shift, or of every shift of a role."""

from uuid import UUID

from marketplace import audit, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.attendance import queries
from marketplace.volunteering.attendance.rules import Event
from marketplace.volunteering.attendance.tables import ShiftLeader
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.queries import ShiftView


async def to_lead(actor: Actor, shift_id: UUID) -> tuple[ShiftView, OpportunityView]:
    """Read a shift for those who may trust somebody with it.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
    """
    return await shifts.to_manage(actor, shift_id, permission=Permission.CONFIRM_HOURS)


async def name_leader(
    actor: Actor, shift_id: UUID, person_id: UUID, *, all_shifts: bool, once: Once | None = None
) -> None:
    """Trust somebody who volunteers in a role with marking who came.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
        Conflict: they have no place in this role, or are trusted already; names `person`.
    """
    async with db.transaction(once):
        shift, opportunity = await shifts.to_manage(
            actor, shift_id, lock=True, permission=Permission.CONFIRM_HOURS
        )
        if person_id not in {id for id, _ in await queries.may_lead(shift)}:
            raise Conflict("Choose somebody who has a place in this role", field="person")
        leader = ShiftLeader(
            person_id=person_id,
            organisation_id=opportunity.organisation_id,
            role_id=shift.role_id,
            shift_id=None if all_shifts else shift_id,
            named_by=actor.person_id,
        )
        with db.clashes(
            {"shift_leader_once": Conflict("They are trusted with this already", field="person")}
        ):
            await leader.save()
        await audit.record(
            Event.LEADER_NAMED,
            "shift_leader",
            leader.id,
            by=actor,
            organisation=opportunity.organisation_id,
            data={"shift": str(shift_id), "person": str(person_id), "all": all_shifts},
        )


async def organisation_of(actor: Actor, leader_id: UUID) -> UUID:
    """Give the organisation of a trust to those who may end it.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
    """
    row = await db.fetch_one("SELECT organisation_id FROM shift_leader WHERE id = {}", leader_id)
    if row is None:
        raise NotFound("They are not trusted with this any more.")
    actor.require_to_know(Permission.CONFIRM_HOURS, row["organisation_id"])
    return row["organisation_id"]


async def remove_leader(actor: Actor, leader_id: UUID, *, once: Once | None = None) -> None:
    """End somebody's trust with a list.

    Raises:
        NotFound: there is no such trust, or the actor may not know that there is.
    """
    async with db.transaction(once):
        organisation_id = await organisation_of(actor, leader_id)
        ended = await db.execute(
            "UPDATE shift_leader SET ended_at = now() WHERE id = {} AND ended_at IS NULL", leader_id
        )
        if not ended:
            return
        await audit.record(
            Event.LEADER_REMOVED,
            "shift_leader",
            leader_id,
            by=actor,
            organisation=organisation_id,
        )
