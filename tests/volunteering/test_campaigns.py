"""Campaigns against a real database: what is frozen, what is counted, what is shown."""

from datetime import timedelta

import pytest
from tests.factories import (
    a_campaign,
    a_person,
    a_role,
    a_shift,
    a_team,
    acting,
    an_opportunity,
    an_organisation,
)

from marketplace import clock, db
from marketplace.errors import Conflict, NotAllowed, NotFound
from marketplace.permissions import PlatformRole
from marketplace.volunteering import listing
from marketplace.volunteering.campaigns import operations, queries
from marketplace.volunteering.tables import Hours

pytestmark = pytest.mark.usefixtures("db")


async def an_open(title="Garden helper", organisation=None, **columns):
    return await an_opportunity(organisation, title=title, timing="flexible", **columns)


async def counted(id):
    await operations.count_all()
    found = await queries.campaign(id)
    return found.baseline, found.counted


@pytest.fixture
async def club(db):
    return await an_organisation(name="Gardeners")


async def test_the_baseline_is_frozen_and_new_opportunities_count_beside_it(club):
    await an_open("Garden helper", club.id)
    id = await a_campaign()
    assert await counted(id) == (1, 1)
    await an_open("Kitchen helper", club.id)
    assert await counted(id) == (1, 2)
    found = await queries.campaign(id)
    assert found.progress and found.progress.percent == 100
    start = await queries.items(found, start=True)
    assert [item.title for item in start.rows] == ["Garden helper"]
    assert (await queries.items(found, start=False)).total == 2


async def test_splitting_a_role_into_five_does_not_move_the_score(club):
    opportunity = await an_open("Garden helper", club.id)
    id = await a_campaign()
    assert await counted(id) == (1, 1)
    for number in range(2, 6):
        await a_role(opportunity, title=f"Garden helper {number}")
        await an_open(f"Garden helper (day {number})", club.id)
    assert await counted(id) == (1, 1)


async def test_what_is_over_counts_no_more_but_stays_in_the_baseline(club):
    opportunity = await an_open("Garden helper", club.id)
    id = await a_campaign()
    await counted(id)
    await db.execute("UPDATE opportunity SET state = 'closed' WHERE id = {}", opportunity)
    async with db.transaction():
        await listing.refresh(opportunity)
    assert await counted(id) == (1, 0)
    await counted(id)
    assert (await queries.items(await queries.campaign(id), start=True)).total == 1


async def test_a_district_counts_its_own_only(club):
    await an_open("Garden helper", club.id, postcode="CM2 9AQ")
    await an_open("Boat builder", club.id, postcode="CM9 5AA")
    maldon = await db.fetch_value("SELECT id FROM place WHERE name = 'Maldon'")
    assert await counted(await a_campaign(place_id=maldon)) == (1, 1)
    league = await queries.places(await queries.campaign(await a_whole()))
    by_name = {row.name: row.counted for row in league}
    assert (by_name["Chelmsford"], by_name["Maldon"], by_name["Harlow"]) == (1, 1, 0)


async def a_whole():
    id = await a_campaign()
    await operations.count_all()
    return id


async def test_only_brokers_and_administrators_run_campaigns():
    broker = await a_person(platform=(PlatformRole.BROKER,))
    essex = await db.fetch_value("SELECT id FROM place WHERE kind = 'system' AND name = 'Essex'")
    terms = {
        "name": "Olympics",
        "summary": "",
        "place_id": essex,
        "first_day": clock.today(),
        "last_day": clock.today() + timedelta(days=30),
    }
    id = await operations.start(broker.actor, **terms)
    assert (await queries.campaign(id)).frozen_at is not None
    with pytest.raises(NotFound):
        await operations.start((await a_person()).actor, **terms)
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(Conflict, match="today or a later day"):
        await operations.start(broker.actor, **{**terms, "first_day": yesterday})


async def gives(club, shift, minutes=120, **columns):
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    given = {"on_date": clock.today(), "state": "confirmed", "confirmed_at": clock.now()} | columns
    await Hours(
        person_id=(await a_person()).id,
        organisation_id=club.id,
        role_id=role,
        minutes=minutes,
        **given,
    ).save()


async def test_a_teams_hours_are_shown_from_five_people_on_verified_and_in_its_days_only(
    club, browser
):
    id = await a_whole()
    await a_team(id, club.id)
    shift = await a_shift(await an_opportunity(club.id))
    for _ in range(4):
        await gives(club, shift)
    await gives(club, shift, state="proposed", confirmed_at=None)
    await gives(club, shift, on_date=clock.today() - timedelta(days=1))
    page = await browser.get(f"/campaigns/{id}")
    assert "No figure yet" in page.words()
    await gives(club, shift)
    [team] = await queries.teams(await queries.campaign(id))
    assert (team.hours.people, team.hours.hours, team.hours.a_head) == (5, 10.0, 2.0)
    page = await browser.get(f"/campaigns/{id}/hours")
    assert "10% reached" in page.words()


async def test_taking_part_is_the_organisations_own_choice_and_can_be_taken_back(club, browsers):
    id = await a_whole()
    hers = await browsers().sign_in_as(club.owner.id)
    home = f"/manage/{club.id}/campaigns"
    page = await hers.submit(await hers.get(home), f"{home}/{id}/team", goal_hours="0")
    assert page.status == 422
    page = await hers.submit(page, f"{home}/{id}/team", goal_hours="250")
    assert "You take part" in page.words()
    assert len(await queries.teams(await queries.campaign(id))) == 1
    page = await hers.submit(page, f"{home}/{id}/team/end")
    assert await queries.teams(await queries.campaign(id)) == []
    with pytest.raises(NotAllowed):
        await operations.join(acting(await a_person(), coordinator=club.id), club.id, id, 5)


async def test_every_figure_leads_to_what_it_counts(club, browser):
    await an_open("Garden helper", club.id)
    id = await a_whole()
    page = await browser.get(f"/campaigns/{id}")
    links = set(page.links())
    listed = f"/campaigns/{id}/opportunities"
    assert {listed, f"{listed}?which=start", f"{listed}?place=E07000070"} <= links
    page = await browser.get(f"{listed}?place=E07000070")
    assert "Garden helper" in page.words()
    page = await browser.get(f"{listed}?place=E07000073")
    assert "Nothing is counted here" in page.words()


async def test_a_campaign_is_set_up_on_its_page(browsers):
    broker = await a_person(platform=(PlatformRole.BROKER,))
    his = await browsers().sign_in_as(broker.id)
    essex = await db.fetch_value("SELECT id FROM place WHERE kind = 'system' AND name = 'Essex'")
    page = await his.get("/broker/campaigns")
    page = await his.submit(
        page,
        "/broker/campaigns",
        name="Olympics",
        place=str(essex),
        first_day=str(clock.today() + timedelta(days=3)),
        last_day=str(clock.today() + timedelta(days=1)),
    )
    assert page.status == 422
    assert page.field_error("last_day")
    page = await his.submit(
        page, "/broker/campaigns", last_day=str(clock.today() + timedelta(days=30))
    )
    assert "It has not begun yet" in page.words()
