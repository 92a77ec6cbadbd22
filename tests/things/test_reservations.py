"""Reserving and giving back, against the real database with real commits."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories import a_person, acting, an_organisation
from tests.factories_things import (
    LIBRARY,
    a_day,
    a_loan,
    a_reservation,
    a_site,
    a_thing,
    a_unit,
    overlaps,
)

from marketplace import clock, db
from marketplace.db import Once, Replayed
from marketplace.errors import Conflict, IllegalMove, NotFound, SignInRequired
from marketplace.permissions import ANONYMOUS, Actor, OrgRole
from marketplace.things.catalogue import units
from marketplace.things.reservations import operations, queries
from marketplace.things.reservations.refusals import refusals
from marketplace.things.rules import UnitState

pytestmark = pytest.mark.usefixtures("db")
SATURDAY = a_day(5)
DAY = timedelta(days=1)


async def reserve(thing, first=SATURDAY, last=None, person=None, **more):
    person = person or await a_person()
    return await operations.reserve(person.actor, thing, first, last or first, **more)


async def refused(thing, first=SATURDAY, last=None, **more):
    with pytest.raises(Conflict) as conflict:
        await reserve(thing, first, last, **more)
    return conflict.value


async def held(thing):
    return await db.fetch(
        "SELECT u.label, r.first_day, o.state FROM occupancy o JOIN unit u ON u.id = o.unit_id"
        " JOIN reservation r ON r.id = o.reservation_id"
        " WHERE o.thing_id = {} AND o.state <> 'released' ORDER BY r.first_day, u.label",
        thing,
    )


async def test_a_reservation_holds_a_unit_from_opening_to_closing():
    thing = await a_thing(hours_before=1, hours_after=2)
    id = await reserve(thing, SATURDAY, SATURDAY + DAY)
    row = await db.fetch_one(
        "SELECT o.*, r.starts_at, r.ends_at FROM occupancy o"
        " JOIN reservation r ON r.id = o.reservation_id WHERE r.id = {}",
        id,
    )
    assert row["state"] == "held"
    assert clock.local(row["starts_at"]).hour == 10
    assert clock.local(row["ends_at"]).hour == 16
    assert row["starts_at"] - row["blocked_from"] == timedelta(hours=1)
    assert row["blocked_until"] - row["ends_at"] == timedelta(hours=2)


async def test_a_reservation_is_history_and_outbox():
    thing, person = await a_thing(), await a_person()
    id = await reserve(thing, person=person)
    row = await db.fetch_one("SELECT * FROM history WHERE event = 'reservation.made'")
    assert (row["subject_id"], row["actor_id"]) == (id, person.id)
    assert row["data"] == {"thing": str(thing), "person": str(person.id)}


async def test_somebody_unknown_is_asked_to_sign_in():
    with pytest.raises(SignInRequired):
        await operations.reserve(ANONYMOUS, await a_thing(), SATURDAY, SATURDAY)


async def test_an_unknown_thing_is_not_found():
    with pytest.raises(NotFound):
        await reserve(uuid4())


async def test_a_draft_is_not_found():
    with pytest.raises(NotFound):
        await reserve(await a_thing(state="draft"))


async def test_an_unconfirmed_address_is_refused():
    person = await a_person(confirmed=False)
    assert "Confirm your e-mail" in (await refused(await a_thing(), person=person)).message


async def test_a_withdrawn_thing_and_one_of_a_suspended_lender_are_refused():
    thing = await a_thing(state="withdrawn")
    assert "cannot be borrowed" in (await refused(thing)).message
    thing = await a_thing()
    await db.execute("UPDATE organisation SET state = 'suspended'")
    with pytest.raises(NotFound):
        await reserve(thing)


async def test_taken_days_name_the_next_that_are_free():
    thing = await a_thing(await a_site(week=LIBRARY), max_days=14)
    for _ in range(2):
        await reserve(thing, SATURDAY, SATURDAY + 2 * DAY)
    conflict = await refused(thing, SATURDAY, SATURDAY + 2 * DAY)
    words = f"Saturday {SATURDAY.day} to {clock.date_words(SATURDAY + 2 * DAY)}"
    after = clock.date_words(SATURDAY + 3 * DAY)
    if SATURDAY.month != (SATURDAY + 2 * DAY).month:
        words = f"{SATURDAY:%A} {SATURDAY.day} {SATURDAY:%B}" + words[words.index(" to ") :]
    assert conflict.message == (
        f"Neither of the two is free from {words}. Free again for 3 days from {after}."
    )


@pytest.mark.parametrize(
    ("units", "said"), [(1, "This is not free on"), (3, "None of the 3 is free on")]
)
async def test_how_many_are_taken_is_said(units, said):
    thing = await a_thing(units=units)
    for _ in range(units):
        await reserve(thing)
    assert (await refused(thing)).message.startswith(said)


async def test_closed_days_name_the_weekday_and_the_nearest_days():
    thing = await a_thing(await a_site(week=LIBRARY))
    conflict = await refused(thing, SATURDAY + DAY)
    assert conflict.message.startswith("Chelmsford Library is closed on Sundays. Nearest: Saturday")
    assert "Monday" in conflict.message
    conflict = await refused(thing, SATURDAY, SATURDAY + DAY)
    assert conflict.message.startswith("Chelmsford Library is closed on Sundays. Nearest: Saturday")


async def test_a_dated_closure_is_named_by_its_date():
    thing = await a_thing(await a_site(closed=[SATURDAY]))
    assert f"is closed on {clock.date_words(SATURDAY)}." in (await refused(thing)).message


async def test_too_long_says_how_long_and_by_when():
    thing = await a_thing(max_days=2)
    conflict = await refused(thing, SATURDAY, SATURDAY + 4 * DAY)
    assert conflict.message == (
        "You can have this for 2 days at most, and this would be 5."
        f" Bring it back by {clock.date_words(SATURDAY + DAY)}."
    )


async def test_too_soon_too_far_over_and_backwards_name_the_rule():
    thing = await a_thing(notice_days=3, ahead_days=30)
    today = clock.today()
    soon = (await refused(thing, today + DAY)).message
    assert "needs 3 days notice" in soon
    assert clock.date_words(today + 3 * DAY) in soon
    assert "30 days ahead" in (await refused(thing, today + 31 * DAY)).message
    assert "is over" in (await refused(thing, today - DAY)).message
    assert (
        "before the day you collect it" in (await refused(thing, SATURDAY, SATURDAY - DAY)).message
    )


async def test_all_reasons_are_given_at_once_with_days_that_work():
    thing = await a_thing(await a_site(week=LIBRARY), max_days=2)
    person = await a_person(confirmed=False)
    facts = await queries.in_the_way(person.actor, thing, SATURDAY + DAY, SATURDAY + 5 * DAY)
    found = refusals(facts)
    assert [reason.obstacle.value for reason in found] == [
        "email_unconfirmed",
        "too_long",
        "collection_closed",
    ]
    assert all(reason.links for reason in found)


@pytest.mark.parametrize("notice", [0, 2])
async def test_every_day_offered_instead_can_be_reserved(notice):
    thing = await a_thing(await a_site(week=LIBRARY), units=1, notice_days=notice)
    for offset in (0, 2, 4):
        await reserve(thing, SATURDAY + offset * DAY)
    person = await a_person()
    facts = await queries.in_the_way(person.actor, thing, SATURDAY, SATURDAY)
    assert facts.alternatives
    for loan in facts.alternatives:
        await operations.reserve(person.actor, thing, loan.first, loan.last)


async def test_terms_must_be_agreed_to():
    thing = await a_thing(terms="Bring it back dry.")
    assert (await refused(thing)).field == "agreed"
    await reserve(thing, agreed=True)


async def test_a_group_is_one_the_borrower_belongs_to():
    thing, person = await a_thing(), await a_person()
    group = await an_organisation()
    assert (await refused(thing, for_organisation=group.id)).field == "for_organisation"
    actor = acting(person, member=group.id)
    id = await operations.reserve(actor, thing, SATURDAY, SATURDAY, for_organisation=group.id)
    assert (await queries.own(actor, id)).group_name == group.name


async def test_a_double_click_reserves_once():
    thing, person = await a_thing(), await a_person()

    def once():
        return Once(key="a key", fingerprint="the same form", address="/my/borrowing")

    answers = await asyncio.gather(
        *(reserve(thing, person=person, once=once()) for _ in range(2)), return_exceptions=True
    )
    assert sorted(isinstance(answer, Replayed) for answer in answers) == [False, True]
    assert len(await held(thing)) == 1


async def test_others_move_to_another_unit_where_that_makes_room():
    thing = await a_thing(units=2)
    one, two = await reserve(thing, SATURDAY), await reserve(thing, SATURDAY + 2 * DAY)
    for id, label in ((one, "Unit A"), (two, "Unit B")):
        await db.execute(
            "UPDATE occupancy SET unit_id = (SELECT id FROM unit WHERE label = {})"
            " WHERE reservation_id = {}",
            label,
            id,
        )
    await reserve(thing, SATURDAY, SATURDAY + 2 * DAY)
    rows = await held(thing)
    assert len(rows) == 3
    assert await overlaps() == 0
    short = {row["label"] for row in rows if row["first_day"] != SATURDAY}
    long = await db.fetch_value(
        "SELECT u.label FROM occupancy o JOIN unit u ON u.id = o.unit_id"
        " JOIN reservation r ON r.id = o.reservation_id WHERE r.last_day > r.first_day"
    )
    assert long not in short


async def test_what_is_out_does_not_move():
    thing = await a_thing(units=2)
    today = clock.today()
    loan = await a_loan(thing, first=today - DAY, last=today + DAY)
    was = await db.fetch_value("SELECT unit_id FROM occupancy WHERE reservation_id = {}", loan)
    for offset in (2, 4, 6):
        await reserve(thing, today + offset * DAY, today + (offset + 1) * DAY)
    await reserve(thing, today + DAY, today + 5 * DAY)
    now = await db.fetch_value("SELECT unit_id FROM occupancy WHERE reservation_id = {}", loan)
    assert (now, await overlaps()) == (was, 0)


async def test_back_to_back_days_fit_on_one_unit():
    thing = await a_thing(units=1)
    for offset in range(4):
        await reserve(thing, SATURDAY + offset * DAY)
    assert len(await held(thing)) == 4


async def test_a_clash_is_impossible_in_the_database():
    thing = await a_thing(units=1)
    id = await reserve(thing)
    with pytest.raises(Exception, match="occupancy_one_at_a_time"):
        await db.execute(
            "INSERT INTO occupancy (id, thing_id, unit_id, reason, state, blocked_from,"
            " blocked_until) SELECT gen_random_uuid(), thing_id, unit_id, 'repair', 'blocked',"
            " blocked_from, blocked_until FROM occupancy WHERE reservation_id = {}",
            id,
        )


# --- giving back


async def test_what_is_given_back_is_free_at_once():
    thing, person = await a_thing(units=1), await a_person()
    id = await reserve(thing, person=person)
    await operations.cancel(person.actor, id)
    assert await held(thing) == []
    await reserve(thing)
    row = await db.fetch_one("SELECT data FROM history WHERE event = 'reservation.cancelled'")
    assert row["data"]["by"] == "borrower"


async def test_only_ones_own_is_given_back_and_only_once():
    thing, person = await a_thing(), await a_person()
    id = await reserve(thing, person=person)
    with pytest.raises(NotFound):
        await operations.cancel((await a_person()).actor, id)
    await operations.cancel(person.actor, id)
    with pytest.raises(IllegalMove, match="cancelled already"):
        await operations.cancel(person.actor, id)


async def test_what_is_out_cannot_be_cancelled():
    person = await a_person()
    id = await a_loan(person_id=person.id)
    with pytest.raises(IllegalMove, match="has been collected"):
        await operations.cancel(person.actor, id)


async def test_ones_list_holds_what_is_out_what_comes_and_what_is_over():
    person, thing = await a_person(), await a_thing(units=3)
    await a_loan(thing, person.id)
    await reserve(thing, person=person)
    await operations.cancel(person.actor, await reserve(thing, SATURDAY + DAY, person=person))
    await a_reservation(thing)
    mine = await queries.mine(person.actor)
    assert (len(mine.out), len(mine.upcoming), len(mine.past)) == (1, 1, 1)


# --- races


async def race(thing, people=50):
    persons = [await a_person(name=f"Person {number}") for number in range(people)]
    answers = await asyncio.gather(
        *(reserve(thing, person=person) for person in persons), return_exceptions=True
    )
    lost = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(each, Conflict) and "free on" in each.message for each in lost)
    return people - len(lost)


@pytest.mark.parametrize("units", [1, 2])
async def test_fifty_people_race_for_the_last_units(units):
    thing = await a_thing(units=units)
    assert await race(thing) == units
    assert len(await held(thing)) == units
    assert await overlaps() == 0
    events = await db.fetch_value("SELECT count(*) FROM history WHERE event = 'reservation.made'")
    jobs = await db.fetch_value("SELECT count(*) FROM pgqueuer")
    assert (events, jobs) == (units, units)


async def test_the_unguarded_twin_oversells(owner):
    thing = await a_thing(units=1)
    await owner.execute(
        "DROP TABLE IF EXISTS public.twin; CREATE TABLE public.twin (unit_id uuid);"
        " GRANT ALL ON public.twin TO marketplace_app"
    )
    unit = await db.fetch_value("SELECT id FROM unit WHERE thing_id = {}", thing)

    async def take():
        async with db.transaction():
            taken = await db.fetch_value("SELECT count(*) FROM twin WHERE unit_id = {}", unit)
            if taken == 0:
                await db.execute("INSERT INTO twin VALUES ({})", unit)

    try:
        await asyncio.gather(*(take() for _ in range(50)))
        assert await db.fetch_value("SELECT count(*) FROM twin") > 1
    finally:
        await owner.execute("DROP TABLE public.twin")


async def test_reserving_and_repairing_at_once_loses_nobody(db):
    thing = await a_thing(units=3)
    extra = await a_unit(thing, number=3)
    persons = [await a_person() for _ in range(8)]
    organisation = await db.fetch_value("SELECT organisation_id FROM thing WHERE id = {}", thing)
    librarian = Actor(
        person_id=persons[0].id, memberships={organisation: OrgRole.LIBRARIAN}, email_confirmed=True
    )
    answers = await asyncio.gather(
        *(reserve(thing, person=person) for person in persons),
        units.set_state(librarian, extra, UnitState.IN_REPAIR),
        return_exceptions=True,
    )
    won = [each for each in answers[:-1] if not isinstance(each, BaseException)]
    states = await db.fetch(
        "SELECT state, count(*) AS n FROM occupancy WHERE reservation_id IS NOT NULL GROUP BY state"
    )
    by_state = {row["state"]: row["n"] for row in states}
    assert by_state.get("held", 0) == 3
    assert by_state.get("held", 0) + by_state.get("unplaced", 0) == len(won)
    assert await overlaps() == 0
