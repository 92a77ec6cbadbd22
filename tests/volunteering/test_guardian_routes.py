"""The pages of a young person, a guardian, a named adult and a captain, as people use them."""

from datetime import timedelta
from typing import Any

from tests.factories import a_person, a_shift, an_opportunity, an_organisation
from tests.factories_minors import a_doubt, a_young_person, born

from marketplace import clock, signing
from marketplace.permissions import OrgRole


async def test_a_minor_books_once_the_adult_is_named_and_the_guardian_agrees(
    db: Any, browsers: Any
):
    ada = await a_person(name="Ada Adult")
    organisation = await an_organisation(members={OrgRole.COORDINATOR: ada})
    opportunity = await an_opportunity(organisation.id, minimum_age=14)
    shift = await a_shift(opportunity)
    role = await db.fetch_value("SELECT role_id FROM shift")
    yara, gita = await a_young_person(16), await a_person(email="gita@example.org")
    young, guardian, owner = browsers(), browsers(), browsers()
    for browser, person in ((young, yara), (guardian, gita), (owner, organisation.owner)):
        await browser.sign_in_as(person.id)

    here, naming = f"/shifts/{shift}/booking", f"/my/guardian/roles/{role}"
    page = await young.get(here)
    assert naming in page.links() and "name an adult" in page.words()
    # The next shift asks the same of her, so it is no way round.
    other = await a_shift(opportunity, role_id=role, starts_at=clock.now() + timedelta(days=2))
    assert f"/shifts/{other}/booking" not in (await young.get(here)).links()
    page = await young.submit(await young.get(naming), naming, name="Gita", email="gita")
    assert page.field_error("email")
    page = await young.submit(page, naming, name="Gita", email="gita@example.org")
    assert "Not answered yet" in page.words()
    assert f"/opportunities/{opportunity}" in page.links()
    assert "/my/guardian" in (await young.get("/my/volunteering")).links()

    adult = f"/manage/roles/{role}/named-adult"
    assert adult in (await owner.get(f"/manage/roles/{role}")).links()
    page = await owner.submit(await owner.get(adult), adult, person=ada.id)
    assert "Ada Adult" in page.words()

    consent = await db.fetch_value("SELECT id FROM guardian_consent")
    link = f"/guardians/{signing.sign('guardian-consent', consent, 1)}"
    assert "I agree" not in (await young.get(link)).words()
    page = await guardian.submit(await guardian.get(link), link, scope="role", months="6")
    assert page.field_error("responsible")
    page = await guardian.submit(page, link, responsible="yes")
    assert "Yara Young: Garden helper" in page.words()

    page = await young.get(here)
    assert "18 or over" not in page.words()
    assert "You have a place" in (await young.submit(page, here)).text
    roster = await owner.get(f"/manage/shifts/{shift}")
    assert "16–17 years" in roster.words() and str(born(16)) not in roster.text

    page = await guardian.get("/my/young-people")
    page = await guardian.submit(page, f"/my/young-people/{consent}/withdrawal")
    assert "1 place was given back" in page.text


async def test_a_birth_date_is_corrected_once_and_never_up_to_18(db: Any, browsers: Any):
    yara, browser, here = await a_young_person(16), browsers(), "/account/birth-date"
    await browser.sign_in_as(yara.id)
    page = await browser.submit(await browser.get(here), here, born_on=born(18))
    assert "under 18" in (page.field_error("born_on") or "")
    page = await browser.submit(page, here, born_on=born(15))
    assert "once already" in page.words()


async def test_whoever_gives_a_birth_date_on_the_way_comes_back_to_the_shift(
    db: Any, browsers: Any
):
    shift = await a_shift(await an_opportunity(minimum_age=14))
    browser, here = browsers(), f"/shifts/{shift}/booking"
    await browser.sign_in_as((await a_person()).id)
    page = await browser.submit(await browser.get(here), here)
    assert page.field_error("old_enough")
    (asked,) = [link for link in page.links() if link.startswith("/account/birth-date")]
    assert asked == f"/account/birth-date?next={here}"
    page = await browser.get(asked)
    page = await browser.submit(page, "/account/birth-date", born_on="")
    page = await browser.submit(page, "/account/birth-date", born_on=born(16))
    assert page.path == here and "Your date of birth is saved" in page.words()
    assert any(link.startswith("/my/guardian/roles/") for link in page.links())


