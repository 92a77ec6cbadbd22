"""What everybody shares who puts somebody on a shift, or takes somebody off."""

from uuid import UUID

from asyncpg import Range

from marketplace import audit, clock, db
from marketplace.errors import Conflict, IllegalMove, NotFound
from marketplace.offers.rules import LEAST
from marketplace.permissions import Actor
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.eligibility.rules import Asking, Code, Reason
from marketplace.volunteering.guardians import queries as guardians
from marketplace.volunteering.rules import BOOKING_MOVES, BookingState, CancelledBy, Event
from marketplace.volunteering.tables import Booking
from marketplace.volunteering.waitlist import steps as waitlist

NO_SUCH = "We cannot find that booking."


async def lock_person(person_id: UUID) -> None:
    """Let nobody else decide about this person's bookings until the transaction ends.

    The first lock of all. Whoever takes away what a booking needs (a consent, a check) takes it
    too, so that no booking slips through meanwhile; and two bookings that overlap would wait for
    each other inside the exclusion constraint without it, and deadlock.
    """
    db.require_transaction()
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"booking:{person_id}"
    )


async def book(actor: Actor, shift_id: UUID, person_id: UUID, *, old_enough: bool = False) -> UUID:
    """Win a place on a shift for a person, and give the booking's id.

    `old_enough` is their word that they have the role's age. That the actor may do it for them
    is the caller's to ask.

    Raises:
        NotFound: there is no such shift.
        Conflict: names the rule that forbids it and the next best thing.
    """
    await lock_person(person_id)
    _refuse(await eligibility.why_not(person_id, shift_id, old_enough=old_enough))
    booking = await take(actor, shift_id, person_id)
    if booking is None:
        # Somebody was quicker between the two statements: ask again, and say why.
        _refuse(await eligibility.why_not(person_id, shift_id, old_enough=old_enough))
        raise Conflict("Somebody else was quicker. Try again.")
    return booking


def _refuse(reasons: list[Reason]) -> None:
    if reasons:
        raise Conflict(
            reasons[0].sentence, field="old_enough" if reasons[0].code == Code.AGE else None
        )


async def take(actor: Actor, shift_id: UUID, person_id: UUID, *, held: bool = False) -> UUID | None:
    """Take a place, one that is held for this person or a free one; None where there is none.

    The caller has locked the person and asked whether they may. While others wait, a free place
    is theirs, but in the last half hour it is whoever's comes first.

    Raises:
        Conflict: the person has another booking at that time, or this one already.
    """
    db.require_transaction()
    shift = await db.fetch_one(
        "SELECT s.id AS shift_id, s.role_id, s.opportunity_id, s.starts_at, s.ends_at,"
        " o.organisation_id FROM shift s JOIN opportunity o ON o.id = s.opportunity_id"
        " WHERE s.id = {} FOR NO KEY UPDATE OF s",
        shift_id,
    )
    # Whoever raises the age or moves the shift looks at its bookings under the same lock.
    if shift is not None:
        _refuse(await guardians.reasons(Asking(person_id=person_id, **shift)))
    if not held:
        await waitlist.wake(shift_id)
    won = await db.fetch_one(
        "UPDATE shift s SET taken = taken + 1, held = held - {}::int"
        " FROM opportunity o, organisation g"
        " WHERE s.id = {} AND s.state = 'planned' AND s.starts_at > now()"
        " AND o.id = s.opportunity_id AND o.state = 'open'"
        " AND g.id = o.organisation_id AND g.state = 'approved'"
        " AND CASE WHEN {} THEN s.held > 0 ELSE s.taken + s.held < s.places"
        "  AND (s.starts_at < now() + {} OR NOT EXISTS (SELECT FROM offer_queue q"
        "   JOIN offer_entry e ON e.queue_id = q.id AND e.state = 'waiting'"
        "   WHERE q.subject_type = 'shift' AND q.subject_id = s.id)) END"
        " RETURNING s.starts_at, s.ends_at, o.organisation_id",
        int(held),
        shift_id,
        held,
        LEAST,
    )
    if won is None:
        return None
    booking = Booking(
        shift_id=shift_id,
        person_id=person_id,
        organisation_id=won["organisation_id"],
        period=Range(won["starts_at"], won["ends_at"]),
    )
    with db.clashes(
        {
            "booking_once": Conflict("You have a place on this shift already."),
            "booking_one_place_at_a_time": Conflict(
                "You have another booking at that time. See it under “My volunteering”."
            ),
        }
    ):
        await booking.save()
    await audit.record(
        Event.BOOKING_MADE,
        "booking",
        booking.id,
        by=actor,
        organisation=won["organisation_id"],
        data={"shift": str(shift_id), "person": str(person_id)},
    )
    if not held:
        await waitlist.forget(actor, shift_id, person_id)
    return booking.id


async def release(
    actor: Actor, booking_id: UUID, by: CancelledBy, *, reason: str = "", waking: bool = True
) -> None:
    """Give one booking's place back, and offer it to those who wait.

    It locks the shift, then the booking; whoever releases several goes by the order of their
    shifts' ids. `reason` is told to the volunteer, word for word. That the actor may do it is
    the caller's to ask. Not `waking` is for those who take the place itself away next.

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
    if waking:
        await waitlist.wake(booking["shift_id"])


def _started(by: CancelledBy, organisation: str) -> str:
    if by is CancelledBy.VOLUNTEER:
        return (
            "This shift has started, so the place cannot be given back any more."
            f" If you could not come, tell {organisation}."
        )
    return "This shift has started, so nobody is taken off it any more. Mark who came instead."
