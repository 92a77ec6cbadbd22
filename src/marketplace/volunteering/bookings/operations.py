"""Winning a place on a shift, and giving it back."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from asyncpg import Range

from marketplace import audit, clock, db, signing
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.volunteering.bookings import queries, steps
from marketplace.volunteering.bookings.queries import BookingView
from marketplace.volunteering.bookings.refusals import refusal
from marketplace.volunteering.rules import (
    BookingState,
    CancelledBy,
    Event,
    Obstacle,
    obstacles,
)
from marketplace.volunteering.tables import Booking

LINK_PURPOSE = "cancel-booking"
# The link is for one booking only, so it lives as long as a shift may lie ahead.
LINK_LIFE = timedelta(days=3 * 366)


async def book(
    actor: Actor, shift_id: UUID, once: Once | None = None, *, old_enough: bool = False
) -> UUID:
    """Win a place on a shift for the actor, and give the booking's id.

    The place is taken by one conditional UPDATE, so that the shift's row decides between people
    who press the button together. `old_enough` is their word that they have the role's age.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such shift.
        Conflict: names the rule that forbids it and the next best thing.
    """
    person = actor.require_person()
    async with db.transaction(once):
        # One booking of a person at a time: two that overlap would otherwise wait for each
        # other inside the exclusion constraint, and deadlock.
        await db.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"booking:{person}"
        )
        facts = await queries.in_the_way(actor, shift_id, old_enough=old_enough)
        _refuse(facts)
        won = await db.fetch_one(
            "UPDATE shift SET taken = taken + 1 FROM opportunity o, organisation g"
            " WHERE shift.id = {} AND shift.taken + shift.held < shift.places"
            " AND shift.state = 'planned' AND shift.starts_at > now()"
            " AND o.id = shift.opportunity_id AND o.state = 'open'"
            " AND g.id = o.organisation_id AND g.state = 'approved'"
            " RETURNING shift.starts_at, shift.ends_at, o.organisation_id",
            shift_id,
        )
        if won is None:
            # Somebody was quicker between the two statements: ask again, and say why.
            facts = await queries.in_the_way(actor, shift_id, old_enough=old_enough)
            _refuse(facts)
            raise Conflict(refusal(Obstacle.NOT_OPEN, facts).sentence)
        booking = Booking(
            shift_id=shift_id,
            person_id=person,
            organisation_id=won["organisation_id"],
            period=Range(won["starts_at"], won["ends_at"]),
        )
        with db.clashes(
            {
                "booking_once": Conflict(refusal(Obstacle.BOOKED_ALREADY, facts).sentence),
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
            data={"shift": str(shift_id), "person": str(person)},
        )
    return booking.id


def _refuse(facts: queries.InTheWay) -> None:
    if found := obstacles(facts.asked, clock.now()):
        raise Conflict(
            refusal(found[0], facts).sentence,
            field="old_enough" if found[0] is Obstacle.AGE else None,
        )


async def cancel(actor: Actor, booking_id: UUID, *, once: Once | None = None) -> BookingView:
    """Give the actor's own place back; it is free for others at once.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such booking of theirs.
        Conflict: the shift has started.
        IllegalMove: the place is not theirs any more.
    """
    async with db.transaction(once):
        return await _cancel(actor, await queries.booking(actor, booking_id))


async def cancel_by_link(token: str, *, once: Once | None = None) -> BookingView:
    """Give back the place that a signed link names; whoever holds the link may.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, or too old.
        Conflict: the shift has started.
        IllegalMove: the place was given back already.
    """
    signed = signing.unsign(LINK_PURPOSE, token, within=LINK_LIFE)
    async with db.transaction(once):
        booking = await queries.booking_of_link(signed.id)
        return await _cancel(Actor(person_id=booking.person_id), booking)


async def _cancel(actor: Actor, booking: BookingView) -> BookingView:
    await steps.release(actor, booking.id, CancelledBy.VOLUNTEER)
    return replace(booking, state=BookingState.CANCELLED, cancelled_by=CancelledBy.VOLUNTEER)
