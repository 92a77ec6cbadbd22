"""The pages of volunteering, as a browser without JavaScript sees them."""

from datetime import timedelta

import pytest
from tests.factories import (
    a_booking,
    a_person,
    a_shift,
    an_offer,
    an_opportunity,
    an_organisation,
)

from marketplace import clock, db, signing
from marketplace.organisations.rules import State as OrganisationState
from marketplace.volunteering.bookings.operations import LINK_PURPOSE


@pytest.fixture
async def organisation(db):
    return await an_organisation(name="Chelmer Gardeners")


@pytest.fixture
async def coordinator(browsers, organisation):
    return await browsers().sign_in_as(organisation.owner.id)


@pytest.fixture
async def volunteer(browsers):
    person = await a_person(name="Vera Volunteer")
    signed_in = await browsers().sign_in_as(person.id)
    signed_in.person = person
    return signed_in


FIELDS = {
    "title": "Garden helper",
    "summary": "Weed and plant.",
    "postcode": "CM1 1AA",
    "contact_name": "Priya Shah",
    "minimum_age": "18",
}


# --- the list


async def test_the_list_shows_the_distance_and_the_places_left(browser):
    await a_shift(await an_opportunity(), places=3)
    page = await browser.get("/opportunities?q=gardening&near=CM1")
    assert page.status == 200
    assert "Garden helper" in page.words()
    assert "miles" in page.words()
    assert "3 places left" in page.words()


async def test_a_misspelt_word_is_corrected_and_said(browser):
    await a_shift(await an_opportunity(title="Gardening with friends"))
    page = await browser.get("/opportunities?q=gardning")
    assert "Gardening with friends" in page.words()
    assert "instead of gardning" in page.words()


async def test_a_place_typed_into_the_one_box_is_taken_apart(browser):
    await a_shift(await an_opportunity(title="Gardening"))
    page = await browser.get("/opportunities?q=gardening+near+CM1")
    assert "nearest CM1 first" in page.words()


async def test_an_unknown_place_says_so_and_searches_without(browser):
    await a_shift(await an_opportunity())
    page = await browser.get("/opportunities?near=Atlantis")
    assert page.status == 200
    assert "We do not know “Atlantis”" in page.text
    assert "Garden helper" in page.words()


async def test_the_place_is_remembered(browser):
    await a_shift(await an_opportunity())
    await browser.get("/opportunities?near=CM1")
    assert 'value="CM1"' in (await browser.get("/opportunities")).text


async def test_nothing_near_offers_a_wider_circle(browser):
    page = await browser.get("/opportunities?near=CM1&within=5")
    assert any("within=10" in link for link in page.links())


async def test_the_filters_narrow_the_list(browser):
    tomorrow = clock.now() + timedelta(days=1)
    await a_shift(await an_opportunity(title="In the garden"), starts_at=tomorrow)
    home = await an_opportunity(title="By phone", remote=True, causes=["health"])
    await a_shift(home, starts_at=clock.now() + timedelta(days=30))
    for query, there, gone in (
        ("remote=yes", "By phone", "In the garden"),
        ("cause=health", "By phone", "In the garden"),
        ("when=week", "In the garden", "By phone"),
    ):
        page = await browser.get(f"/opportunities?{query}")
        assert there in page.words(), query
        assert gone not in page.words(), query


@pytest.mark.parametrize("query", ["cause=nothing", "when=never", "within=", "page=1", "cause="])
async def test_a_filter_we_do_not_know_narrows_nothing(browser, query):
    await a_shift(await an_opportunity())
    page = await browser.get(f"/opportunities?{query}")
    assert (page.status, "Garden helper" in page.words()) == (200, True)


@pytest.mark.parametrize("query", ["page=0", "page=99999999999999999999", "within=-1", "q=%00"])
async def test_a_damaged_address_is_a_sentence(browser, query):
    assert (await browser.get(f"/opportunities?{query}")).status == 400


async def test_a_fragment_is_answered_to_htmx_alone(browser):
    await a_shift(await an_opportunity())
    part = await browser.get("/opportunities", hx_request="true", hx_request_type="partial")
    whole = await browser.get("/opportunities", hx_request="true", hx_request_type="full")
    assert "<html" not in part.text
    assert "<html" in whole.text
    assert "Garden helper" in part.text


