"""For how long somebody gave their time, and that both sides stand behind it."""

from datetime import timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, an_opportunity, an_organisation

from marketplace import clock
from marketplace.errors import Conflict, IllegalMove, NotFound
from marketplace.volunteering.attendance.operations import mark
from marketplace.volunteering.bookings import queries as bookings
from marketplace.volunteering.hours import operations
from marketplace.volunteering.rules import BookingState
from marketplace.volunteering.tables import Hours

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def organisation(db):
    return await an_organisation()


@pytest.fixture
async def shift(organisation):
    """Give a shift of two hours that began an hour ago."""
    return await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(hours=1)
    )


async def hours_of(booking):
    return await Hours.select().where(Hours.booking_id == booking).first()


async def test_hours_are_confirmed_as_they_were(organisation, shift):
    booking = await a_booking(shift)
    owner = organisation.owner.actor
    await mark(owner, shift, BookingState.ATTENDED)
    await operations.confirm(owner, booking, 75)
    row = await hours_of(booking)
    assert (row["minutes"], row["state"], row["confirmed_by"]) == (75, "confirmed", owner.person_id)


@pytest.mark.parametrize("minutes", [0, 24 * 60 + 1])
async def test_hours_beyond_a_day_or_none_are_refused(organisation, shift, minutes):
    booking = await a_booking(shift)
    await mark(organisation.owner.actor, shift, BookingState.ATTENDED)
    with pytest.raises(Conflict) as refused:
        await operations.confirm(organisation.owner.actor, booking, minutes)
    assert refused.value.field == "minutes"


async def test_hours_are_confirmed_once(organisation, shift):
    booking = await a_booking(shift)
    owner = organisation.owner.actor
    await mark(owner, shift, BookingState.ATTENDED)
    await operations.confirm(owner, booking, 60)
    with pytest.raises(IllegalMove):
        await operations.confirm(owner, booking, 600)


async def test_hours_of_somebody_who_did_not_come_are_not_found(organisation, shift):
    with pytest.raises(NotFound):
        await operations.confirm(organisation.owner.actor, await a_booking(shift), 60)


async def test_all_hours_are_confirmed_at_once(organisation, shift):
    for _ in range(3):
        await a_booking(shift)
    await mark(organisation.owner.actor, shift, BookingState.ATTENDED)
    assert await operations.confirm_all(organisation.owner.actor, shift) == 3


async def test_only_confirmed_hours_count_for_the_volunteer(organisation, shift):
    person = await a_person()
    booking = await a_booking(shift, person.id)
    owner = organisation.owner.actor
    await mark(owner, shift, BookingState.ATTENDED)
    assert (await bookings.mine(person.actor)).minutes == 0
    await operations.confirm(owner, booking, 90)
    assert (await bookings.mine(person.actor)).minutes == 90
