"""Pages of series, of fewer places and of visits, as people use them."""

from datetime import timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, a_visit, an_opportunity, an_organisation

from marketplace import clock, db

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def organisation(db):
    return await an_organisation()


@pytest.fixture
async def coordinator(browsers, organisation):
    return await browsers().sign_in_as(organisation.owner.id)


@pytest.fixture
async def opportunity(organisation):
    return await an_opportunity(organisation.id)


@pytest.fixture
async def planned(coordinator, opportunity):
    """Plan a series without end through its form, and give the page that follows."""
    address = f"/manage/opportunities/{opportunity}/series"
    day = clock.today() + timedelta(days=7)
    return await coordinator.submit(
        await coordinator.get(address),
        address,
        day=day,
        start="18:30",
        end="20:00",
        places="4",
        least_needed="2",
    )


async def shifts():
    return await db.fetch("SELECT id, series_id, local_start FROM shift ORDER BY starts_at")


async def test_a_series_is_planned_marked_and_said_in_words(planned):
    assert "shifts added. Further ones are added as the weeks pass." in planned.words()
    day = clock.today() + timedelta(days=7)
    weekday = clock.date_words(day).split()[0]
    assert f"Every {weekday}, 6:30pm to 8pm, without end" in planned.words()
    assert "Short of 2" in planned.words()
    first = (await shifts())[0]
    assert f"/manage/shifts/{first['id']}/edit" in planned.links()
    assert f"/manage/shifts/{first['id']}/following" in planned.links()
    assert f"/manage/series/{first['series_id']}/edit" in planned.links()


async def test_a_series_that_ends_needs_its_last_day(coordinator, opportunity):
    address = f"/manage/opportunities/{opportunity}/series"
    page = await coordinator.submit(
        await coordinator.get(address),
        address,
        day=clock.today(),
        start="18:30",
        end="20:00",
        places="4",
        ends="until",
    )
    assert page.field_error("until") == "Enter the last day, or choose “Without end”"


async def test_following_shifts_change_after_a_decision_about_the_booked(coordinator, planned):
    rows = await shifts()
    await a_booking(rows[3]["id"])
    address = f"/manage/shifts/{rows[2]['id']}/following"
    page = await coordinator.submit(
        await coordinator.get(address), address, start="19:00", end="21:00"
    )
    assert page.words().count("1 person has a place") == 1
    page = await coordinator.submit(page, address, **{f"decision-{rows[3]['id']}": "move"})
    assert "1 person is told by e-mail" in page.words()
    after = [row["local_start"].hour for row in await shifts()]
    assert after == [18, 18] + [19] * (len(after) - 2)


async def test_somebody_booked_meanwhile_is_asked_about_too(coordinator, planned):
    rows = await shifts()
    await a_booking(rows[3]["id"])
    address = f"/manage/series/{rows[0]['series_id']}/edit"
    page = await coordinator.submit(await coordinator.get(address), address, start="19:00")
    await a_booking(rows[4]["id"])
    page = await coordinator.submit(page, address)
    assert (page.status, "while you were deciding" in page.words()) == (409, True)
    page = await coordinator.submit(page, address)
    assert "2 shifts kept as they are" in page.words()


async def test_all_to_come_is_cancelled_after_a_decision(coordinator, planned):
    rows = await shifts()
    await a_booking(rows[3]["id"])
    address = f"/manage/series/{rows[0]['series_id']}/cancellation"
    page = await coordinator.submit(await coordinator.get(address), address)
    page = await coordinator.submit(page, address, **{f"decision-{rows[3]['id']}": "cancel"})
    assert "1 person is told by e-mail" in page.words()
    assert len(await shifts()) == 1


async def test_fewer_places_lead_to_who_gives_theirs_up(coordinator, opportunity):
    shift = await a_shift(opportunity, places=2)
    await a_booking(shift, (await a_person(name="Ann Early")).id)
    late = await a_booking(shift, (await a_person(name="Zoe Late")).id)
    address = f"/manage/shifts/{shift}/edit"
    page = await coordinator.submit(await coordinator.get(address), address, places="1")
    assert page.field_error("places")
    (link,) = [link for link in page.links() if "/places?" in link]
    page = await coordinator.get(link)
    assert "Zoe Late" in page.words()
    page = await coordinator.submit(page, f"/manage/shifts/{shift}/places", people=[str(late)])
    assert "1 person is told by e-mail" in page.words()


async def test_a_volunteer_agrees_and_is_shown_the_address(browsers, organisation, db):
    volunteer = await a_person()
    visit = await a_visit(
        await an_opportunity(organisation.id, timing="arranged", minimum_age=0), volunteer.id
    )
    one = await browsers().sign_in_as(volunteer.id)
    page = await one.get(f"/my/visits/{visit}")
    assert "Mill Lane" not in page.text
    page = await one.submit(page, f"/my/visits/{visit}/agreement")
    assert "3 Mill Lane, Maldon" in page.words()
    assert "Mill Lane" not in (await one.get("/my/volunteering")).text


async def test_visits_are_proposed_to_somebody_by_name(browsers, coordinator, organisation):
    volunteer = await a_person(name="Vi Volunteer")
    await a_booking(await a_shift(await an_opportunity(organisation.id)), volunteer.id)
    arranged = await an_opportunity(organisation.id, timing="arranged", minimum_age=0)
    new = f"/manage/opportunities/{arranged}/visits/new"
    page = await coordinator.submit(
        await coordinator.get(new),
        new,
        volunteer=volunteer.id,
        day=clock.today() + timedelta(days=7),
        start="14:00",
        end="15:00",
        whom="Mrs Bell",
        address="3 Mill Lane",
    )
    assert "Sent. You are told when they answer." in page.words()
    one = await browsers().sign_in_as(volunteer.id)
    assert "You are asked" in (await one.get("/my/visits")).words()
