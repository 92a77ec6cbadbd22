"""Confirming for how long people gave their time."""

from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.rules import (
    HOURS_MOVES,
    MOST_MINUTES,
    Event,
    HoursState,
)
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.tables import Hours


async def shift_of(actor: Actor, booking_id: UUID) -> UUID:
    """Give the shift of a booking to those who may confirm its hours.

    Raises:
        NotFound: there is no such booking, or the actor may not know that there is.
    """
    row = await db.fetch_one(
        "SELECT shift_id, organisation_id FROM booking WHERE id = {}", booking_id
    )
    if row is None:
        raise NotFound("We cannot find that booking.")
    # Who has booked is known to the organisation alone, open though the shift may be.
    actor.require_to_know(Permission.CONFIRM_HOURS, row["organisation_id"])
    return row["shift_id"]


async def confirm(
    actor: Actor, booking_id: UUID, minutes: int, *, once: Once | None = None
) -> UUID:
    """Confirm the hours of one booking, in minutes; gives the shift's id.

    Raises:
        NotFound: there are no hours to confirm, or the actor may not know of them.
        NotAllowed: the actor may not confirm hours for the organisation.
        IllegalMove: they are confirmed already.
        Conflict: not between a minute and a day; names the field `minutes`.
    """
    async with db.transaction(once):
        shift_id = await shift_of(actor, booking_id)
        await shifts.to_manage(actor, shift_id, lock=True, permission=Permission.CONFIRM_HOURS)
        if not 1 <= minutes <= MOST_MINUTES:
            raise Conflict("Enter a time between 1 minute and 24 hours", field="minutes")
        row = await db.fetch_one(
            f"{_HOURS} WHERE h.booking_id = {{}} FOR NO KEY UPDATE OF h", booking_id
        )
        if row is None:
            raise NotFound("There are no hours to confirm: mark first that this person came.")
        if actor.is_self(row["person_id"]):
            raise Conflict(
                "These are your own hours. Ask somebody else of the organisation to confirm them",
                field="minutes",
            )
        HOURS_MOVES.check(HoursState(row["state"]), HoursState.CONFIRMED)
        await _confirm(actor, row, minutes)
    return shift_id


async def confirm_all(actor: Actor, shift_id: UUID, *, once: Once | None = None) -> int:
    """Confirm all hours of a shift as they are proposed, but one's own; gives how many.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
    """
    async with db.transaction(once):
        await shifts.to_manage(actor, shift_id, lock=True, permission=Permission.CONFIRM_HOURS)
        rows = await db.fetch(
            f"{_HOURS} WHERE b.shift_id = {{}} AND h.state = 'proposed'"
            " AND h.proposed_by <> 'organisation' AND h.person_id <> {}"
            " ORDER BY h.id FOR NO KEY UPDATE OF h",
            shift_id,
            actor.require_person(),
        )
        for row in rows:
            await _confirm(actor, row, row["minutes"])
    return len(rows)


_HOURS = (
    "SELECT h.id, h.booking_id, h.person_id, h.organisation_id, h.minutes, h.state"
    " FROM hours h JOIN booking b ON b.id = h.booking_id"
)


async def _confirm(actor: Actor, row: dict[str, Any], minutes: int) -> None:
    await Hours.update(
        {
            Hours.minutes: minutes,
            Hours.state: HoursState.CONFIRMED,
            Hours.confirmed_by: actor.person_id,
            Hours.confirmed_at: clock.now(),
        }
    ).where(Hours.id == row["id"])
    await audit.record(
        Event.HOURS_CONFIRMED,
        "booking",
        row["booking_id"],
        by=actor,
        organisation=row["organisation_id"],
        data={"person": str(row["person_id"]), "minutes": minutes},
    )
