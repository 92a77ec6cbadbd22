"""Keeping places for a group, naming people, and giving places back."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.rules import normalised_email
from marketplace.db import Once
from marketplace.errors import Conflict, NotAllowed
from marketplace.offers import queries as offers
from marketplace.offers.rules import too_soon
from marketplace.permissions import SYSTEM, Actor
from marketplace.rate_limits import Limit, count
from marketplace.volunteering.bookings import steps as bookings
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.eligibility.rules import Code
from marketplace.volunteering.groups import queries, rules, steps
from marketplace.volunteering.groups.queries import GroupView
from marketplace.volunteering.groups.rules import SEAT_MOVES, Event, Kind, SeatState
from marketplace.volunteering.groups.tables import GroupSeat, VolunteerGroup
from marketplace.volunteering.rules import Timing
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.waitlist import steps as waitlist

RESERVED = Limit("groups person", 10, timedelta(days=1))
NAMED = Limit("group seats person", 200, timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a captain asks for; `days` before the shift places without a name lapse."""

    name: str
    kind: Kind
    seats: int
    days: int = rules.USUAL_DAYS


async def reserve(
    actor: Actor, shift_id: UUID, wanted: Wanted, *, once: Once | None = None
) -> UUID:
    """Keep places on a shift for a group, and give the group's id.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such shift.
        NotAllowed: the actor's address is not confirmed.
        Conflict: too few places, people wait, or it is too near; names the field it is about.
        TooMany: ten groups in a day.
    """
    captain = actor.require_person()
    _, opportunity = await shifts.shift(actor, shift_id)
    if not actor.email_confirmed:
        raise NotAllowed("Confirm your e-mail address before you keep places for others.")
    await count(RESERVED, str(captain))
    async with db.transaction(once):
        await steps.lock(shift_id)
        await waitlist.wake(shift_id)
        shift, opportunity = await shifts.shift(actor, shift_id)
        now = clock.now()
        if shift.cancelled or not opportunity.public or opportunity.timing is not Timing.SHIFTS:
            raise Conflict("This shift takes no groups at the moment.")
        lapses = rules.lapses_at(shift.starts_at, wanted.days)
        if lapses <= now:
            raise Conflict(
                "The shift is too near to keep places without names for so long. Choose fewer"
                " days, or have everybody book for themselves",
                field="days",
            )
        if not too_soon(now, shift.starts_at) and await offers.first_waiting("shift", shift_id):
            raise Conflict("People are waiting for this shift, and free places go to them first.")
        if shift.left < wanted.seats:
            raise Conflict(
                f"Only {shift.left} places are free" if shift.left != 1 else "Only 1 place is free",
                field="seats",
            )
        await db.execute(
            "UPDATE shift SET held = held + {}::int WHERE id = {}", wanted.seats, shift_id
        )
        group = VolunteerGroup(
            shift_id=shift_id,
            organisation_id=opportunity.organisation_id,
            captain_id=captain,
            name=wanted.name,
            kind=wanted.kind,
            held=wanted.seats,
            lapses_at=lapses,
            # Whoever reserves in the last week has just read the date.
            warned_at=now if lapses - rules.WARNED_BEFORE <= now else None,
        )
        await group.save()
        await steps.record(actor, Event.RESERVED, group.id, opportunity.organisation_id)
        if once:
            once.answer(f"/my/groups/{group.id}")
    return group.id


async def name(
    actor: Actor, group_id: UUID, name: str, email: str, *, once: Once | None = None
) -> UUID:
    """Name somebody for one of the group's places, and give the seat's id.

    Raises:
        NotFound: the actor is not the captain of such a group.
        Conflict: no place is without a name, or they are named already (names `email`).
        TooMany: very many were named today.
    """
    await queries.own(actor, group_id)
    await count(NAMED, str(actor.require_person()))
    async with db.transaction(once):
        group = await _locked(actor, group_id)
        if not group.unnamed:
            raise Conflict("Every place has a name. Take one back first, or keep more places.")
        seat = GroupSeat(group_id=group_id, name=name, email=normalised_email(email))
        with db.clashes({"group_seat_email": Conflict("They are named already", field="email")}):
            await seat.save()
        await steps.record(actor, Event.SEAT_NAMED, seat.id, group.organisation_id)
    return seat.id


async def take_back(
    actor: Actor, group_id: UUID, seat_id: UUID, *, once: Once | None = None
) -> None:
    """Take a name off a place that nobody accepted; the place stays with the group.

    Raises:
        NotFound: the actor is not the captain, or there is no such seat.
        IllegalMove: it was answered.
    """
    async with db.transaction(once):
        group = await _locked(actor, group_id)
        seat = await queries.seat(seat_id)
        if seat is None or seat.group_id != group_id:
            raise Conflict("That place is not one of this group.")
        await steps.answer(seat_id, SEAT_MOVES.check(seat.state, SeatState.TAKEN_BACK))
        await steps.record(actor, Event.SEAT_TAKEN_BACK, seat_id, group.organisation_id)


async def give_back(actor: Actor, group_id: UUID, seats: int, *, once: Once | None = None) -> None:
    """Give places without a name back; they are offered to whoever waits.

    Raises:
        NotFound: the actor is not the captain of such a group.
        Conflict: so many are not without a name; names `seats`.
    """
    async with db.transaction(once):
        group = await _locked(actor, group_id)
        if not 1 <= seats <= group.unnamed:
            raise Conflict(
                f"{group.unnamed} places have no name. Take a name back first to return more",
                field="seats",
            )
        await steps.let_go(group, seats)
        await steps.record(actor, Event.RETURNED, group_id, group.organisation_id, seats=seats)


