"""Several roles an opportunity: each with its own words, ages and shifts."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from tests.factories import a_role, a_shift, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import Conflict
from marketplace.volunteering.opportunities import queries
from marketplace.volunteering.roles import operations
from marketplace.volunteering.roles.operations import Details
from marketplace.volunteering.shifts import operations as shifts
from marketplace.volunteering.shifts.operations import Plan

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def place(db):
    organisation = await an_organisation()
    return organisation.owner.actor, await an_opportunity(organisation.id, minimum_age=18)


async def test_a_role_is_added_behind_the_others(place):
    actor, id = place
    await operations.add(actor, id, Details(title="Driver", minimum_age=21))
    await operations.add(actor, id, Details(title="Cook", minimum_age=16))
    assert [role.title for role in await queries.roles(id)] == ["Garden helper", "Driver", "Cook"]
    found = await queries.opportunity(actor, id)
    assert (found.role_count, found.minimum_age) == (3, 16)


async def test_a_shift_is_of_the_role_that_was_chosen_and_of_the_first_where_none_was(place):
    actor, id = place
    first = (await queries.roles(id))[0].id
    driver = await operations.add(actor, id, Details(title="Driver"))
    plan = Plan(day=clock.today() + timedelta(days=7), start=time(10), end=time(12), places=2)
    made = [*await shifts.plan(actor, id, plan)]
    made += await shifts.plan(actor, id, Plan(**{**_fields(plan), "role": driver}))
    rows = await db.fetch("SELECT role_id FROM shift WHERE id = ANY({}) ORDER BY id", made)
    assert [row["role_id"] for row in rows] == [first, driver]


def _fields(plan):
    return {name: getattr(plan, name) for name in Plan.__dataclass_fields__}


@pytest.mark.parametrize("retired", [True, False])
async def test_a_shift_cannot_be_of_a_role_that_is_retired_or_somebody_elses(place, retired):
    actor, id = place
    role = await a_role(id, retired_at=clock.now()) if retired else uuid4()
    plan = Plan(day=clock.today() + timedelta(days=7), start=time(10), end=time(12), places=2)
    with pytest.raises(Conflict) as refused:
        await shifts.plan(actor, id, Plan(**{**_fields(plan), "role": role}))
    assert refused.value.field == "role"


async def test_fewer_are_needed_than_are_wanted(place):
    actor, id = place
    with pytest.raises(Conflict) as refused:
        await operations.add(actor, id, Details(title="Cook", wanted=2, least_needed=3))
    assert refused.value.field == "least_needed"


async def test_the_only_role_stays(place):
    actor, id = place
    with pytest.raises(Conflict, match="the only role"):
        await operations.retire(actor, (await queries.roles(id))[0].id)


async def test_a_role_with_shifts_to_come_stays(place):
    actor, id = place
    role = await a_role(id)
    await a_shift(id, role_id=role)
    with pytest.raises(Conflict, match="1 shift of this role is still to come"):
        await operations.retire(actor, role)


async def test_a_retired_role_can_be_brought_back(place):
    actor, id = place
    role = await a_role(id, title="Driver")
    await operations.retire(actor, role)
    assert "Driver" not in [each.title for each in await queries.roles(id)]
    await operations.restore(actor, role)
    assert "Driver" in [each.title for each in await queries.roles(id)]


async def test_the_words_and_skills_of_roles_are_found(place):
    actor, id = place
    await a_shift(id)
    await operations.add(actor, id, Details(title="Lorry driver", skills=["logistics"]))
    row = await db.fetch_one("SELECT body, tags FROM listing WHERE id = {}", id)
    assert "Lorry driver" in row["body"]


async def test_the_public_page_groups_shifts_by_role(place, browser):
    _, id = place
    await a_shift(id)
    cook = await a_role(id, title="Cook", minimum_age=16, description="You feed thirty people.")
    await a_shift(id, role_id=cook)
    page = await browser.get(f"/opportunities/{id}")
    assert "Cook You feed thirty people. For people of 16 and over" in page.words()


async def test_a_coordinator_chooses_the_role_of_a_shift(place, browsers):
    actor, id = place
    cook = await a_role(id, title="Cook", wanted=5)
    browser = await browsers().sign_in_as(actor.person_id)
    page = await browser.get(f"/manage/opportunities/{id}/shifts?role={cook}")
    done = await browser.submit(
        page,
        f"/manage/opportunities/{id}/shifts",
        day=str(clock.today() + timedelta(days=9)),
        start="10:00",
        end="12:00",
    )
    assert "Shift added." in done.words()
    row = await db.fetch_one("SELECT places FROM shift WHERE role_id = {}", cook)
    assert row == {"places": 5}
