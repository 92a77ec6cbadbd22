"""Planning, changing and cancelling shifts."""

import asyncio
from datetime import date, time, timedelta

import pytest
from asyncpg import Point
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import Conflict, NotAllowed
from marketplace.ids import new_id
from marketplace.permissions import OrgRole
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.shifts import operations, queries
from marketplace.volunteering.shifts.operations import Plan
from marketplace.volunteering.tables import Booking, Shift

pytestmark = pytest.mark.usefixtures("db")


def a_plan(**changes):
    day = clock.today() + timedelta(days=14)
    given = {"day": day, "start": time(18, 30), "end": time(20), "places": 4} | changes
    return Plan(**given)


@pytest.fixture
async def organisation(db):
    return await an_organisation()


@pytest.fixture
async def opportunity(organisation):
    return await an_opportunity(organisation.id)


async def row_of(shift):
    row = await Shift.select().where(Shift.id == shift).first()
    assert row is not None
    return row


async def refused(coroutine):
    with pytest.raises(Conflict) as conflict:
        await coroutine
    return conflict.value


async def test_a_shift_keeps_what_was_said(organisation, opportunity):
    plan = a_plan()
    (shift,) = await operations.plan(organisation.owner.actor, opportunity, plan)
    row = await row_of(shift)
    assert (row["local_start"].time(), row["zone"]) == (time(18, 30), "Europe/London")


async def test_weekly_shifts_are_planned_one_by_one(organisation, opportunity):
    made = await operations.plan(organisation.owner.actor, opportunity, a_plan(weeks=26))
    days = [(await row_of(shift))["local_start"].date() for shift in made]
    assert days == [a_plan().day + timedelta(weeks=week) for week in range(26)]


async def test_more_than_26_weeks_are_refused(organisation, opportunity):
    conflict = await refused(
        operations.plan(organisation.owner.actor, opportunity, a_plan(weeks=27))
    )
    assert conflict.field == "weeks"


async def test_a_shift_that_ends_before_it_starts_is_refused(organisation, opportunity):
    plan = a_plan(start=time(20), end=time(18))
    conflict = await refused(operations.plan(organisation.owner.actor, opportunity, plan))
    assert conflict.field == "end"


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2099, 1, 1)])
async def test_a_shift_in_the_past_or_too_far_ahead_is_refused(organisation, opportunity, day):
    conflict = await refused(
        operations.plan(organisation.owner.actor, opportunity, a_plan(day=day))
    )
    assert conflict.field == "day"


async def test_a_flexible_opportunity_takes_no_shifts(organisation):
    flexible = await an_opportunity(organisation.id, timing="flexible")
    await refused(operations.plan(organisation.owner.actor, flexible, a_plan()))


async def test_planning_lists_an_open_opportunity(organisation, opportunity):
    await operations.plan(organisation.owner.actor, opportunity, a_plan())
    assert await db.fetch_value("SELECT count(*) FROM listing WHERE id = {}", opportunity) == 1


async def test_a_trustee_plans_nothing(organisation, opportunity):
    trustee = acting(await a_person(), **{OrgRole.TRUSTEE.value: organisation.id})
    with pytest.raises(NotAllowed):
        await operations.plan(trustee, opportunity, a_plan())


async def test_places_are_not_cut_below_those_taken(organisation, opportunity):
    shift = await a_shift(opportunity, places=3)
    for _ in range(2):
        await a_booking(shift)
    conflict = await refused(operations.change(organisation.owner.actor, shift, a_plan(places=1)))
    assert conflict.field == "places"
    assert conflict.message.startswith("2 people have a place already, so enter 2 or more")


async def test_places_are_cut_to_those_taken(organisation, opportunity):
    shift = await a_shift(opportunity, places=3)
    await a_booking(shift)
    await operations.change(organisation.owner.actor, shift, a_plan(places=1))
    assert (await row_of(shift))["places"] == 1


async def test_cutting_places_while_people_book_never_overbooks(organisation, opportunity):
    shift = await a_shift(opportunity, places=20)
    people = [await a_person() for _ in range(20)]
    await asyncio.gather(
        *(bookings.book(person.actor, shift) for person in people),
        operations.change(organisation.owner.actor, shift, a_plan(places=10)),
        return_exceptions=True,
    )
    row = await row_of(shift)
    live = await db.fetch_value("SELECT count(*) FROM booking WHERE state = 'confirmed'")
    assert row["taken"] == live <= row["places"]


async def test_moving_a_shift_moves_its_bookings(organisation, opportunity):
    shift = await a_shift(opportunity)
    booking = await a_booking(shift)
    await operations.change(organisation.owner.actor, shift, a_plan())
    row = await Booking.select().where(Booking.id == booking).first()
    assert row["period"].lower == (await row_of(shift))["starts_at"]


async def test_a_move_is_told_apart_from_a_note(organisation, opportunity):
    shift = await a_shift(opportunity)
    await operations.change(organisation.owner.actor, shift, a_plan())
    await operations.change(organisation.owner.actor, shift, a_plan(note="Bring gloves"))
    rows = await db.fetch("SELECT data FROM history WHERE event = 'shift.changed' ORDER BY seq")
    assert [row["data"]["moved"] for row in rows] == [True, False]


async def test_a_move_onto_another_booking_of_somebody_is_refused(organisation, opportunity):
    plan, person = a_plan(), await a_person()
    elsewhere = await a_shift(starts_at=clock.instant(plan.day, time(19)))
    await a_booking(elsewhere, person.id)
    shift = await a_shift(opportunity)
    await a_booking(shift, person.id)
    conflict = await refused(operations.change(organisation.owner.actor, shift, plan))
    assert "has another booking at that time" in conflict.message


