"""Planning, changing and cancelling shifts."""

import asyncio
from datetime import date, time, timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import Conflict, NotAllowed
from marketplace.permissions import OrgRole
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.shifts import operations
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
