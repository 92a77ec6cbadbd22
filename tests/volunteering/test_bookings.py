"""Winning a place and giving it back, against the real database with real commits."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity

from marketplace import clock, db, signing
from marketplace.db import Once, Replayed
from marketplace.errors import Conflict, IllegalMove, NotFound, SignInRequired
from marketplace.permissions import ANONYMOUS, SYSTEM
from marketplace.volunteering.bookings import operations, queries, steps
from marketplace.volunteering.opportunities import operations as opportunities
from marketplace.volunteering.queries import booking_mail
from marketplace.volunteering.rules import CancelledBy
from marketplace.volunteering.tables import Booking, Opportunity, Shift

pytestmark = pytest.mark.usefixtures("db")


async def taken(shift_id):
    return (await Shift.select(Shift.taken).where(Shift.id == shift_id).first())["taken"]


async def live(shift_id):
    return await db.fetch_value(
        "SELECT count(*) FROM booking WHERE shift_id = {} AND state <> 'cancelled'", shift_id
    )


async def refused(actor, shift_id, **more):
    with pytest.raises(Conflict) as conflict:
        await operations.book(actor, shift_id, **more)
    return conflict.value


async def test_a_booking_takes_a_place():
    shift, person = await a_shift(places=2), await a_person()
    await operations.book(person.actor, shift)
    assert (await taken(shift), await live(shift)) == (1, 1)


async def test_a_booking_is_history_and_outbox():
    shift, person = await a_shift(), await a_person()
    booking = await operations.book(person.actor, shift)
    row = await db.fetch_one("SELECT * FROM history WHERE event = 'booking.made'")
    assert (row["subject_id"], row["actor_id"]) == (booking, person.id)
    assert row["data"] == {"shift": str(shift), "person": str(person.id)}


async def test_somebody_unknown_is_asked_to_sign_in():
    with pytest.raises(SignInRequired):
        await operations.book(ANONYMOUS, await a_shift())


async def test_an_unknown_shift_is_not_found():
    with pytest.raises(NotFound):
        await operations.book((await a_person()).actor, uuid4())


async def test_an_unconfirmed_address_is_refused():
    person = await a_person(confirmed=False)
    conflict = await refused(person.actor, await a_shift())
    assert "Confirm your e-mail address" in conflict.message


async def test_a_full_shift_names_the_next_day_with_places():
    opportunity = await an_opportunity()
    shift = await a_shift(opportunity, places=1)
    later = clock.now() + timedelta(days=9)
    await a_shift(opportunity, starts_at=later)
    await a_booking(shift)
    conflict = await refused((await a_person()).actor, shift)
    day = clock.date_words(clock.local(later).date())
    assert conflict.message == f"That shift is full. The same opportunity has places on {day}."


async def test_a_shift_that_has_started_is_refused():
    shift = await a_shift(starts_at=clock.now() - timedelta(minutes=1))
    assert "has started" in (await refused((await a_person()).actor, shift)).message


@pytest.mark.parametrize("state", ["draft", "closed", "cancelled"])
async def test_only_an_open_opportunity_is_booked(state):
    shift = await a_shift()
    await Opportunity.update({Opportunity.state: state}, force=True)
    await refused((await a_person()).actor, shift)
    assert await taken(shift) == 0


async def test_a_suspended_organisation_is_not_booked():
    shift = await a_shift()
    await db.execute("UPDATE organisation SET state = 'suspended'")
    await refused((await a_person()).actor, shift)


async def test_a_cancelled_shift_is_refused():
    shift = await a_shift(state="cancelled")
    assert "cancelled" in (await refused((await a_person()).actor, shift)).message


async def test_the_age_of_the_role_must_be_ticked():
    shift = await a_shift(await an_opportunity(minimum_age=18))
    person = await a_person()
    assert (await refused(person.actor, shift)).field == "old_enough"
    await operations.book(person.actor, shift, old_enough=True)
    assert await taken(shift) == 1


async def test_the_same_shift_is_not_booked_twice():
    shift, person = await a_shift(), await a_person()
    await operations.book(person.actor, shift)
    assert "already" in (await refused(person.actor, shift)).message
    assert await taken(shift) == 1


async def test_an_overlap_names_the_other_shift():
    person, start = await a_person(), clock.now() + timedelta(days=7)
    other = await an_opportunity(title="Soup kitchen")
    await operations.book(person.actor, await a_shift(other, starts_at=start, hours=3))
    shift = await a_shift(starts_at=start + timedelta(hours=2))
    conflict = await refused(person.actor, shift)
    assert "Soup kitchen" in conflict.message
    assert await taken(shift) == 0


async def test_a_shift_right_after_another_is_no_overlap():
    person, start = await a_person(), clock.now() + timedelta(days=7)
    await operations.book(person.actor, await a_shift(starts_at=start, hours=2))
    await operations.book(person.actor, await a_shift(starts_at=start + timedelta(hours=2)))


async def test_a_double_click_books_once():
    shift, person = await a_shift(places=5), await a_person()

    def once():
        return Once(key="a key", fingerprint="the same form", address="/opportunities")

    answers = await asyncio.gather(
        *(operations.book(person.actor, shift, once()) for _ in range(2)), return_exceptions=True
    )
    assert sorted(isinstance(answer, Replayed) for answer in answers) == [False, True]
    assert await taken(shift) == 1


async def test_fifty_people_race_for_the_last_place():
    shift = await a_shift(places=1)
    people = [await a_person(name=f"Person {number}") for number in range(50)]
    answers = await asyncio.gather(
        *(operations.book(person.actor, shift) for person in people), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert all(isinstance(a, Conflict) for a in answers if isinstance(a, BaseException))
    assert (await taken(shift), await live(shift)) == (1, 1)


async def test_the_race_oversells_without_the_guard(owner):
    """The harness above, over a booking that reads first and writes later."""
    await owner.execute("CREATE TABLE naive_shift (id int, places int, taken int)")
    await owner.execute("CREATE TABLE naive_booking (shift int, person int)")
    await owner.execute("GRANT ALL ON naive_shift, naive_booking TO marketplace_app")
    await owner.execute("INSERT INTO naive_shift VALUES (1, 1, 0)")
    all_have_read = asyncio.Barrier(8)

    async def book(person):
        async with db.transaction():
            row = await db.fetch_one("SELECT places, taken FROM naive_shift WHERE id = 1")
            await all_have_read.wait()
            if row["taken"] >= row["places"]:
                raise Conflict("full")
            await db.execute("UPDATE naive_shift SET taken = taken + 1 WHERE id = 1")
            await db.execute("INSERT INTO naive_booking VALUES (1, {})", person)

    try:
        await asyncio.gather(*(book(person) for person in range(8)), return_exceptions=True)
        assert await db.fetch_value("SELECT count(*) FROM naive_booking") > 1
    finally:
        await owner.execute("DROP TABLE naive_shift, naive_booking")


async def test_one_person_racing_for_shifts_that_overlap_wins_one():
    person, start = await a_person(), clock.now() + timedelta(days=7)
    shifts = [
        await a_shift(starts_at=start + timedelta(minutes=10 * number)) for number in range(8)
    ]
    answers = await asyncio.gather(
        *(operations.book(person.actor, shift) for shift in shifts), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert all(isinstance(a, Conflict) for a in answers if isinstance(a, BaseException))


async def test_bookings_and_cancellations_together_keep_the_count():
    shift = await a_shift(places=5)
    people = [await a_person() for _ in range(30)]

    async def come_and_go(person):
        try:
            booking = await operations.book(person.actor, shift)
        except Conflict:
            return
        if int(person.id) % 2:
            await operations.cancel(person.actor, booking)

    await asyncio.gather(*(come_and_go(person) for person in people))
    assert await taken(shift) == await live(shift) <= 5


async def test_cancelling_frees_the_place():
    shift, person = await a_shift(places=1), await a_person()
    booking = await operations.book(person.actor, shift)
    await operations.cancel(person.actor, booking)
    await operations.book((await a_person()).actor, shift)
    assert await taken(shift) == 1


async def test_who_cancelled_may_book_again():
    shift, person = await a_shift(places=1), await a_person()
    for _ in range(2):
        await operations.cancel(person.actor, await operations.book(person.actor, shift))
    (given_back,) = (await queries.mine(person.actor)).given_back
    assert given_back.shift_id == shift
    await operations.book(person.actor, shift)
    assert await live(shift) == 1
    assert (await queries.mine(person.actor)).given_back == []


async def test_a_cancellation_says_by_whom():
    shift, person = await a_shift(), await a_person()
    booking = await operations.book(person.actor, shift)
    await operations.cancel(person.actor, booking)
    data = await db.fetch_value("SELECT data FROM history WHERE event = 'booking.cancelled'")
    assert data == {"shift": str(shift), "person": str(person.id), "by": "volunteer"}


async def test_cancelling_twice_frees_one_place():
    shift, person = await a_shift(), await a_person()
    await a_booking(shift)
    booking = await operations.book(person.actor, shift)
    answers = await asyncio.gather(
        *(operations.cancel(person.actor, booking) for _ in range(2)), return_exceptions=True
    )
    assert sum(isinstance(answer, IllegalMove) for answer in answers) == 1
    assert await taken(shift) == 1


async def test_a_shift_that_has_started_is_not_cancelled_by_its_volunteer():
    person = await a_person()
    shift = await a_shift(starts_at=clock.now() - timedelta(minutes=1))
    booking = await a_booking(shift, person.id)
    with pytest.raises(Conflict, match="has started"):
        await operations.cancel(person.actor, booking)


async def test_somebody_elses_booking_is_not_found():
    booking = await a_booking()
    with pytest.raises(NotFound):
        await operations.cancel((await a_person()).actor, booking)


async def test_a_signed_link_cancels_without_signing_in():
    shift = await a_shift()
    booking = await a_booking(shift)
    await operations.cancel_by_link(signing.sign(operations.LINK_PURPOSE, booking))
    assert await taken(shift) == 0


async def test_a_used_link_says_so():
    token = signing.sign(operations.LINK_PURPOSE, await a_booking())
    await operations.cancel_by_link(token)
    with pytest.raises(IllegalMove, match="cancelled already"):
        await operations.cancel_by_link(token)


async def test_a_link_of_another_purpose_is_broken():
    with pytest.raises(signing.LinkBroken):
        await operations.cancel_by_link(signing.sign("invitation", await a_booking()))


async def test_ones_own_list_has_what_is_to_come_and_what_was():
    person = await a_person()
    coming = await a_booking(await a_shift(), person.id)
    gone = await a_booking(await a_shift(starts_at=clock.now() - timedelta(days=1)), person.id)
    await a_booking()
    mine = await queries.mine(person.actor)
    assert [[row.id for row in rows] for rows in (mine.upcoming, mine.past)] == [[coming], [gone]]


async def test_a_message_knows_what_the_booking_is_about():
    person = await a_person()
    booking = await a_booking(await a_shift(), person.id)
    mail = await booking_mail(booking)
    assert mail is not None
    assert (mail.person_id, mail.opportunity_title) == (person.id, "Garden helper")
    assert mail.place == "Oaklands Park, Chelmsford, CM2 9AQ"


async def test_a_cancelled_opportunity_cancels_its_bookings_by_the_organisation():
    opportunity = await an_opportunity()
    shift = await a_shift(opportunity)
    booking = await a_booking(shift)
    organisation = await db.fetch_value("SELECT organisation_id FROM opportunity")
    coordinator = acting(await a_person(), coordinator=organisation)
    assert await opportunities.cancel(coordinator, opportunity) == 1
    row = await Booking.select().where(Booking.id == booking).first()
    assert (row["state"], row["cancelled_by"]) == ("cancelled", "organisation")


async def test_a_place_that_is_held_is_nobody_elses():
    shift = await a_shift(places=1)
    await db.execute("UPDATE shift SET held = 1 WHERE id = {}", shift)
    assert "full" in (await refused((await a_person()).actor, shift)).message


@pytest.mark.parametrize("by", list(CancelledBy))
async def test_releasing_a_booking_frees_its_place_and_says_by_whom(by):
    shift = await a_shift()
    booking = await a_booking(shift)
    async with db.transaction():
        await steps.release(SYSTEM, booking, by, reason="The check has expired.")
    row = await Booking.select().where(Booking.id == booking).first()
    assert row is not None
    assert (row["state"], row["cancelled_by"]) == ("cancelled", by)
    assert row["reason"] == "The check has expired."
    assert await taken(shift) == 0


async def test_nobody_is_released_from_a_shift_that_has_started():
    booking = await a_booking(await a_shift(starts_at=clock.now() - timedelta(minutes=1)))
    with pytest.raises(Conflict, match="Mark who came"):
        async with db.transaction():
            await steps.release(SYSTEM, booking, CancelledBy.ORGANISATION)