@pytest.mark.parametrize("rows", [1, 30])
async def test_the_list_asks_the_database_three_times_at_most(browser, queries_run, rows):
    for number in range(rows):
        await a_shift(await an_opportunity(title=f"Garden helper {number}"))
    with queries_run() as counted:
        await browser.get("/opportunities?q=garden&near=CM1")
    assert counted.count <= 3


# --- one opportunity


@pytest.mark.parametrize("rows", [1, 30])
async def test_the_page_asks_the_database_eleven_times_at_most(volunteer, queries_run, rows):
    id = await an_opportunity()
    for number in range(rows):
        await a_shift(id, starts_at=clock.now() + timedelta(days=number + 1))
    with queries_run() as counted:
        await volunteer.get(f"/opportunities/{id}")
    assert counted.count <= 11  # the session's included, and what a role asks of its volunteers


async def test_somebody_unknown_is_led_through_joining_back_to_the_shift(browser):
    id = await an_opportunity()
    shift = await a_shift(id)
    page = await browser.get(f"/opportunities/{id}")
    assert f"/sign-up?next=/shifts/{shift}/booking" in page.links()


async def test_a_full_shift_says_so_and_has_no_button(volunteer):
    id = await an_opportunity()
    shift = await a_shift(id, places=1)
    await a_booking(shift)
    page = await volunteer.get(f"/opportunities/{id}")
    assert "Full" in page.words()
    assert f"/shifts/{shift}/booking" not in page.links()


async def test_a_draft_of_a_draft_leads_to_the_approval_it_waits_for(browsers, db):
    organisation = await an_organisation(state=OrganisationState.DRAFT)
    browser = await browsers().sign_in_as(organisation.owner.id)
    opportunity = await an_opportunity(organisation.id, state="draft")
    await a_shift(opportunity)
    page = await browser.get(f"/manage/opportunities/{opportunity}")
    assert f"Send {organisation.name} for approval" in page.words()


async def test_a_draft_is_found_by_its_own_people_only(browser, coordinator, organisation):
    id = await an_opportunity(organisation.id, state="draft")
    assert (await browser.get(f"/opportunities/{id}")).status == 404
    assert "This is a draft" in (await coordinator.get(f"/opportunities/{id}")).words()


@pytest.mark.parametrize(
    ("state", "words"), [("closed", "takes no more bookings"), ("cancelled", "was cancelled")]
)
async def test_an_opportunity_that_is_over_says_so(browser, state, words):
    id = await an_opportunity(state=state)
    page = await browser.get(f"/opportunities/{id}")
    assert (page.status, words in page.words()) == (200, True)


async def test_somebody_with_an_unconfirmed_address_is_told(browsers):
    person = await a_person(confirmed=False)
    one = await browsers().sign_in_as(person.id)
    id = await an_opportunity()
    shift = await a_shift(id)
    assert "Confirm your e-mail address" in (await one.get(f"/opportunities/{id}")).words()
    assert "Confirm your e-mail address" in (await one.get(f"/shifts/{shift}/booking")).words()


# --- booking


async def test_a_volunteer_books_and_sees_it(volunteer):
    id = await an_opportunity()
    shift = await a_shift(id)
    page = await volunteer.get(f"/shifts/{shift}/booking")
    page = await volunteer.submit(page, f"/shifts/{shift}/booking")
    assert page.path == f"/opportunities/{id}"
    assert "You have a place" in page.words()
    assert "Garden helper" in (await volunteer.get("/my/volunteering")).words()


async def test_a_double_click_is_answered_like_the_first(volunteer):
    shift = await a_shift()
    page = await volunteer.get(f"/shifts/{shift}/booking")
    for _ in range(2):
        answer = await volunteer.submit(page, f"/shifts/{shift}/booking")
        assert answer.status == 200
    assert await db.fetch_value("SELECT taken FROM shift") == 1


async def test_the_age_is_asked_for_beside_its_box(volunteer):
    shift = await a_shift(await an_opportunity(minimum_age=18))
    address = f"/shifts/{shift}/booking"
    page = await volunteer.submit(await volunteer.get(address), address)
    assert page.status == 422
    assert "18 or over" in (page.field_error("old_enough") or "")
    page = await volunteer.submit(page, address, old_enough="yes")
    assert page.status == 200


