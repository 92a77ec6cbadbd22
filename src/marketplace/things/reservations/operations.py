"""Reserving a thing, and giving the reservation back."""

from datetime import date
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once, again_on_deadlock
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.things import occupancy, rules
from marketplace.things.catalogue import queries as catalogue
from marketplace.things.reservations import queries, steps
from marketplace.things.reservations.queries import ReservationView
from marketplace.things.reservations.refusals import refusal, refusals
from marketplace.things.rules import CancelledBy, Event, Obstacle
from marketplace.things.tables import Reservation


@again_on_deadlock
async def reserve(
    actor: Actor,
    thing_id: UUID,
    first: date,
    last: date,
    *,
    for_organisation: UUID | None = None,
    agreed: bool = False,
    once: Once | None = None,
) -> UUID:
    """Claim a unit of a thing for the actor from one calendar day to another, and give its id.

    Everything is judged under the thing's lock. Others that are not yet handed over move to
    other units where that makes room. `agreed` is their word that they accept the terms.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such thing.
        Conflict: names the rule that forbids it and the next days that work.
    """
    person = actor.require_person()
    if for_organisation is not None and for_organisation not in actor.memberships:
        raise Conflict("Choose a group that you belong to", field="for_organisation")
    async with db.transaction(once):
        await catalogue.thing(actor, thing_id)
        await occupancy.lock(thing_id)
        facts = await queries.in_the_way(actor, thing_id, first, last)
        if reasons := refusals(facts):
            raise Conflict(reasons[0].sentence)
        thing, loan = facts.thing, facts.loan
        if thing.terms and not agreed:
            raise Conflict("Tick that you agree to the terms", field="agreed")
        period = rules.period(
            first,
            loan.first_hours,
            last,
            loan.last_hours,
            zone=thing.tz,
            hours_before=thing.hours_before,
            hours_after=thing.hours_after,
        )
        unit = await occupancy.find_unit(thing_id, period)
        if unit is None:
            raise Conflict(refusal(Obstacle.TAKEN, facts).sentence)
        reservation = Reservation(
            thing_id=thing_id,
            organisation_id=thing.organisation_id,
            person_id=person,
            for_organisation_id=for_organisation,
            first_day=first,
            last_day=last,
            zone=thing.tz.key,
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            reserved_at=clock.now(),
        )
        await reservation.save()
        await occupancy.hold(thing_id, unit, reservation.id, period)
        await audit.record(
            Event.RESERVATION_MADE,
            "reservation",
            reservation.id,
            by=actor,
            organisation=thing.organisation_id,
            data={"thing": str(thing_id), "person": str(person)},
        )
    return reservation.id


@again_on_deadlock
async def cancel(actor: Actor, id: UUID, *, once: Once | None = None) -> ReservationView:
    """Give the actor's own reservation back; its unit is free for others at once.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such reservation of theirs.
        IllegalMove: it was collected, or is over.
    """
    async with db.transaction(once):
        reservation = await queries.own(actor, id)
        await steps.cancel(actor, reservation, by=CancelledBy.BORROWER)
    return reservation
