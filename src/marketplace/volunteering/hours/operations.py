"""Marking who came, and confirming for how long."""

from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.hours import queries
from marketplace.volunteering.hours.queries import Roster
from marketplace.volunteering.rules import (
    BOOKING_MOVES,
    HOURS_MOVES,
    MOST_MINUTES,
    BookingState,
    Event,
    HoursState,
    proposed_minutes,
)
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.volunteering.tables import Booking, Hours, PersonalView


async def look_at_roster(actor: Actor, shift_id: UUID) -> Roster:
    """Show a roster, and write down who looked at it.

    Raises:
        NotFound, NotAllowed: see `queries.roster`.
    """
    async with db.transaction():
        roster = await queries.roster(actor, shift_id)
        await PersonalView(
            viewer_id=actor.require_person(), subject_type="shift", subject_id=shift_id
        ).save()
    return roster


async def mark(
    actor: Actor,
    shift_id: UUID,
    state: BookingState,
    *,
    booking_id: UUID | None = None,
    once: Once | None = None,
) -> int:
    """Mark who came: one booking, or with None all that are not marked; gives how many.

    ATTENDED proposes the shift's length as hours; NO_SHOW, and CONFIRMED which takes a mark back,
    drop the proposal.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
        Conflict: the shift has not started, its hours are confirmed, or the person was marked
            as attending another shift at the same time.
    """
    async with db.transaction(once):
        shift, opportunity = await shifts.to_manage(
            actor, shift_id, lock=True, permission=Permission.CONFIRM_HOURS
        )
        if shift.cancelled:
            raise Conflict("This shift was cancelled, so nobody can be marked.")
        if not shift.started(clock.now()):
            raise Conflict("You can mark who came once the shift has started.")
        rows = await db.fetch(
            "SELECT b.id, b.person_id, b.state, h.state AS hours FROM booking b"
            " LEFT JOIN hours h ON h.booking_id = b.id"
            " WHERE b.shift_id = {} AND b.state <> 'cancelled' AND ({}::uuid IS NULL"
            "  AND b.state = 'confirmed' OR b.id = {}) ORDER BY b.id FOR NO KEY UPDATE OF b",
            shift_id,
            booking_id,
            booking_id,
        )
        if booking_id and not rows:
            raise NotFound("We cannot find that booking. The place may have been given back.")
        for row in rows:
            if row["hours"] == HoursState.CONFIRMED:
                raise Conflict("These hours are confirmed, so the attendance stays as it is.")
            BOOKING_MOVES.check(BookingState(row["state"]), state)
            await _mark(row["id"], row["person_id"], state, shift, opportunity.organisation_id)
            await audit.record(
                Event.ATTENDANCE_MARKED,
                "booking",
                row["id"],
                by=actor,
                organisation=opportunity.organisation_id,
                data={"shift": str(shift_id), "state": state.value},
            )
    return len(rows)


async def _mark(
    booking_id: UUID,
    person_id: UUID,
    state: BookingState,
    shift: ShiftView,
    organisation_id: UUID,
) -> None:
    with db.clashes(
        {
            "booking_one_place_at_a_time": Conflict(
                "This person has a place on another shift at the same time, so they cannot have"
                " been here too."
            )
        }
    ):
        await Booking.update({Booking.state: state}).where(Booking.id == booking_id)
    if state is BookingState.ATTENDED:
        await Hours(
            booking_id=booking_id,
            person_id=person_id,
            organisation_id=organisation_id,
            minutes=proposed_minutes(shift.starts_at, shift.ends_at),
        ).save()
    else:
        await Hours.delete().where(
            (Hours.booking_id == booking_id) & (Hours.state == HoursState.PROPOSED)
        )


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
        HOURS_MOVES.check(HoursState(row["state"]), HoursState.CONFIRMED)
        await _confirm(actor, row, minutes)
    return shift_id


async def confirm_all(actor: Actor, shift_id: UUID, *, once: Once | None = None) -> int:
    """Confirm all hours of a shift as they are proposed; gives how many.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
    """
    async with db.transaction(once):
        await shifts.to_manage(actor, shift_id, lock=True, permission=Permission.CONFIRM_HOURS)
        rows = await db.fetch(
            f"{_HOURS} WHERE b.shift_id = {{}} AND h.state = 'proposed'"
            " ORDER BY h.id FOR NO KEY UPDATE OF h",
            shift_id,
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
