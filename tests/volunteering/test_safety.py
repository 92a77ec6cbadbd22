"""What a shift's leader sees of whom to ring, when, and who is told that they looked."""

from datetime import timedelta

import pytest
from tests import factories

from marketplace import clock, settings
from marketplace.errors import NotFound
from marketplace.permissions import OrgRole
from marketplace.volunteering.attendance.tables import ShiftLeader
from marketplace.volunteering.safety import operations, queries
from marketplace.volunteering.safety.queries import Details

DETAILS = Details("Ann Osei", "07700 900123", "my sister", "An EpiPen is in my bag")


async def a_shift(starts_in: timedelta = timedelta(hours=5)):
    """Give an organisation, a volunteer who wrote their details, the shift and the booking."""
    made = await factories.an_organisation()
    volunteer = await factories.a_person(name="Vi Volunteer")
    opportunity = await factories.an_opportunity(made.id)
    shift = await factories.a_shift(opportunity, starts_at=clock.now() + starts_in)
    booking = await factories.a_booking(shift, volunteer.id)
    await operations.write(volunteer.actor, DETAILS)
    return made, volunteer, shift, booking


async def test_nothing_is_shown_that_was_not_shared(db):
    made, volunteer, shift, booking = await a_shift()
    assert (await operations.look(made.owner.actor, shift)).people == []
    await operations.share(volunteer.actor, booking, True)
    (shared,) = (await operations.look(made.owner.actor, shift)).people
    assert shared.details == DETAILS
    await operations.share(volunteer.actor, booking, False)
    assert (await operations.look(made.owner.actor, shift)).people == []


async def test_shared_with_an_organisation_it_holds_for_each_of_its_shifts_only(db):
    made, volunteer, shift, booking = await a_shift()
    other, _, elsewhere, _ = await a_shift()
    await factories.a_booking(
        await factories.a_shift(starts_at=clock.now() + timedelta(hours=9)), volunteer.id
    )
    await operations.share(volunteer.actor, booking, True, everywhere=True)
    assert len((await operations.look(made.owner.actor, shift)).people) == 1
    assert (await operations.look(other.owner.actor, elsewhere)).people == []


@pytest.mark.parametrize("starts_in", [timedelta(hours=25), timedelta(hours=-27)])
async def test_outside_a_day_around_the_shift_it_is_not_shown(db, starts_in):
    made, volunteer, shift, booking = await a_shift(starts_in)
    await operations.share(volunteer.actor, booking, True)
    sheet = await operations.look(made.owner.actor, shift)
    assert (sheet.open, sheet.people) == (False, [])


async def test_a_leader_of_the_shift_sees_it_and_another_volunteer_does_not(db):
    made, volunteer, shift, booking = await a_shift()
    await operations.share(volunteer.actor, booking, True)
    leader = await factories.a_person(name="Lena Leader")
    with pytest.raises(NotFound):
        await operations.look(leader.actor, shift)
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    await ShiftLeader(
        person_id=leader.id, organisation_id=made.id, role_id=role, shift_id=shift
    ).save()
    assert len((await operations.look(leader.actor, shift)).people) == 1
    assert [name for name, _ in await queries.looks(volunteer.actor)] == ["Lena Leader"]


async def test_a_member_without_the_roster_sees_nothing(db):
    member = await factories.a_person()
    made = await factories.an_organisation(members={OrgRole.TRUSTEE: member})
    shift = await factories.a_shift(await factories.an_opportunity(made.id))
    with pytest.raises(NotFound):
        await operations.look(factories.acting(member, trustee=made.id), shift)


async def test_it_is_sealed_at_rest_and_lost_with_the_secret(db):
    _, volunteer, _, _ = await a_shift()
    sealed = await db.fetch_value("SELECT sealed FROM safety_details")
    assert b"Ann" not in sealed and queries.opened(sealed) == DETAILS
    before = settings.current()
    try:
        settings.amend(secret_key="another secret of thirty-two letters")
        assert queries.opened(sealed) is None
        assert await queries.mine(volunteer.actor) is None
    finally:
        settings.use(before)


async def test_it_goes_with_the_account_and_with_emptied_fields(db):
    _, volunteer, _, booking = await a_shift()
    await operations.share(volunteer.actor, booking, True)
    _, other, _, others = await a_shift()
    await operations.share(other.actor, others, True, everywhere=True)
    await db.execute("UPDATE person SET anonymised_at = now() WHERE id = {}", volunteer.id)
    await operations.write(other.actor, Details())
    for table in ("safety_details", "safety_share"):
        assert await db.fetch_value(f"SELECT count(*) FROM {table}") == 0


async def test_written_and_shared_as_people_do(db, browser):
    made, volunteer, shift, _ = await a_shift()
    await browser.sign_in_as(volunteer.id)
    page = await browser.get("/account/safety")
    assert "Nobody." in page.words()
    page = await browser.submit(page, "/account/safety", contact_name="Bea Osei")
    page = await browser.submit(page, "/account/safety/sharing")
    assert "Shared on all shifts" in page.words()
    await browser.sign_in_as(made.owner.id)
    assert "Bea Osei" in (await browser.get(f"/manage/shifts/{shift}/safety")).words()