async def test_a_place_lost_meanwhile_is_a_sentence(volunteer):
    shift = await a_shift(places=1)
    address = f"/shifts/{shift}/booking"
    page = await volunteer.get(address)
    await a_booking(shift)
    page = await volunteer.submit(page, address)
    assert (page.status, "That shift is full" in page.words()) == (409, True)


async def test_a_full_shift_offers_another_day(volunteer):
    id = await an_opportunity()
    shift = await a_shift(id, places=1)
    other = await a_shift(id, starts_at=clock.now() + timedelta(days=9))
    await a_booking(shift)
    page = await volunteer.get(f"/shifts/{shift}/booking")
    assert f"/shifts/{other}/booking" in page.links()


async def test_a_place_is_given_back(volunteer):
    shift = await a_shift()
    booking = await a_booking(shift, volunteer.person.id)
    page = await volunteer.get("/my/volunteering")
    page = await volunteer.submit(page, f"/bookings/{booking}/cancellation")
    assert "Cancelled: Garden helper" in page.words()


async def test_somebody_elses_place_is_not_found(volunteer):
    page = await volunteer.get("/my/volunteering")
    fields = page.form("/sign-out").fields
    answer = await volunteer.post(f"/bookings/{await a_booking()}/cancellation", fields)
    assert answer.status == 404


async def test_a_link_in_a_message_opens_a_page_whose_button_cancels(browser):
    booking = await a_booking()
    address = f"/bookings/cancel/{signing.sign(LINK_PURPOSE, booking)}"
    page = await browser.get(address)
    assert await db.fetch_value("SELECT state FROM booking") == "confirmed"
    page = await browser.submit(page, address)
    assert "Your place is cancelled" in page.words()


async def test_a_damaged_link_is_a_sentence(browser):
    page = await browser.get("/bookings/cancel/nonsense")
    assert (page.status, "not complete" in page.words()) == (404, True)


async def test_who_has_no_shifts_is_led_to_some(volunteer):
    page = await volunteer.get("/my/volunteering")
    assert "You have no shifts yet" in page.words()


# --- the workspace


async def test_a_coordinator_writes_publishes_and_adds_shifts(coordinator, organisation, browser):
    new = f"/manage/{organisation.id}/opportunities/new"
    page = await coordinator.submit(await coordinator.get(new), new, **FIELDS)
    home = page.path
    assert "Add at least one shift" in page.words()
    day = str(clock.today() + timedelta(days=7))
    page = await coordinator.submit(
        await coordinator.get(f"{home}/shifts"),
        f"{home}/shifts",
        day=day,
        start="10:00",
        end="12:30",
        places="4",
    )
    assert "Shift added" in page.words()
    page = await coordinator.submit(page, f"{home}/publication")
    assert "Published" in page.words()
    assert "Garden helper" in (await browser.get("/opportunities?q=garden")).words()


async def test_a_title_is_needed_and_nothing_typed_is_lost(coordinator, organisation):
    new = f"/manage/{organisation.id}/opportunities/new"
    page = await coordinator.get(new)
    page = await coordinator.submit(page, new, title="", summary="Weed and plant.")
    assert (page.status, page.field_error("title")) == (422, "Enter a title")
    assert "Weed and plant." in page.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 121),
        ("title", "a\x00b"),
        ("summary", "x" * 301),
        ("description", "x" * 5001),
        ("minimum_age", "999"),
        ("minimum_age", "99999999999999"),
        ("where", "the moon"),
        ("causes", ["x"] * 41),
        ("postcode", "ZZ99 9ZZ"),
    ],
    ids=lambda value: str(value)[:12].replace("\x00", "NUL"),
)
async def test_a_field_beyond_its_bounds_is_refused_in_place(
    coordinator, organisation, field, value
):
    new = f"/manage/{organisation.id}/opportunities/new"
    page = await coordinator.submit(await coordinator.get(new), new, **(FIELDS | {field: value}))
    assert page.status == 422
    assert "There is something to put right" in page.words()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"day": "2027-02-29"}, "day"),
        ({"day": "2020-01-01"}, "day"),
        ({"start": "12:00", "end": "10:00"}, "end"),
        ({"day": "2027-03-28", "start": "01:30"}, "start"),
        ({"places": "0"}, "places"),
        ({"places": "many"}, "places"),
        ({"start": "25:00"}, "start"),
    ],
    ids=str,
)
async def test_a_wrong_shift_is_refused_beside_its_field(coordinator, organisation, fields, wrong):
    id = await an_opportunity(organisation.id)
    address = f"/manage/opportunities/{id}/shifts"
    day = str(clock.today() + timedelta(days=7))
    given = {"day": day, "start": "10:00", "end": "12:00", "places": "4"} | fields
    page = await coordinator.submit(await coordinator.get(address), address, **given)
    assert page.status == 422
    assert page.field_error(wrong)


