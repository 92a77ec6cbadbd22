"""Who came and for how long."""

from datetime import timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.permissions import OrgRole
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


async def test_a_roster_is_in_the_order_of_names(organisation, shift):
    for name in ("Zoë", "adam", "Ömer"):
        await a_booking(shift, (await a_person(name=name)).id)
    roster = await operations.look_at_roster(organisation.owner.actor, shift)
    assert [row.name for row in roster.rows] == ["adam", "Ömer", "Zoë"]


async def test_every_look_at_a_roster_is_written_down(organisation, shift):
    await operations.look_at_roster(organisation.owner.actor, shift)
    row = await db.fetch_one("SELECT * FROM personal_view")
    assert (row["viewer_id"], row["subject_id"]) == (organisation.owner.id, shift)


async def test_the_view_log_cannot_be_rewritten(organisation, shift):
    await operations.look_at_roster(organisation.owner.actor, shift)
    with pytest.raises(Exception, match=r"permission denied|append-only"):
        await db.execute("DELETE FROM personal_view")


@pytest.mark.parametrize("role", [OrgRole.TRUSTEE, OrgRole.MEMBER, OrgRole.FINANCE])
async def test_a_roster_is_for_those_who_run_the_shift(organisation, shift, role):
    person = acting(await a_person(), **{role.value: organisation.id})
    with pytest.raises(NotAllowed):
        await operations.look_at_roster(person, shift)


async def test_nobody_is_marked_before_the_shift_starts(organisation):
    shift = await a_shift(await an_opportunity(organisation.id))
    await a_booking(shift)
    with pytest.raises(Conflict, match="once the shift has started"):
        await operations.mark(organisation.owner.actor, shift, BookingState.ATTENDED)


async def test_who_came_is_proposed_the_length_of_the_shift(organisation, shift):
    booking = await a_booking(shift)
    await operations.mark(
        organisation.owner.actor, shift, BookingState.ATTENDED, booking_id=booking
    )
    row = await hours_of(booking)
    assert (row["minutes"], row["state"]) == (120, "proposed")


async def test_everybody_is_marked_but_those_who_are(organisation, shift):
    absent = await a_booking(shift)
    for _ in range(2):
        await a_booking(shift)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.NO_SHOW, booking_id=absent)
    assert await operations.mark(owner, shift, BookingState.ATTENDED) == 2
    assert await hours_of(absent) is None


async def test_a_mark_is_taken_back_with_its_hours(organisation, shift):
    booking = await a_booking(shift)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.ATTENDED, booking_id=booking)
    await operations.mark(owner, shift, BookingState.CONFIRMED, booking_id=booking)
    assert await hours_of(booking) is None


async def test_a_mark_stays_once_the_hours_are_confirmed(organisation, shift):
    booking = await a_booking(shift)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.ATTENDED, booking_id=booking)
    await operations.confirm(owner, booking, 90)
    with pytest.raises(Conflict, match="hours are confirmed"):
        await operations.mark(owner, shift, BookingState.NO_SHOW, booking_id=booking)


async def test_a_booking_of_another_shift_is_not_marked(organisation, shift):
    with pytest.raises(NotFound):
        await operations.mark(
            organisation.owner.actor,
            shift,
            BookingState.ATTENDED,
            booking_id=await a_booking(),
        )


async def test_hours_are_confirmed_as_they_were(organisation, shift):
    booking = await a_booking(shift)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.ATTENDED)
    await operations.confirm(owner, booking, 75)
    row = await hours_of(booking)
    assert (row["minutes"], row["state"], row["confirmed_by"]) == (75, "confirmed", owner.person_id)


@pytest.mark.parametrize("minutes", [0, 24 * 60 + 1])
async def test_hours_beyond_a_day_or_none_are_refused(organisation, shift, minutes):
    booking = await a_booking(shift)
    await operations.mark(organisation.owner.actor, shift, BookingState.ATTENDED)
    with pytest.raises(Conflict) as refused:
        await operations.confirm(organisation.owner.actor, booking, minutes)
    assert refused.value.field == "minutes"


async def test_hours_are_confirmed_once(organisation, shift):
    booking = await a_booking(shift)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.ATTENDED)
    await operations.confirm(owner, booking, 60)
    with pytest.raises(IllegalMove):
        await operations.confirm(owner, booking, 600)


async def test_hours_of_somebody_who_did_not_come_are_not_found(organisation, shift):
    with pytest.raises(NotFound):
        await operations.confirm(organisation.owner.actor, await a_booking(shift), 60)


async def test_all_hours_are_confirmed_at_once(organisation, shift):
    for _ in range(3):
        await a_booking(shift)
    await operations.mark(organisation.owner.actor, shift, BookingState.ATTENDED)
    assert await operations.confirm_all(organisation.owner.actor, shift) == 3


async def test_only_confirmed_hours_count_for_the_volunteer(organisation, shift):
    person = await a_person()
    booking = await a_booking(shift, person.id)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.ATTENDED)
    assert (await bookings.mine(person.actor)).minutes == 0
    await operations.confirm(owner, booking, 90)
    assert (await bookings.mine(person.actor)).minutes == 90


async def test_nobody_was_in_two_places(organisation, shift):
    person = await a_person()
    booking = await a_booking(shift, person.id)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.NO_SHOW, booking_id=booking)
    await a_booking(await a_shift(starts_at=clock.now() - timedelta(hours=1)), person.id)
    with pytest.raises(Conflict, match="at the same time"):
        await operations.mark(owner, shift, BookingState.ATTENDED, booking_id=booking)