async def accept(
    actor: Actor, token: str, *, old_enough: bool = False, once: Once | None = None
) -> GroupView:
    """Take the place that a link names, with one's own account.

    Raises:
        LinkBroken, LinkExpired: see `queries.of_link`.
        SignInRequired: nobody is signed in.
        Conflict: it was answered, or names the rule that forbids the booking.
    """
    person = actor.require_person()
    async with db.transaction(once):
        _, group = await queries.of_link(token)
        await bookings.lock_person(person)
        await steps.lock(group.shift_id)
        await queries.group(group.id, lock=True)
        seat, group = await queries.of_link(token)
        if seat.state is not SeatState.NAMED or not group.held:
            raise Conflict("This place was answered already, or is not kept any more.")
        reasons = await eligibility.why_not(
            person, group.shift_id, old_enough=old_enough, offered=True
        )
        if reasons:
            field = "old_enough" if reasons[0].code == Code.AGE else None
            raise Conflict(reasons[0].sentence, field=field)
        booking = await bookings.take(actor, group.shift_id, person, held=True)
        if booking is None:
            raise Conflict("Something about this shift just changed. Try again.")
        await waitlist.forget(actor, group.shift_id, person)
        await db.execute("UPDATE volunteer_group SET held = held - 1 WHERE id = {}", group.id)
        await GroupSeat.update(
            {
                GroupSeat.state: SEAT_MOVES.check(seat.state, SeatState.ACCEPTED),
                GroupSeat.booking_id: booking,
                GroupSeat.person_id: person,
                GroupSeat.answered_at: clock.now(),
            }
        ).where(GroupSeat.id == seat.id)
        await steps.record(actor, Event.SEAT_ACCEPTED, seat.id, group.organisation_id)
        return await queries.group(group.id)


async def decline(token: str, *, once: Once | None = None) -> None:
    """Say no to a seat, as whoever holds its link; the place stays with the group.

    Raises:
        LinkBroken, LinkExpired: see `queries.of_link`.
        IllegalMove: it was answered already.
    """
    async with db.transaction(once):
        seat, group = await queries.of_link(token)
        await steps.lock(group.shift_id)
        await queries.group(group.id, lock=True)
        seat, group = await queries.of_link(token)
        await steps.answer(seat.id, SEAT_MOVES.check(seat.state, SeatState.DECLINED))
        await steps.record(SYSTEM, Event.SEAT_DECLINED, seat.id, group.organisation_id)


async def lapse(limit: int = 500) -> int:
    """Give back what nobody is named for or answered in time, and warn a week ahead.

    For the schedule; gives how many places are everybody's again.
    """
    freed = 0
    for group_id, shift_id in await queries.due(limit):
        async with db.transaction():
            await steps.lock(shift_id)
            group = await queries.group(group_id, lock=True)
            if group.cancelled:
                # The shift holds nothing any more.
                await db.execute("UPDATE volunteer_group SET held = 0 WHERE id = {}", group_id)
                continue
            places, named_too = rules.lapsing(
                group.held, group.named, group.lapses_at, group.starts_at, clock.now()
            )
            if not places:
                continue
            if named_too:
                await db.execute(
                    "UPDATE group_seat SET state = 'lapsed', answered_at = {}"
                    " WHERE group_id = {} AND state = 'named'",
                    clock.now(),
                    group_id,
                )
            await steps.let_go(group, places)
            await db.execute(
                "UPDATE volunteer_group SET lapsed_at = {} WHERE id = {}", clock.now(), group_id
            )
            await steps.record(SYSTEM, Event.LAPSED, group_id, group.organisation_id, seats=places)
            freed += places
    await _warn(limit)
    return freed


async def _warn(limit: int) -> None:
    now = clock.now()
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE volunteer_group SET warned_at = {} FROM (SELECT v.id FROM volunteer_group v"
            "  WHERE v.held > 0 AND v.warned_at IS NULL AND v.lapses_at <= {}"
            "  AND v.lapses_at > {} LIMIT {} FOR NO KEY UPDATE SKIP LOCKED) AS soon"
            " WHERE volunteer_group.id = soon.id"
            " RETURNING volunteer_group.id, volunteer_group.organisation_id",
            now,
            now + rules.WARNED_BEFORE,
            now,
            limit,
        )
        for row in rows:
            await steps.record(SYSTEM, Event.LAPSING, row["id"], row["organisation_id"])


async def forget_names() -> int:
    """Erase names and addresses of seats some time after the shift; gives how many."""
    async with db.transaction():
        return await db.execute(
            "UPDATE group_seat SET name = '', email = NULL FROM volunteer_group v"
            " JOIN shift s ON s.id = v.shift_id WHERE v.id = group_seat.group_id"
            " AND group_seat.email IS NOT NULL AND s.ends_at <= {}",
            clock.now() - rules.FORGOTTEN_AFTER,
        )


async def _locked(actor: Actor, group_id: UUID) -> GroupView:
    """Lock the shift, then the group, of a captain who can still change it."""
    await steps.lock((await queries.own(actor, group_id)).shift_id)
    group = await queries.group(group_id, lock=True)
    if not group.open(clock.now()):
        raise Conflict("This shift has begun or was called off, so nothing changes any more.")
    return group
