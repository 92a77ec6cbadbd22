"""The pages of checks and training, as a browser without JavaScript sees them."""

from datetime import timedelta

import pytest
from tests.factories import a_booking, a_person, a_role, a_shift, an_opportunity, an_organisation
from tests.factories_credentials import a_credential, a_decision, a_request

from marketplace import clock
from marketplace.credentials.rules import Kind


@pytest.fixture
async def club(db):
    return await an_organisation(name="Homework Club")


@pytest.fixture
async def role(club):
    return await a_role(await an_opportunity(club.id), title="Tutor", minimum_age=18)


@pytest.fixture
async def owner(browsers, club):
    return await browsers().sign_in_as(club.owner.id)


TEACHES = "nation=england&workforce=children&duties=teach&frequency=frequently&supervised=yes"


async def test_the_wizard_answers_in_plain_words_with_its_source_and_takes_a_decision(owner, role):
    home = f"/manage/roles/{role}/safeguarding"
    page = await owner.get(f"{home}?{TEACHES}")
    assert "may be eligible for: Enhanced DBS check with the children’s barred list" in page.words()
    assert "Confirm with DBS" in page.words()
    assert any("norfolk.gov.uk" in link for link in page.links())
    page = await owner.submit(page, home, level="dbs_enhanced_barred", why="They teach each week.")
    assert "Your decision is recorded" in page.text
    assert "They teach each week." in page.words()


async def test_a_higher_level_than_the_advice_is_neither_offered_nor_taken(owner, role):
    home = f"/manage/roles/{role}/safeguarding"
    page = await owner.get(f"{home}?{TEACHES.replace('frequently', 'once')}")
    assert "dbs_enhanced" not in page.text
    page = await owner.submit(page, home, level="dbs_enhanced", why="To be safe.")
    assert page.status == 422
    assert "would be unlawful" in (page.field_error("level") or "")
    assert "To be safe." in page.text


async def test_the_questions_say_what_is_missing(owner, role):
    page = await owner.get(f"/manage/roles/{role}/safeguarding?nation=wales")
    assert page.status == 422
    assert page.field_error("duties") == "Choose at least one thing they do"


async def test_a_check_is_asked_for_seen_and_found_again(owner, browsers, club, role):
    volunteer = await a_person(name="Vera Volunteer")
    await a_decision(role, club.owner.id)
    hers = await browsers().sign_in_as(volunteer.id)
    page = await hers.get(f"/roles/{role}/check")
    assert "Not seen yet" in page.words()
    page = await hers.submit(page, f"/roles/{role}/check", of_age="yes")
    assert "You asked to be looked at" in page.words()

    page = await owner.get(f"/manage/{club.id}/credentials")
    assert "Vera Volunteer" in page.words()
    home = f"/manage/{club.id}/credentials/{volunteer.id}"
    page = await owner.get(f"{home}/check")
    page = await owner.submit(
        page,
        f"{home}/check",
        level="dbs_enhanced_barred",
        workforce="children",
        issued_on=f"{clock.today()}",
        holds_until=f"{clock.today() + timedelta(days=900)}",
        reference="0012 3456",
        outcome="satisfactory",
        of_age="yes",
    )
    assert "Recorded" in page.text

    page = await hers.get("/account/credentials")
    assert "Enhanced DBS check with barred list" in page.words()
    assert "Homework Club" in page.words()
    assert "Olu Owner" in page.words()
    assert "00123456" in page.words()
    assert "You are clear" in (await hers.get(f"/roles/{role}/check")).words()


async def test_what_a_certificate_says_cannot_be_typed_in(owner, club, role):
    volunteer = await a_person()
    await a_request(role, volunteer.id, club.id)
    address = f"/manage/{club.id}/credentials/{volunteer.id}/check"
    page = await owner.submit(
        await owner.get(address), address, level="dbs_basic", reference="caution in 2019, theft"
    )
    assert "nothing of what it says" in (page.field_error("reference") or "")


async def test_training_is_recorded_and_shown_by_its_person(owner, browsers, club):
    volunteer = await a_person(name="Vera Volunteer")
    await a_credential(club.id, volunteer.id, club.owner.id, kind=Kind.FIRST_AID)
    address = f"/manage/{club.id}/credentials/{volunteer.id}/training"
    page = await owner.submit(
        await owner.get(address), address, kind="food_hygiene", issued_on=f"{clock.today()}"
    )
    assert "Food hygiene" in page.words()
    hers = await browsers().sign_in_as(volunteer.id)
    page = await hers.get("/account/credentials")
    sharing = next(form.action for form in page.forms() if form.action.endswith("/sharing"))
    page = await hers.submit(page, sharing)
    assert "shown to the organisations you help" in page.text


async def test_a_booking_page_says_what_is_missing_and_leads_on(browsers, club, role):
    await a_decision(role, club.owner.id)
    shift = await a_shift(await an_opportunity(club.id), role_id=role)
    hers = await browsers().sign_in_as((await a_person()).id)
    page = await hers.get(f"/shifts/{shift}/booking")
    assert "This role asks for an enhanced DBS check with barred list" in page.words()
    assert f"/roles/{role}/check" in page.links()


async def test_the_roster_marks_who_is_not_clear(owner, club, role):
    await a_decision(role, club.owner.id)
    shift = await a_shift(await an_opportunity(club.id), role_id=role)
    volunteer = await a_person(name="Vera Volunteer")
    await a_booking(shift, volunteer.id)
    page = await owner.get(f"/manage/shifts/{shift}")
    assert "Not clear for this role" in page.words()
    await a_credential(club.id, volunteer.id, club.owner.id)
    page = await owner.get(f"/manage/shifts/{shift}")
    assert "Not clear for this role" not in page.words()


@pytest.mark.parametrize("people", [1, 30])
async def test_the_list_reads_as_often_for_thirty_as_for_one(
    owner, club, role, people, queries_run
):
    await a_decision(role, club.owner.id)
    shift = await a_shift(await an_opportunity(club.id), role_id=role, places=30)
    for number in range(people):
        person = await a_person(name=f"Person {number}")
        await a_credential(
            club.id, person.id, club.owner.id, until=clock.today() + timedelta(days=1)
        )
        await a_booking(shift, person.id)
    with queries_run() as counted:
        page = await owner.get(f"/manage/{club.id}/credentials")
    assert page.words().count("runs out before") == people
    assert counted.count <= 12
