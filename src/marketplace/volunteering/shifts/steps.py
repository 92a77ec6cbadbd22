"""What verbs about one shift, a whole series and a whole opportunity share."""

from typing import Any
from uuid import UUID

from asyncpg import Range

from marketplace import audit, clock, db
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.rules import (
    BookingState,
    CancelledBy,
    Event,
    Period,
    ShiftState,
)
from marketplace.volunteering.tables import Booking, Shift
from marketplace.volunteering.waitlist import steps as waitlist


async def cancel(
    actor: Actor,
    organisation_id: UUID,
    shift_id: UUID,
    *,
    by: CancelledBy = CancelledBy.ORGANISATION,
) -> int:
    """Cancel a locked shift and its bookings, and tell each of them; gives how many people."""
    db.require_transaction()
    await Shift.update({Shift.state: ShiftState.CANCELLED, Shift.taken: 0, Shift.held: 0}).where(
        Shift.id == shift_id
    )
    rows = (
        await Booking.update(
            {
                Booking.state: BookingState.CANCELLED,
                Booking.cancelled_by: by,
                Booking.cancelled_at: clock.now(),
            }
        )
        .where((Booking.shift_id == shift_id) & (Booking.state == BookingState.CONFIRMED))
        .returning(Booking.id, Booking.person_id)
    )
    await audit.record(
        Event.SHIFT_CANCELLED,
        "shift",
        shift_id,
        by=actor,
        organisation=organisation_id,
        data={"bookings": len(rows)},
    )
    await waitlist.wake(shift_id)
    for row in rows:
        await audit.record(
            Event.BOOKING_CANCELLED,
            "booking",
            row["id"],
            by=actor,
            organisation=organisation_id,
            data={
                "shift": str(shift_id),
                "person": str(row["person_id"]),
                "by": by.value,
            },
        )
    return len(rows)


def times(period: Period) -> dict[Any, Any]:
    """Give the columns of a shift that say when it is."""
    return {
        Shift.starts_at: period.starts_at,
        Shift.ends_at: period.ends_at,
        Shift.local_start: period.local_start,
        Shift.local_end: period.local_end,
        Shift.zone: period.zone.key,
    }


async def move(actor: Actor, shift_id: UUID, period: Period, *, clash: Conflict) -> int:
    """Move a locked shift, and its bookings with it; gives how many do not fit the new day.

    Raises:
        Conflict: `clash`, where somebody who booked it has another booking then.
    """
    db.require_transaction()
    await Shift.update(times(period)).where(Shift.id == shift_id)
    with db.clashes({"booking_one_place_at_a_time": clash}):
        await db.execute(
            "UPDATE booking SET period = {} WHERE shift_id = {} AND state = 'confirmed'",
            Range(period.starts_at, period.ends_at),
            shift_id,
        )
    return await doubts.recheck(actor, shift_id=shift_id)
