"""Winning a place on a shift, and giving it back."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from marketplace import clock, db, signing
from marketplace.accounts.consents import operations as consents
from marketplace.accounts.consents.operations import Evidence
from marketplace.accounts.consents.rules import BOOKING_WORDING, How, Purpose
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.volunteering.bookings import queries, steps
from marketplace.volunteering.bookings.queries import BookingView
from marketplace.volunteering.rules import BookingState, CancelledBy

LINK_PURPOSE = "cancel-booking"
# The link is for one booking only, so it lives as long as a shift may lie ahead.
LINK_LIFE = timedelta(days=3 * 366)


async def book(
    actor: Actor,
    shift_id: UUID,
    once: Once | None = None,
    *,
    old_enough: bool = False,
    seen: str = "",
    may_ask: bool = False,
) -> UUID:
    """Win a place on a shift for the actor, and give the booking's id.

    `old_enough` is their word that they have the role's age. `seen` is the start they were shown,
    as text of ISO 8601, "" if they were shown none. `may_ask`: the organisation may write to them
    when it is short of people.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such shift.
        Conflict: names the rule that forbids it and the next best thing.
    """
    person = actor.require_person()
    async with db.transaction(once):
        booking = await steps.book(actor, shift_id, person, old_enough=old_enough)
        if seen:
            # The shift is locked: it is not moved any more before this booking is there.
            row = await db.fetch_one("SELECT starts_at, ends_at FROM shift WHERE id = {}", shift_id)
            if row and row["starts_at"].isoformat() != seen:
                raise Conflict(
                    "The organisation changed the time of this shift while you were looking. It is"
                    f" now {clock.period_words(row['starts_at'], row['ends_at'])}. Book it if that"
                    " suits you."
                )
        if may_ask:
            evidence = Evidence(How.BOOKING, BOOKING_WORDING, f"booking {booking}")
            organisation = (await queries.booking(actor, booking)).organisation_id
            await consents.give(actor, person, organisation, Purpose.FILL_SHIFT, evidence)
    return booking


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


async def take_off(
    actor: Actor, booking_id: UUID, reason: str, *, once: Once | None = None
) -> UUID:
    """Take somebody off a shift for the organisation, and give the shift's id.

    The place goes to whoever waits; the person is told the reason, word for word.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such booking, or the actor may not know that there is.
        Conflict: the shift has started.
        IllegalMove: they have no place any more.
    """
    async with db.transaction(once):
        booking = await queries.booking_to_manage(actor, booking_id)
        await steps.release(actor, booking_id, CancelledBy.ORGANISATION, reason=reason)
    return booking.shift_id
