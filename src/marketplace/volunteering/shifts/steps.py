"""What cancelling a shift and cancelling a whole opportunity share."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.permissions import Actor
from marketplace.volunteering.rules import (
    BookingState,
    CancelledBy,
    Event,
    ShiftState,
)
from marketplace.volunteering.tables import Booking, Shift


async def cancel(actor: Actor, organisation_id: UUID, shift_id: UUID) -> int:
    """Cancel a locked shift and its bookings, and tell each of them; gives how many people."""
    db.require_transaction()
    await Shift.update({Shift.state: ShiftState.CANCELLED, Shift.taken: 0, Shift.held: 0}).where(
        Shift.id == shift_id
    )
    rows = (
        await Booking.update(
            {
                Booking.state: BookingState.CANCELLED,
                Booking.cancelled_by: CancelledBy.ORGANISATION,
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
                "by": CancelledBy.ORGANISATION.value,
            },
        )
    return len(rows)
