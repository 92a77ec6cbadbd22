"""What borrowers and the desk share: ending a reservation that was not handed over."""

from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.errors import IllegalMove, NotFound
from marketplace.permissions import Actor
from marketplace.things import occupancy
from marketplace.things.reservations.queries import NO_SUCH, ReservationView
from marketplace.things.rules import RESERVATION_MOVES, CancelledBy, Event, ReservationState
from marketplace.things.tables import Reservation


async def locked_state(reservation: ReservationView) -> ReservationState:
    """Hold the thing and the reservation, and give the state it is in now."""
    await occupancy.lock(reservation.thing_id)
    state = await db.fetch_value(
        "SELECT state FROM reservation WHERE id = {} FOR NO KEY UPDATE", reservation.id
    )
    if state is None:
        raise NotFound(NO_SUCH)
    return ReservationState(state)


async def cancel(
    actor: Actor, reservation: ReservationView, *, by: CancelledBy, reason: str = ""
) -> None:
    """End a reservation before it is collected; whoever waits for a unit is served.

    Raises:
        IllegalMove: it was collected, or is over.
    """
    state = await locked_state(reservation)
    if state is ReservationState.CANCELLED:
        raise IllegalMove("This reservation is cancelled already, so there is nothing left to do.")
    if state is ReservationState.OUT:
        raise IllegalMove("This has been collected. Bring it back to end the loan.")
    await end(
        reservation,
        RESERVATION_MOVES.check(state, ReservationState.CANCELLED),
        {
            Reservation.cancelled_by: by,
            Reservation.cancelled_at: clock.now(),
            Reservation.reason: reason,
        },
    )
    await record(actor, Event.RESERVATION_CANCELLED, reservation, by=by.value)


async def end(
    reservation: ReservationView, state: ReservationState, columns: dict[Any, Any]
) -> list[UUID]:
    """Write a final state, let the unit go, and give who still has none."""
    await Reservation.update({Reservation.state: state, **columns}).where(
        Reservation.id == reservation.id
    )
    await occupancy.release(reservation.id)
    return await occupancy.replan(reservation.thing_id)


async def record(actor: Actor, event: Event, reservation: ReservationView, **data: str) -> None:
    """Write what happened to a reservation."""
    await audit.record(
        event,
        "reservation",
        reservation.id,
        by=actor,
        organisation=reservation.organisation_id,
        data={"thing": str(reservation.thing_id), "person": str(reservation.person_id), **data},
    )
