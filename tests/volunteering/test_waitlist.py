"""Waiting for a place: order, offers, and what happens to them, with real commits."""

import asyncio
from datetime import timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock, db, signing
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.offers.rules import EntryState, Mode
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.shifts import operations as shifts
from marketplace.volunteering.waitlist import operations, queries
from marketplace.volunteering.waitlist.steps import wake

pytestmark = pytest.mark.usefixtures("db")


async def a_full_shift(*, waiting=0, places=1, **columns):
    """A shift with all places taken by people who may cancel, and people waiting in order."""
    shift = await a_shift(places=places, **columns)
    booked = []
    for _ in range(places):
        person = await a_person()
        booked.append((person, await a_booking(shift, person.id)))
    people = [await a_person(name=f"Waiter {number}") for number in range(waiting)]
    entries = [await operations.join(person.actor, shift) for person in people]
    return shift, booked, list(zip(people, entries, strict=True))


async def states(waiting):
    rows = await db.fetch("SELECT id, state FROM offer_entry")
    found = {row["id"]: row["state"] for row in rows}
    return [found[entry] for _, entry in waiting]


async def counts(shift):
    row = await db.fetch_one("SELECT taken, held FROM shift WHERE id = {}", shift)
    assert row is not None
    return row["taken"], row["held"]


async def cancel(booked):
    person, booking = booked
    await bookings.cancel(person.actor, booking)


async def run_out(entry):
    await db.execute(
        "UPDATE offer_entry SET expires_at = now() - interval '1 second' WHERE id = {}", entry
    )


async def test_a_freed_place_is_kept_for_the_first_who_waits():
    shift, booked, waiting = await a_full_shift(waiting=2)
    await cancel(booked[0])
    assert await states(waiting) == ["offered", "waiting"]
    assert await counts(shift) == (0, 1)


async def test_nobody_snatches_a_place_that_is_kept():
    shift, booked, _ = await a_full_shift(waiting=1)
    await cancel(booked[0])
    with pytest.raises(Conflict, match="full"):
        await bookings.book((await a_person()).actor, shift)


async def test_accepting_books():
    shift, booked, waiting = await a_full_shift(waiting=1)
    await cancel(booked[0])
    ((person, entry),) = waiting
    answered = await operations.accept(person.actor, entry)
    assert answered.state is EntryState.ACCEPTED
    assert await counts(shift) == (1, 0)
    assert await db.fetch_value(
        "SELECT state FROM booking WHERE person_id = {} AND shift_id = {}", person.id, shift
    )


async def test_declining_passes_the_place_on_at_once():
    shift, booked, waiting = await a_full_shift(waiting=2)
    await cancel(booked[0])
    person, entry = waiting[0]
    assert await operations.decline(person.actor, entry) is EntryState.DECLINED
    assert await states(waiting) == ["declined", "offered"]
    assert await counts(shift) == (0, 1)


async def test_an_offer_nobody_answers_is_passed_on():
    shift, booked, waiting = await a_full_shift(waiting=2)
    await cancel(booked[0])
    await run_out(waiting[0][1])
    assert await operations.pass_on() == 1
    assert await states(waiting) == ["expired", "offered"]
    assert await counts(shift) == (0, 1)


async def test_two_workers_pass_on_once():
    shift, booked, waiting = await a_full_shift(waiting=3)
    await cancel(booked[0])
    await run_out(waiting[0][1])
    await asyncio.gather(*(operations.pass_on() for _ in range(4)))
    assert await states(waiting) == ["expired", "offered", "waiting"]
    assert await counts(shift) == (0, 1)
    assert await db.fetch_value("SELECT count(*) FROM history WHERE event = 'offer.expired'") == 1


async def test_declining_and_running_out_at_once_pass_on_one_place():
    shift, booked, waiting = await a_full_shift(waiting=3)
    await cancel(booked[0])
    person, entry = waiting[0]
    await run_out(entry)
    await asyncio.gather(operations.decline(person.actor, entry), operations.pass_on())
    assert (await states(waiting))[1:] == ["offered", "waiting"]
    assert await counts(shift) == (0, 1)