async def test_the_coordinators_pages_in_every_state(coordinator, organisation):
    listing = f"/manage/{organisation.id}/opportunities"
    assert "Nothing posted yet" in (await coordinator.get(listing)).words()
    for state in ("draft", "open", "closed", "cancelled"):
        id = await an_opportunity(organisation.id, state=state)
        await a_booking(await a_shift(id, places=1))
        await a_shift(id, starts_at=clock.now() - timedelta(days=2))
        for address in ("", "/edit", "/shifts", "/cancellation"):
            page = await coordinator.get(f"/manage/opportunities/{id}{address}")
            assert page.status == 200, address
        assert (await coordinator.get(f"/opportunities/{id}")).status == 200
    assert "1 of 1 taken" in (await coordinator.get(listing)).words()


async def test_cancelling_a_shift_says_who_is_affected_and_asks_once(coordinator, organisation):
    shift = await a_shift(await an_opportunity(organisation.id))
    await a_booking(shift)
    address = f"/manage/shifts/{shift}/cancellation"
    page = await coordinator.get(address)
    assert "1 person has a place" in page.words()
    page = await coordinator.submit(page, address)
    assert "1 person is told by e-mail" in page.words()


async def test_a_shift_is_edited(coordinator, organisation):
    shift = await a_shift(await an_opportunity(organisation.id))
    address = f"/manage/shifts/{shift}/edit"
    page = await coordinator.submit(await coordinator.get(address), address, places="9")
    assert page.status == 200
    assert await db.fetch_value("SELECT places FROM shift") == 9


async def test_attendance_and_hours_on_the_roster(coordinator, organisation):
    shift = await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(hours=3)
    )
    booking = await a_booking(shift, (await a_person(name="Vera Volunteer")).id)
    roster = f"/manage/shifts/{shift}"
    page = await coordinator.get(roster)
    assert "Vera Volunteer" in page.words()
    page = await coordinator.submit(page, f"{roster}/attendance")
    assert "Came" in page.words()
    page = await coordinator.submit(
        page, f"/manage/bookings/{booking}/hours", hours="1", minutes="45"
    )
    assert "1 hour 45 minutes confirmed" in page.words()


async def test_impossible_hours_are_refused_on_the_roster(coordinator, organisation):
    shift = await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(hours=3)
    )
    booking = await a_booking(shift)
    roster = f"/manage/shifts/{shift}"
    page = await coordinator.submit(await coordinator.get(roster), f"{roster}/attendance")
    address = f"/manage/bookings/{booking}/hours"
    for hours, minutes in (("0", "0"), ("99", "0"), ("one", "0")):
        refused = await coordinator.submit(page, address, hours=hours, minutes=minutes)
        assert refused.status == 422
        assert refused.field_error("minutes")


@pytest.mark.parametrize("mark", ["", "promoted"])
async def test_a_mark_that_is_none_is_a_sentence(coordinator, organisation, mark):
    shift = await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(hours=3)
    )
    await a_booking(shift)
    roster = f"/manage/shifts/{shift}"
    page = await coordinator.submit(
        await coordinator.get(roster), f"{roster}/attendance", mark=mark
    )
    assert page.status == 400


async def test_a_volunteer_sees_no_roster(volunteer):
    assert (await volunteer.get(f"/manage/shifts/{await a_shift()}")).status == 403


# --- waiting for a place


@pytest.fixture
async def full(organisation):
    """A shift of one place that Anna has."""
    shift = await a_shift(await an_opportunity(organisation.id), places=1)
    anna = await a_person(name="Anna Adeyemi")
    return shift, anna, await a_booking(shift, anna.id)


