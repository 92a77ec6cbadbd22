"""What suits a person, against a real database."""

from datetime import timedelta

import pytest
from asyncpg import Point
from tests.factories import (
    a_booking,
    a_person,
    a_shift,
    an_opportunity,
    an_organisation,
)

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import PlatformRole
from marketplace.volunteering.matching import operations, queries
from marketplace.volunteering.matching.rules import SLOTS

pytestmark = pytest.mark.usefixtures("db")


async def an_open(title, *, east=0, **columns):
    """An opportunity so many metres east of Chelmsford with a shift in a week."""
    id = await an_opportunity(title=title, point=Point(570800 + east, 205900), **columns)
    await a_shift(id)
    return id


async def titles(person):
    return [match.row.title for match in (await queries.matches(person.actor)).rows]


async def test_what_is_nearer_comes_first_and_what_is_too_far_not_at_all():
    await an_open("Far", east=4000)
    await an_open("Near", east=500)
    await an_open("Elsewhere", east=40_000)
    assert await titles(await a_person(postcode="CM2 9AQ")) == ["Near", "Far"]


async def test_a_shift_in_ones_free_time_comes_first_and_the_page_says_so():
    far, near = await an_open("On my day", east=3000), await an_open("Never", east=100)
    monday = clock.now() + timedelta(days=7 - clock.today().weekday() + 7)
    start = monday.replace(hour=18, minute=30, second=0, microsecond=0)
    await db.execute("DELETE FROM shift WHERE opportunity_id = ANY({})", [far, near])
    await a_shift(far, starts_at=start)
    await a_shift(near, starts_at=start + timedelta(days=1))
    person = await a_person(postcode="CM2 9AQ")
    await operations.say(person.actor, free=["mon-evening"], miles=5, needs=[])
    found = (await queries.matches(person.actor)).rows
    assert [match.row.title for match in found] == ["On my day", "Never"]
    assert "on your free Mondays" in found[0].why


async def test_each_recent_connection_moves_an_opportunity_down():
    busy, _ = await an_open("Busy"), await an_open("Quiet")
    shift = await a_shift(busy, places=30)
    for _ in range(3):
        await a_booking(shift)
    person = await a_person(postcode="CM2 9AQ")
    assert await titles(person) == ["Quiet", "Busy"]
    await db.execute("UPDATE booking SET booked_at = now() - interval '29 days'")
    assert await titles(person) == ["Busy", "Quiet"]  # as good as each other: by name


async def test_what_one_has_or_runs_is_not_suggested():
    person = await a_person(postcode="CM2 9AQ")
    await a_booking(await a_shift(await an_open("Mine already")), person.id)
    own = await an_organisation(owner=person)
    await an_open("Run by me", organisation_id=own.id)
    assert await titles(person) == []


async def test_somebody_who_said_nothing_sees_what_is_soonest_and_is_asked_one_thing():
    await an_open("Something")
    found = await queries.matches((await a_person()).actor)
    assert [match.row.title for match in found.rows] == ["Something"]
    assert found.ask == "where"


async def test_what_a_place_lacks_is_said():
    await an_open("Plain", access=[])
    await an_open("Step-free", east=2000, access=["step-free"])
    person = await a_person(postcode="CM2 9AQ")
    await operations.say(person.actor, free=[], miles=5, needs=["access:step-free"])
    found = (await queries.matches(person.actor)).rows
    assert [match.row.title for match in found] == ["Step-free", "Plain"]
    assert "does not say: step-free" in found[1].why


async def test_the_page_asks_as_often_for_many_as_for_one(browsers, queries_run):
    person = await a_person(postcode="CM2 9AQ", causes=("environment",), skills=("first-aid",))
    await operations.say(person.actor, free=list(SLOTS), miles=10, needs=[])
    hers = await browsers().sign_in_as(person.id)
    await an_open("First")
    await hers.get("/my/matches")
    with queries_run() as one:
        await hers.get("/my/matches")
    for number in range(29):
        await an_open(f"Number {number}", east=number * 50)
    with queries_run() as many:
        page = await hers.get("/my/matches")
    assert page.text.count('class="card"') == 20
    assert one.count == many.count <= 6


async def test_saying_when_one_is_free_is_kept_and_goes_with_the_account(browsers):
    person = await a_person()
    hers = await browsers().sign_in_as(person.id)
    page = await hers.get("/account/availability")
    page = await hers.submit(
        page, "/account/availability", free=["tue-evening", "sat-morning"], miles="10"
    )
    assert "Saved" in page.words()
    said = await queries.availability(person.actor)
    assert (set(said.free), said.miles) == ({"tue-evening", "sat-morning"}, 10)
    await db.execute("UPDATE person SET anonymised_at = now() WHERE id = {}", person.id)
    assert not (await queries.availability(person.actor)).said


async def test_brokers_see_the_share_that_somebody_came_forward_for():
    broker = await a_person(platform=(PlatformRole.BROKER,))
    await a_booking(await a_shift(await an_open("Found")))
    await an_open("Not found")
    reach = await queries.reach(broker.actor)
    assert (reach.open, reach.reached, reach.percent) == (2, 1, 50)
    assert [title for _, title, _ in reach.waiting] == ["Not found"]
    with pytest.raises(NotFound):
        await queries.reach((await a_person()).actor)