async def test_an_offer_that_has_run_out_cannot_be_accepted():
    shift, booked, waiting = await a_full_shift(waiting=2)
    await cancel(booked[0])
    person, entry = waiting[0]
    await run_out(entry)
    assert (await operations.accept(person.actor, entry)).state is EntryState.EXPIRED
    assert await states(waiting) == ["expired", "offered"]
    assert await counts(shift) == (0, 1)


async def test_the_same_offer_accepted_in_two_tabs_books_once():
    shift, booked, waiting = await a_full_shift(waiting=1)
    await cancel(booked[0])
    ((person, entry),) = waiting
    answers = await asyncio.gather(*(operations.accept(person.actor, entry) for _ in range(4)))
    assert {answer.state for answer in answers} == {EntryState.ACCEPTED}
    assert await counts(shift) == (1, 0)


async def test_two_offers_accepted_at_once_fill_two_places():
    shift, booked, waiting = await a_full_shift(waiting=3, places=2)
    await asyncio.gather(*(cancel(each) for each in booked))
    await asyncio.gather(*(operations.accept(p.actor, entry) for p, entry in waiting[:2]))
    assert await states(waiting) == ["accepted", "accepted", "waiting"]
    assert await counts(shift) == (2, 0)


async def test_what_a_booking_needs_is_asked_again():
    start = clock.now() + timedelta(days=7)
    _, booked, waiting = await a_full_shift(waiting=2, starts_at=start)
    person, entry = waiting[0]
    await bookings.book(person.actor, await a_shift(starts_at=start))
    await cancel(booked[0])
    answered = await operations.accept(person.actor, entry)
    assert [reason.code for reason in answered.reasons] == ["overlap"]
    assert await states(waiting) == ["declined", "offered"]
    reason = await db.fetch_value("SELECT reason FROM offer_entry WHERE id = {}", entry)
    assert "two places" in reason


async def test_leaving_with_an_offer_passes_it_on():
    shift, booked, waiting = await a_full_shift(waiting=2)
    await cancel(booked[0])
    await operations.leave(waiting[0][0].actor, shift)
    assert await states(waiting) == ["declined", "offered"]


async def test_who_left_is_not_offered_anything():
    shift, booked, waiting = await a_full_shift(waiting=2)
    await operations.leave(waiting[0][0].actor, shift)
    await cancel(booked[0])
    assert await states(waiting) == ["left", "offered"]


async def test_nobody_waits_twice_for_one_shift():
    shift, _, waiting = await a_full_shift(waiting=1)
    with pytest.raises(Conflict, match="on the waitlist"):
        await operations.join(waiting[0][0].actor, shift)


async def test_a_shift_with_free_places_is_booked_not_waited_for():
    with pytest.raises(Conflict, match="free place"):
        await operations.join((await a_person()).actor, await a_shift())


async def test_joining_asks_what_booking_would_ask():
    shift, *_ = await a_full_shift(opportunity_id=await an_opportunity(minimum_age=18))
    with pytest.raises(Conflict, match="Confirm your e-mail"):
        await operations.join((await a_person(confirmed=False)).actor, shift, old_enough=True)
    with pytest.raises(Conflict) as conflict:
        await operations.join((await a_person()).actor, shift)
    assert conflict.value.field == "old_enough"


async def test_more_places_are_offered_in_order():
    organisation = await an_organisation()
    opportunity = await an_opportunity(organisation.id)
    shift, _, waiting = await a_full_shift(waiting=3, opportunity_id=opportunity)
    await db.execute("UPDATE shift SET places = 3 WHERE id = {}", shift)
    async with db.transaction():
        await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", shift)
        assert await wake(shift) == 2
    assert await states(waiting) == ["offered", "offered", "waiting"]


async def test_a_cancelled_shift_ends_the_waiting():
    organisation = await an_organisation()
    opportunity = await an_opportunity(organisation.id)
    shift, booked, waiting = await a_full_shift(waiting=2, opportunity_id=opportunity)
    await cancel(booked[0])
    await shifts.cancel(organisation.owner.actor, shift)
    assert await states(waiting) == ["ended", "ended"]
    assert await counts(shift) == (0, 0)


async def test_a_closed_opportunity_offers_nothing_and_one_that_opens_again_does():
    _shift, booked, waiting = await a_full_shift(waiting=1)
    await db.execute("UPDATE opportunity SET state = 'closed'")
    await cancel(booked[0])
    assert await states(waiting) == ["waiting"]
    await db.execute("UPDATE opportunity SET state = 'open'")
    await operations.pass_on()
    assert await states(waiting) == ["offered"]


