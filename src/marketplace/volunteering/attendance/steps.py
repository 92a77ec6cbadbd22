"""What every way of saying that somebody came shares."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import db
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.volunteering.attendance.rules import How, given_minutes
from marketplace.volunteering.rules import BOOKING_MOVES, BookingState
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.volunteering.tables import Booking


@dataclass(frozen=True, slots=True)
class Marked:
    """One booking of a locked shift, and whose it is."""

    booking_id: UUID
    person_id: UUID
    organisation_id: UUID
    shift: ShiftView


async def note(
    booking_id: UUID,
    how: How,
    *,
    by: Actor,
    in_at: datetime | None = None,
    out_at: datetime | None = None,
    excused: bool = False,
) -> None:
    """Write down what is known of a booking on the day; the first coming and leaving stand."""
    db.require_transaction()
    await db.execute(
        "INSERT INTO attendance AS a (id, booking_id, in_at, out_at, how, excused, marked_by)"
        " VALUES ({}, {}, {}, {}, {}, {}, {}) ON CONFLICT (booking_id) DO UPDATE SET"
        " in_at = coalesce(a.in_at, excluded.in_at),"
        " out_at = coalesce(a.out_at, excluded.out_at)",
        new_id(),
        booking_id,
        in_at,
        out_at,
        how.value,
        excused,
        by.person_id,
    )


async def forget(booking_id: UUID) -> None:
    """Forget when somebody came and left: the list begins anew."""
    db.require_transaction()
    await db.execute("DELETE FROM attendance WHERE booking_id = {}", booking_id)


async def propose(one: Marked, minutes: int) -> None:
    """Propose the hours of a booking, unless somebody has said already how long it was."""
    db.require_transaction()
    await db.execute(
        "INSERT INTO hours AS h (id, booking_id, person_id, organisation_id, minutes, state)"
        " VALUES ({}, {}, {}, {}, {}, 'proposed') ON CONFLICT (booking_id) DO UPDATE"
        " SET minutes = excluded.minutes, state = 'proposed', proposed_by = 'attendance'"
        " WHERE h.state = 'withdrawn' OR h.state = 'proposed' AND h.proposed_by = 'attendance'",
        new_id(),
        one.booking_id,
        one.person_id,
        one.organisation_id,
        minutes,
    )


async def withdraw_proposal(booking_id: UUID) -> None:
    """Drop the hours that the roster proposed; what the volunteer claimed stays."""
    db.require_transaction()
    await db.execute(
        "DELETE FROM hours WHERE booking_id = {} AND state = 'proposed'"
        " AND proposed_by = 'attendance'",
        booking_id,
    )


async def mark_one(
    one: Marked, before: BookingState, state: BookingState, *, in_at: datetime | None = None
) -> None:
    """Move one locked booking of a locked shift, and propose its hours or drop the proposal."""
    db.require_transaction()
    BOOKING_MOVES.check(before, state)
    with db.clashes(
        {
            "booking_one_place_at_a_time": Conflict(
                "This person has a place on another shift at the same time, so they cannot have"
                " been here too."
            )
        }
    ):
        await Booking.update({Booking.state: state}).where(Booking.id == one.booking_id)
    if state is BookingState.ATTENDED:
        minutes = given_minutes(one.shift.starts_at, one.shift.ends_at, in_at)
        await propose(one, minutes)
    else:
        await withdraw_proposal(one.booking_id)