async def test_no_birth_date_leads_off_the_site(browsers: Any, db: Any):
    browser, here = browsers(), "/account/birth-date"
    await browser.sign_in_as((await a_person()).id)
    page = await browser.get(f"{here}?next=//example.org")
    assert not any("example.org" in link for link in page.links())
    assert (await browser.submit(page, here, born_on=born(16))).path == here


async def test_a_coordinator_decides_about_each_on_one_page(db: Any, browsers: Any):
    organisation = await an_organisation()
    opportunity = await an_opportunity(organisation.id)
    doubt = await a_doubt(opportunity, organisation.owner.id)
    here, browser = f"/manage/{organisation.id}/young-people", browsers()
    await browser.sign_in_as(organisation.owner.id)
    page = await browser.get(f"/manage/{organisation.id}/today")
    assert here in page.links() and "1 young person’s place to decide about" in page.words()
    roster = f"/manage/shifts/{await db.fetch_value('SELECT shift_id FROM booking')}"
    page = await browser.get(roster)
    assert "Place in question" in page.words() and here in page.links()
    page = await browser.get(here)
    assert "Yan Younger" in page.words() and str(born(16)) not in page.text
    keeping = f"/manage/doubts/{doubt}/keeping"
    page = await browser.submit(page, keeping)
    assert "Say why they may keep it" in (page.field_error("because") or "")
    page = await browser.submit(page, keeping, because="A friend of the cook comes along.")
    assert "because: A friend of the cook" in page.words() and keeping not in page.text
    assert "Place in question" not in (await browser.get(roster)).words()
    # Asked for more years than it was kept for, it is a question again.
    role = await db.fetch_value("SELECT id FROM role WHERE title = 'Cook'")
    edit = f"/manage/roles/{role}"
    page = await browser.submit(await browser.get(edit), edit, minimum_age="21")
    assert page.path == here and "1 young person does not fit it any more" in page.words()
    doubt = await db.fetch_value("SELECT id FROM place_doubt WHERE kept_at IS NULL")
    page = await browser.submit(page, f"/manage/doubts/{doubt}/release")
    assert "is off this shift" in page.words() and "Nothing to decide" in page.words()


async def test_a_captain_keeps_places_names_somebody_and_returns_the_rest(db: Any, browsers: Any):
    shift = await a_shift(places=5, starts_at=clock.now() + timedelta(days=20))
    captain, sam = browsers(), browsers()
    await captain.sign_in_as((await a_person(name="Cap Captain")).id)
    await sam.sign_in_as((await a_person(name="Sam")).id)
    here = f"/shifts/{shift}/group"
    assert here in (await captain.get(f"/shifts/{shift}/booking")).links()
    page = await captain.submit(await captain.get(here), here, name="Acme", seats="6")
    assert page.field_error("kind")
    page = await captain.submit(page, here, kind="employer")
    assert "Only 5" in (page.field_error("seats") or "")
    page = await captain.submit(page, here, seats="4")
    mine = page.path
    page = await captain.submit(page, f"{mine}/seats", name="Sam", email="sam@example.org")
    seat = await db.fetch_value("SELECT id FROM group_seat")
    link = f"/seats/{signing.sign('group-seat', seat)}"
    assert "You have a place" in (await sam.submit(await sam.get(link), link)).words()
    page = await captain.submit(page, f"{mine}/return", seats="4")
    assert "3 places" in (page.field_error("seats") or "")
    page = await captain.submit(page, f"{mine}/return", seats="3")
    assert "1 taken, 0 named, 0 without a name" in page.words()