async def test_in_the_last_half_hour_whoever_comes_first_books():
    shift, booked, waiting = await a_full_shift(
        waiting=1, starts_at=clock.now() + timedelta(minutes=20)
    )
    await cancel(booked[0])
    assert await states(waiting) == ["waiting"]
    await bookings.book((await a_person()).actor, shift)
    assert await counts(shift) == (1, 0)


async def test_who_waited_and_books_at_the_last_minute_waits_no_more():
    shift, booked, waiting = await a_full_shift(
        waiting=1, starts_at=clock.now() + timedelta(minutes=20)
    )
    await cancel(booked[0])
    await bookings.book(waiting[0][0].actor, shift)
    assert await states(waiting) == ["left"]


async def test_a_link_answers_without_signing_in():
    _shift, booked, waiting = await a_full_shift(waiting=1)
    await cancel(booked[0])
    ((person, entry),) = waiting
    actor, found = await operations.of_link(signing.sign(operations.LINK_PURPOSE, entry))
    assert (actor.person_id, found) == (person.id, entry)


async def test_somebody_elses_offer_is_not_found():
    _, booked, waiting = await a_full_shift(waiting=2)
    await cancel(booked[0])
    with pytest.raises(NotFound):
        await operations.accept(waiting[1][0].actor, waiting[0][1])


class TestChoosing:
    @pytest.fixture
    async def chosen(self, db):
        organisation = await an_organisation()
        opportunity = await an_opportunity(organisation.id)
        shift, booked, waiting = await a_full_shift(waiting=2, opportunity_id=opportunity)
        await operations.set_mode(organisation.owner.actor, shift, Mode.CHOOSE)
        return organisation, shift, booked, waiting

    async def test_a_free_place_stays_free_until_somebody_is_chosen(self, chosen):
        organisation, shift, booked, waiting = chosen
        await cancel(booked[0])
        assert await states(waiting) == ["waiting", "waiting"]
        for actor in ((await a_person()).actor, waiting[0][0].actor):
            with pytest.raises(Conflict, match="wait"):
                await bookings.book(actor, shift)
        await operations.choose(organisation.owner.actor, shift, waiting[1][1])
        assert await states(waiting) == ["waiting", "offered"]
        assert await counts(shift) == (0, 1)

    async def test_no_more_are_chosen_than_places_are_free(self, chosen):
        organisation, shift, booked, waiting = chosen
        await cancel(booked[0])
        answers = await asyncio.gather(
            *(operations.choose(organisation.owner.actor, shift, entry) for _, entry in waiting),
            return_exceptions=True,
        )
        assert sum(isinstance(answer, Conflict) for answer in answers) == 1
        assert await counts(shift) == (0, 1)

    async def test_the_same_person_is_offered_one_place(self, chosen):
        organisation, shift, _booked, waiting = chosen
        await db.execute("UPDATE shift SET places = 4 WHERE id = {}", shift)
        await operations.choose(organisation.owner.actor, shift, waiting[0][1])
        with pytest.raises(IllegalMove):
            await operations.choose(organisation.owner.actor, shift, waiting[0][1])

    async def test_going_by_order_again_offers_what_is_free(self, chosen):
        organisation, shift, booked, waiting = chosen
        await cancel(booked[0])
        await operations.set_mode(organisation.owner.actor, shift, Mode.FIRST_COME)
        assert await states(waiting) == ["offered", "waiting"]

    async def test_only_those_who_run_the_shift_choose(self, chosen):
        organisation, shift, _, waiting = chosen
        trustee = acting(await a_person(), trustee=organisation.id)
        with pytest.raises(NotAllowed):
            await operations.choose(trustee, shift, waiting[0][1])


async def test_ones_own_list_says_what_one_waits_for():
    _, booked, waiting = await a_full_shift(waiting=3)
    await cancel(booked[0])
    views = [(await queries.mine(person.actor))[0] for person, _ in waiting]
    assert [(view.state.value, view.position) for view in views] == [
        ("offered", 0),
        ("waiting", 1),
        ("waiting", 2),
    ]