async def test_a_shift_that_has_started_stays_as_it_was(organisation, opportunity):
    shift = await a_shift(opportunity, starts_at=clock.now() - timedelta(minutes=1))
    await refused(operations.change(organisation.owner.actor, shift, a_plan()))
    await refused(operations.cancel(organisation.owner.actor, shift))


async def test_cancelling_cancels_the_bookings_and_tells_each(organisation, opportunity):
    shift = await a_shift(opportunity)
    made = {await a_booking(shift) for _ in range(3)}
    assert await operations.cancel(organisation.owner.actor, shift) == 3
    rows = await db.fetch("SELECT subject_id, data FROM history WHERE event = 'booking.cancelled'")
    assert {row["subject_id"] for row in rows} == made
    assert {row["data"]["by"] for row in rows} == {"organisation"}


async def test_a_cancelled_shift_holds_no_places(organisation, opportunity):
    shift = await a_shift(opportunity)
    await a_booking(shift)
    await operations.cancel(organisation.owner.actor, shift)
    assert (await row_of(shift))["taken"] == 0


async def test_booking_while_the_shift_is_cancelled_leaves_nobody_behind(organisation, opportunity):
    shift = await a_shift(opportunity, places=20)
    people = [await a_person() for _ in range(15)]
    await asyncio.gather(
        *(bookings.book(person.actor, shift) for person in people),
        operations.cancel(organisation.owner.actor, shift),
        return_exceptions=True,
    )
    live = await db.fetch_value("SELECT count(*) FROM booking WHERE state = 'confirmed'")
    assert (live, (await row_of(shift))["taken"]) == (0, 0)


# --- numbers


async def test_a_shift_is_short_of_those_it_cannot_do_without(organisation, opportunity):
    shift = await a_shift(opportunity, places=4, least_needed=3)
    await a_booking(shift)
    view, _ = await queries.shift(organisation.owner.actor, shift)
    assert view.short == 2


async def test_places_are_taken_from_those_chosen_by_name_only(organisation, opportunity):
    shift = await a_shift(opportunity, places=3)
    kept, gone, other = [await a_booking(shift) for _ in range(3)]
    actor = organisation.owner.actor
    conflict = await refused(operations.cut(actor, shift, 1, [gone]))
    assert (conflict.field, conflict.message) == ("people", "Choose 1 more, or keep 2 places")
    assert await operations.cut(actor, shift, 1, [gone, other], reason="A smaller room") == 2
    row = await row_of(shift)
    assert (row["places"], row["taken"]) == (1, 1)
    rows = await db.fetch("SELECT id, cancelled_by, reason FROM booking WHERE state = 'cancelled'")
    assert {row["id"] for row in rows} == {gone, other}
    assert {(row["cancelled_by"], row["reason"]) for row in rows} == {
        ("organisation", "A smaller room")
    }
    assert kept not in {row["id"] for row in rows}


async def a_queue(shift, organisation):
    """Let somebody wait for a place."""
    queue, person = new_id(), await a_person()
    await db.execute(
        "INSERT INTO offer_queue (id, subject_type, subject_id, organisation_id, mode)"
        " VALUES ({}, 'shift', {}, {}, 'first_come')",
        queue,
        shift,
        organisation.id,
    )
    await db.execute(
        "INSERT INTO offer_entry (id, queue_id, person_id, place, state)"
        " VALUES ({}, {}, {}, 1, 'waiting')",
        new_id(),
        queue,
        person.id,
    )


@pytest.mark.parametrize(("places", "held"), [(2, 1), (1, 0)])
async def test_more_places_are_offered_to_those_who_wait(organisation, opportunity, places, held):
    shift = await a_shift(opportunity, places=1)
    await a_booking(shift)
    await a_queue(shift, organisation)
    await operations.change(organisation.owner.actor, shift, a_plan(places=places))
    assert (await row_of(shift))["held"] == held


async def test_places_that_are_taken_away_are_offered_to_nobody(organisation, opportunity):
    shift = await a_shift(opportunity, places=2)
    gone, _ = await a_booking(shift), await a_booking(shift)
    await a_queue(shift, organisation)
    await operations.cut(organisation.owner.actor, shift, 1, [gone])
    assert (await row_of(shift))["held"] == 0


# --- the way between two bookings


async def two_bookings(far, **first):
    """Book a shift until noon tomorrow week, and give one at one o'clock, `far` metres east."""
    noon = clock.instant(clock.today() + timedelta(days=8), time(12))
    here = await an_opportunity(title="Soup kitchen", point=Point(570000, 205000), **first)
    there = await an_opportunity(point=Point(570000 + far, 205000))
    person = await a_person()
    await a_booking(await a_shift(here, starts_at=noon - timedelta(hours=2)), person.id)
    return person.id, await a_shift(there, starts_at=noon + timedelta(minutes=30))


async def test_a_way_that_does_not_fit_is_warned_of(db):
    found = await queries.tight(*await two_bookings(16_100))
    assert found
    assert (found.between, found.needed, found.before) == (30, 40, True)
    assert found.sentence.startswith("You are booked for “Soup kitchen” before this")


async def test_a_way_that_fits_is_not(db):
    assert await queries.tight(*await two_bookings(8_000)) is None


async def test_from_home_there_is_no_way(db):
    assert await queries.tight(*await two_bookings(16_100, remote=True)) is None


async def test_nobody_is_booked_at_a_time_they_never_saw(organisation, opportunity):
    shift, person = await a_shift(opportunity), await a_person()
    seen = (await row_of(shift))["starts_at"].isoformat()
    await operations.change(organisation.owner.actor, shift, a_plan())
    conflict = await refused(bookings.book(person.actor, shift, old_enough=True, seen=seen))
    assert "changed the time of this shift while you were looking" in conflict.message
    assert (await row_of(shift))["taken"] == 0
