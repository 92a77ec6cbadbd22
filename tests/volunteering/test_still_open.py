"""Listings that nobody touches: asked about, out of the lists, over; and the answers."""

import asyncio
from datetime import time, timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import MarketplaceError, NotFound
from marketplace.permissions import SYSTEM, OrgRole
from marketplace.volunteering.opportunities import operations, queries, still_open
from marketplace.volunteering.opportunities.still_open import ask_fade_expire
from marketplace.volunteering.rules import HoursState
from marketplace.volunteering.shifts import operations as shifts
from marketplace.volunteering.tables import Hours

pytestmark = pytest.mark.usefixtures("db")

NONE = {"asked": 0, "faded": 0, "expired": 0}


@pytest.fixture
async def place(db):
    organisation = await an_organisation()
    return organisation, await an_opportunity(
        organisation.id,
        timing="flexible",
        contact_how="01245 000000",
        touched_at=clock.now() - timedelta(days=61),
    )


async def row(id):
    found = await db.fetch_one(
        "SELECT state, asked_at IS NOT NULL AS asked, faded_at IS NOT NULL AS faded,"
        " EXISTS (SELECT FROM listing l WHERE l.id = o.id) AS listed FROM opportunity o"
        " WHERE id = {}",
        id,
    )
    assert found is not None
    return tuple(found.values())


async def days_pass(days):
    await db.execute(
        "UPDATE opportunity SET asked_at = asked_at - {}::interval,"
        " faded_at = faded_at - {}::interval",
        timedelta(days=days),
        timedelta(days=days),
    )


async def events():
    rows = await db.fetch("SELECT event FROM history WHERE subject_type = 'opportunity'")
    return [row["event"] for row in rows]


async def token(organisation, id, person=None):
    found = await queries.opportunity(SYSTEM, id)
    return still_open.link(found, person or organisation.owner.id)


async def test_it_is_asked_about_then_fades_then_expires_each_once(place):
    _, id = place
    assert await ask_fade_expire() == NONE | {"asked": 1}
    assert await ask_fade_expire() == NONE
    assert await row(id) == ("open", True, False, True)
    await days_pass(15)
    assert await ask_fade_expire() == NONE | {"faded": 1}
    assert await ask_fade_expire() == NONE
    assert await row(id) == ("open", True, True, False)
    await days_pass(31)
    assert await ask_fade_expire() == NONE | {"expired": 1}
    assert await ask_fade_expire() == NONE
    assert (await row(id))[0] == "expired"
    assert await events() == [
        "opportunity.asked_about",
        "opportunity.faded",
        "opportunity.expired",
    ]


async def test_two_runs_at_once_ask_once(place):
    found = await asyncio.gather(ask_fade_expire(), ask_fade_expire())
    assert sum(each["asked"] for each in found) == 1
    assert await events() == ["opportunity.asked_about"]


async def test_two_runs_ask_twice_without_the_second_look(place):
    """The control: whoever lists what is due, and asks later, asks what another run asked."""
    both_have_listed = asyncio.Barrier(2)

    async def unguarded():
        due = await db.fetch("SELECT id FROM opportunity WHERE asked_at IS NULL")
        await both_have_listed.wait()
        for each in due:
            async with db.transaction():
                await still_open._ask(await queries.opportunity(SYSTEM, each["id"], lock=True))

    await asyncio.gather(unguarded(), unguarded())
    assert await events() == ["opportunity.asked_about"] * 2


async def test_what_was_changed_lately_is_not_asked_about(place):
    await db.execute("UPDATE opportunity SET touched_at = {}", clock.now() - timedelta(days=59))
    assert await ask_fade_expire() == NONE


async def test_an_organisation_that_confirms_hours_is_there(place):
    organisation, id = place
    shift = await a_shift(id, starts_at=clock.now() - timedelta(days=3))
    person = await a_person()
    await Hours(
        booking_id=await a_booking(shift, person.id),
        role_id=(await queries.roles(id))[0].id,
        on_date=clock.today(),
        person_id=person.id,
        organisation_id=organisation.id,
        minutes=60,
        state=HoursState.CONFIRMED,
        confirmed_by=organisation.owner.id,
        confirmed_at=clock.now(),
    ).save()
    assert await ask_fade_expire() == NONE


async def test_a_change_answers_too(place):
    organisation, id = place
    await ask_fade_expire()
    await days_pass(15)
    await ask_fade_expire()
    await operations.pause(organisation.owner.actor, id)
    await operations.publish(organisation.owner.actor, id)
    assert await row(id) == ("open", False, False, True)


async def test_a_shift_that_is_planned_answers_too(place):
    organisation, id = place
    await db.execute("UPDATE opportunity SET timing = 'shifts' WHERE id = {}", id)
    await ask_fade_expire()
    day = clock.today() + timedelta(days=9)
    plan = shifts.Plan(day=day, start=time(10), end=time(12), places=2)
    await shifts.plan(organisation.owner.actor, id, plan)
    assert await row(id) == ("open", False, False, True)


async def test_the_link_shows_and_answers(place, browsers):
    organisation, id = place
    await ask_fade_expire()
    address = f"/opportunities/still-open/{await token(organisation, id)}"
    browser = browsers()
    page = await browser.get(address)
    assert "Is this still open?" in page.words()
    assert await row(id) == ("open", True, False, True)
    page = await browser.submit(page, address, answer="yes")
    assert "It stays open" in page.words()
    assert await row(id) == ("open", False, False, True)
    found = await db.fetch_one("SELECT actor_id FROM history WHERE event = 'opportunity.confirmed'")
    assert found == {"actor_id": organisation.owner.id}


async def test_the_link_closes(place, browsers):
    organisation, id = place
    await ask_fade_expire()
    address = f"/opportunities/still-open/{await token(organisation, id)}"
    browser = browsers()
    await browser.submit(await browser.get(address), address, answer="close")
    assert (await row(id))[0] == "closed"


async def test_the_link_opens_again_what_expired_meanwhile(place):
    organisation, id = place
    await ask_fade_expire()
    for _ in range(2):
        await days_pass(40)
        await ask_fade_expire()
    assert (await row(id))[0] == "expired"
    link = await token(organisation, id)
    actor, opportunity = await still_open.of_link(link)
    await still_open.confirm(actor, opportunity.id)
    assert await row(id) == ("open", False, False, True)


async def test_an_answered_link_is_spent(place, browsers):
    organisation, id = place
    await ask_fade_expire()
    address = f"/opportunities/still-open/{await token(organisation, id)}"
    browser = browsers()
    asked = await browser.get(address)
    await still_open.confirm(organisation.owner.actor, id)
    page = await browser.submit(asked, address, answer="close")
    assert "answered already" in page.words()
    assert (await row(id))[0] == "open"
    assert "is open now" in (await browser.get(address)).words()


@pytest.mark.parametrize("role", [None, OrgRole.TRUSTEE])
async def test_the_link_of_somebody_who_may_not_any_more_is_dead(place, role):
    organisation, id = place
    await ask_fade_expire()
    person = await a_person()
    if role:
        acting(person, **{role.value: organisation.id})
        await db.execute(
            "INSERT INTO membership (id, organisation_id, person_id, role, since)"
            " VALUES (gen_random_uuid(), {}, {}, {}, now())",
            organisation.id,
            person.id,
            role.value,
        )
    with pytest.raises(NotFound):
        await still_open.of_link(await token(organisation, id, person.id))


async def test_a_made_up_link_is_refused(browser):
    with pytest.raises(MarketplaceError):
        await still_open.of_link("made-up")
