"""How many statements the busiest pages ask for: as many for sixty rows as for one."""

from datetime import timedelta

import pytest
from asyncpg import Point
from tests.factories import a_booking, a_person, a_role, a_shift, an_opportunity, an_organisation
from tests.factories_credentials import a_credential, a_decision
from tests.factories_messages import a_consent
from tests.factories_minors import a_group

from marketplace import clock, db
from marketplace.volunteering.attendance.tables import ShiftLeader, WalkIn
from marketplace.volunteering.matching import operations as matching
from marketplace.volunteering.matching.rules import SLOTS

SESSION = 1  # who is asking, with all their roles
AT_MOST = 6


@pytest.fixture
async def club(db):
    return await an_organisation(name="Homework Club")


@pytest.fixture
def statements(browsers, queries_run):
    """Give a function that opens a page twice and counts what the second time asked."""

    async def of(person_id, path):
        browser = await browsers().sign_in_as(person_id)
        await browser.get(path)
        with queries_run() as counted:
            page = await browser.get(path)
        assert page.status == 200
        return page, counted.count - SESSION

    return of


@pytest.mark.parametrize("rows", [1, 12])
async def test_a_roster(club, statements, rows):
    """With all that a roster can have: a check to be seen, guests, groups with seats."""
    opportunity = await an_opportunity(club.id)
    captain, leader = await a_person(), await a_person()
    group, _ = await a_group(captain, opportunity, seats=rows, places=4 * rows + 4)
    shift = await db.fetch_value("SELECT shift_id FROM volunteer_group WHERE id = {}", group)
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    await a_decision(role, club.owner.id)
    for _ in range(rows):
        person = await a_person()
        await a_booking(shift, person.id)
        await a_credential(club.id, person.id, club.owner.id)
        await WalkIn(shift_id=shift, name="Wally").save()
    await ShiftLeader(person_id=leader.id, organisation_id=club.id, role_id=role).save()
    now = clock.now()
    await db.execute(
        "UPDATE shift SET starts_at = {}, ends_at = {} WHERE id = {}",
        now - timedelta(minutes=30),
        now + timedelta(hours=2),
        shift,
    )
    for reader in (club.owner, leader):
        page, asked = await statements(reader.id, f"/manage/shifts/{shift}")
        assert page.text.count('id="booking-') == page.text.count('id="walk-in-') == rows
        assert asked <= AT_MOST


@pytest.mark.parametrize("rows", [1, 6])
async def test_a_coordinators_day(club, statements, rows):
    for _ in range(rows):
        await a_shift(await an_opportunity(club.id), places=4)
        person = await a_person(postcode="CM2 9AQ")
        await a_consent(person, club.id)
    page, asked = await statements(club.owner.id, f"/manage/{club.id}/today")
    assert page.words().lower().count("has not said when they are free") >= rows
    assert asked <= AT_MOST


@pytest.mark.parametrize("rows", [1, 12])
async def test_what_suits_somebody(statements, rows):
    for number in range(rows):
        point = Point(570800 + number, 205900)
        await a_shift(await an_opportunity(title=f"Suits {number}", point=point))
    person = await a_person(postcode="CM2 9AQ", causes=["environment"])
    await matching.say(person.actor, free=list(SLOTS), miles=5, needs=[])
    page, asked = await statements(person.id, "/my/matches")
    assert page.words().count("Suits ") == rows
    assert asked <= AT_MOST


@pytest.mark.parametrize("roles", [1, 4])
async def test_an_opportunity_of_which_nothing_is_asked(statements, roles):
    opportunity = await an_opportunity()
    await a_shift(opportunity)
    for number in range(1, roles):
        role = await a_role(opportunity, title=f"Role {number}", position=number)
        await a_shift(opportunity, role_id=role)
    _, asked = await statements((await a_person()).id, f"/opportunities/{opportunity}")
    assert asked <= 5
