"""Five hundred people against twenty places, with cancellations, over the whole pool."""

import asyncio
import contextlib
import random

import pytest
from tests.factories import PASSWORD_HASH, a_shift

from marketplace import clock, db
from marketplace.accounts.tables import Person
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.waitlist import operations

PEOPLE, PLACES = 500, 20
# More than the pool has connections; whoever waits five seconds for one is turned away.
AT_ONCE = 30

pytestmark = pytest.mark.usefixtures("db")


async def a_crowd(size):
    people = [
        Person(
            id=new_id(),
            name=f"Person {number}",
            email=f"{number}@example.org",
            email_typed=f"{number}@example.org",
            password_hash=PASSWORD_HASH,
            email_confirmed_at=clock.now(),
        )
        for number in range(size)
    ]
    await Person.insert(*people)
    return [Actor(person_id=person.id, email_confirmed=True) for person in people]


async def all_of(coroutines):
    """Run them, so many at once, and fail with the first that fails."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(coroutine):
        async with gate:
            return await coroutine

    return await asyncio.gather(*(one(each) for each in coroutines))


async def test_five_hundred_people_twenty_places_and_cancellations():
    shift = await a_shift(places=PLACES)
    crowd = await a_crowd(PEOPLE)
    chance = random.Random(4)
    by_person = {actor.person_id: actor for actor in crowd}

    async def try_to_get_in(actor):
        # Whoever comes late sees that it is full; whoever is early presses the button and loses.
        if chance.random() < 0.2:
            with contextlib.suppress(Conflict):
                await bookings.book(actor, shift)
                return
        with contextlib.suppress(Conflict):
            await operations.join(actor, shift)
            return
        with contextlib.suppress(Conflict):
            await bookings.book(actor, shift)

    async def answer(row):
        actor, dice = by_person[row["person_id"]], chance.random()
        if dice < 0.6:
            await operations.accept(actor, row["id"])
        elif dice < 0.8:
            await operations.decline(actor, row["id"])
        else:
            await db.execute("UPDATE offer_entry SET expires_at = now() WHERE id = {}", row["id"])

    async def cancel(row):
        await bookings.cancel(by_person[row["person_id"]], row["id"])

    await all_of(try_to_get_in(actor) for actor in crowd)
    for _ in range(6):
        offered = await db.fetch("SELECT id, person_id FROM offer_entry WHERE state = 'offered'")
        booked = await db.fetch("SELECT id, person_id FROM booking WHERE state = 'confirmed'")
        booked = chance.sample(booked, len(booked) // 2)
        doing = [*(answer(row) for row in offered), *(cancel(row) for row in booked)]
        chance.shuffle(doing)
        await all_of([*doing, operations.pass_on(), operations.pass_on()])
    await operations.pass_on()

    row = await db.fetch_one(
        "SELECT taken, held, (SELECT count(*) FROM booking WHERE state = 'confirmed') AS booked,"
        " (SELECT count(*) FROM offer_entry WHERE state = 'offered') AS offered,"
        " (SELECT count(*) FROM offer_entry WHERE state = 'waiting') AS waiting FROM shift"
    )
    assert row is not None
    # Never over: the database would have refused it. Nothing is lost either, and none lies idle.
    assert (row["taken"], row["held"]) == (row["booked"], row["offered"])
    assert row["waiting"] > 0
    assert row["taken"] + row["held"] == PLACES
    # In order: whoever was offered a place was the first who waited then.
    offered = await db.fetch(
        "SELECT place FROM offer_entry WHERE offered_at IS NOT NULL ORDER BY offered_at"
    )
    places = [each["place"] for each in offered]
    assert len(places) > PLACES
    assert places == sorted(places)


async def test_the_race_oversells_and_reorders_without_the_guard(owner):
    """The same, over a list that reads who is next and what is free, and writes later."""
    await owner.execute("CREATE TABLE naive_shift (places int, held int)")
    await owner.execute("CREATE TABLE naive_queue (place int, offers int DEFAULT 0)")
    await owner.execute("GRANT ALL ON naive_shift, naive_queue TO marketplace_app")
    await owner.execute("INSERT INTO naive_shift VALUES (1, 0)")
    await owner.execute("INSERT INTO naive_queue (place) SELECT generate_series(1, 8)")
    all_have_read = asyncio.Barrier(8)

    async def wake():
        async with db.transaction():
            free = await db.fetch_value("SELECT places - held FROM naive_shift")
            first = await db.fetch_value("SELECT min(place) FROM naive_queue WHERE offers = 0")
            await all_have_read.wait()
            if free:
                await db.execute(
                    "UPDATE naive_queue SET offers = offers + 1 WHERE place = {}", first
                )
                await db.execute("UPDATE naive_shift SET held = held + 1")

    try:
        await asyncio.gather(*(wake() for _ in range(8)), return_exceptions=True)
        held, most = await owner.fetchrow(
            "SELECT held, (SELECT max(offers) FROM naive_queue) FROM naive_shift"
        )
        assert held > 1 and most > 1, "one place was offered once, without any guard"
    finally:
        await owner.execute("DROP TABLE naive_shift, naive_queue")
