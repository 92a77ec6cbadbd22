"""What everybody shares who takes somebody off a shift."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.errors import Conflict, IllegalMove, NotFound
from marketplace.permissions import Actor
from marketplace.volunteering.rules import BOOKING_MOVES, BookingState, CancelledBy, Event
from marketplace.volunteering.tables import Booking
from marketplace.volunteering.waitlist import steps as waitlist

NO_SUCH = "We cannot find that booking."


async def release(actor: Actor, booking_id: UUID, by: CancelledBy, *, reason: str = "") -> None:
    """Give one booking's place back, and offer it to those who wait.

    It locks the shift, then the booking; whoever releases several goes by the order of their
    shifts' ids. `reason` is told to the volunteer, word for word. That the actor may do it is
    the caller's to ask.

    Raises:
        NotFound: there is no such booking.
        IllegalMove: it is cancelled already, or its attendance is marked.
        Conflict: the shift has started: then it is marked who came, and nothing is given back.
    """
    db.require_transaction()
    booking = await db.fetch_one(
        "SELECT b.shift_id, b.person_id, b.organisation_id, g.name AS organisation_name"
        " FROM booking b JOIN organisation g ON g.id = b.organisation_id WHERE b.id = {}",
        booking_id,
    )
    if booking is None:
        raise NotFound(NO_SUCH)
    # The shift before its booking, as everywhere: two who wait for each other never meet.
    starts_at = await db.fetch_value(
        "SELECT starts_at FROM shift WHERE id = {} FOR NO KEY UPDATE", booking["shift_id"]
    )
    state = BookingState(
        await db.fetch_value(
            "SELECT state FROM booking WHERE id = {} FOR NO KEY UPDATE", booking_id
        )
    )
    if state is BookingState.CANCELLED:
        raise IllegalMove("This booking is cancelled already, so there is nothing left to do.")
    now = clock.now()
    if now >= starts_at:
        raise Conflict(_started(by, booking["organisation_name"]))
    BOOKING_MOVES.check(state, BookingState.CANCELLED)
    await Booking.update(
        {
            Booking.state: BookingState.CANCELLED,
            Booking.cancelled_by: by,
            Booking.cancelled_at: now,
            Booking.reason: reason,
        }
    ).where(Booking.id == booking_id)
    await db.execute("UPDATE shift SET taken = taken - 1 WHERE id = {}", booking["shift_id"])
    await audit.record(
        Event.BOOKING_CANCELLED,
        "booking",
        booking_id,
        by=actor,
        organisation=booking["organisation_id"],
        data={
            "shift": str(booking["shift_id"]),
            "person": str(booking["person_id"]),
            "by": by.value,
        },
    )
    await waitlist.wake(booking["shift_id"])


def _started(by: CancelledBy, organisation: str) -> str:
    if by is CancelledBy.VOLUNTEER:
        return (
            "This shift has started, so the place cannot be given back any more."
            f" If you could not come, tell {organisation}."
        )
    return "This shift has started, so nobody is taken off it any more. Mark who came instead."