async def test_a_full_shift_is_waited_for_offered_and_taken(volunteer, browsers, full):
    shift, anna, booking = full
    page = await volunteer.get(f"/shifts/{shift}/booking")
    assert f"/shifts/{shift}/waiting" in page.links()
    page = await volunteer.get(f"/shifts/{shift}/waiting")
    page = await volunteer.submit(page, f"/shifts/{shift}/waiting")
    assert "You are number 1 on the list" in page.words()
    theirs = await browsers().sign_in_as(anna.id)
    await theirs.submit(await theirs.get("/my/volunteering"), f"/bookings/{booking}/cancellation")
    page = await volunteer.get("/my/volunteering")
    (offer,) = [link for link in page.links() if link.startswith("/my/offers/")]
    page = await volunteer.submit(await volunteer.get(offer), offer, answer="accept")
    assert "The place is yours" in page.words()
    assert "You have a place" in (await volunteer.get("/my/volunteering")).words()


async def test_an_offer_is_answered_by_its_link_without_signing_in(browser, db):
    person = await a_person()
    offer = await an_offer(await a_shift(places=1), person)
    address = f"/shift-offers/{signing.sign('shift-offer', offer)}"
    page = await browser.get(address)
    assert "A place is free for you" in page.words()
    page = await browser.submit(page, address, answer="decline")
    assert "You let this place go" in page.words()
    # Whoever opens the message again reads what became of it.
    assert "You let this place go" in (await browser.get(address)).words()


async def test_an_offer_that_has_run_out_says_so_before_anybody_noted_it(browser, db):
    offer = await an_offer(await a_shift(places=1), await a_person())
    await db.execute("UPDATE offer_entry SET expires_at = now() WHERE id = {}", offer)
    page = await browser.get(f"/shift-offers/{signing.sign('shift-offer', offer)}")
    assert "This offer has run out" in page.words()


async def test_an_offer_says_what_is_to_be_done_first(volunteer, db):
    start = clock.now() + timedelta(days=7)
    offer = await an_offer(await a_shift(places=1, starts_at=start), volunteer.person)
    await a_booking(await a_shift(starts_at=start), volunteer.person.id)
    page = await volunteer.get(f"/my/offers/{offer}")
    assert "Before you can take this place" in page.words()
    assert "Take the place" not in page.words()


async def test_the_page_of_an_opportunity_says_who_waits_and_what_is_kept(volunteer, browser, db):
    opportunity = await an_opportunity()
    shift = await a_shift(opportunity, places=1)
    offer = await an_offer(shift, volunteer.person)
    page = await volunteer.get(f"/opportunities/{opportunity}")
    assert f"/my/offers/{offer}" in page.links()
    # Somebody unknown is led through joining to the list.
    page = await browser.get(f"/opportunities/{opportunity}")
    assert f"/sign-up?next=/shifts/{shift}/waiting" in page.links()


async def test_a_coordinator_chooses_who_gets_a_place(coordinator, volunteer, full):
    shift, _, booking = full
    page = await volunteer.get(f"/shifts/{shift}/waiting")
    await volunteer.submit(page, f"/shifts/{shift}/waiting")
    home = f"/manage/shifts/{shift}"
    page = await coordinator.get(f"{home}/waitlist")
    page = await coordinator.submit(page, f"{home}/waitlist", mode="choose")
    page = await coordinator.get(f"/manage/bookings/{booking}/removal")
    page = await coordinator.submit(
        page, f"/manage/bookings/{booking}/removal", reason="Too few gloves."
    )
    assert "Anna Adeyemi is off this shift" in page.words()
    page = await coordinator.submit(await coordinator.get(f"{home}/waitlist"), f"{home}/offers")
    assert "Has an offer" in page.words()


async def test_taking_somebody_off_asks_why(coordinator, full):
    *_, booking = full
    address = f"/manage/bookings/{booking}/removal"
    page = await coordinator.submit(await coordinator.get(address), address)
    assert (page.status, "Say why" in (page.field_error("reason") or "")) == (422, True)


async def test_a_coordinator_asks_why_somebody_cannot_book(coordinator, full):
    shift, anna, _ = full
    page = await coordinator.get(f"/manage/shifts/{shift}/eligibility?person={anna.id}")
    assert "You have a place on this shift already" in page.words()
