"""The pages of the library, as a browser without JavaScript sees them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories import a_person, an_organisation
from tests.factories_things import (
    LIBRARY,
    a_day,
    a_loan,
    a_reservation,
    a_site,
    a_thing,
    overlaps,
)

from marketplace import clock, db
from marketplace.organisations.tables import Membership
from marketplace.things.categories import CATEGORIES

DAY = timedelta(days=1)
SATURDAY = a_day(5)
LONG = "Bartholomew Featherstonehaugh-Cholmondeley-Warner the Younger of Chelmsford"


@pytest.fixture
async def lender(db):
    return await an_organisation(name="Chelmer Library of Things")


@pytest.fixture
async def librarian(browsers, lender):
    person = await a_person(name="Lena Librarian")
    await Membership(organisation_id=lender.id, person_id=person.id, role="librarian").save()
    return await browsers().sign_in_as(person.id)


@pytest.fixture
async def site(lender):
    return await a_site(lender.id, week=LIBRARY)


@pytest.fixture
async def borrower(browsers):
    person = await a_person(name="Vera Borrower")
    signed_in = await browsers().sign_in_as(person.id)
    signed_in.person = person
    return signed_in


def days(thing, first, last=None):
    return f"/things/{thing}/reservation?first={first}&last={last or first}"


# --- from a draft to a returned unit


async def test_a_lender_lists_and_a_borrower_borrows_from_end_to_end(librarian, borrower, lender):
    page = await librarian.get(f"/manage/{lender.id}/sites/new")
    action = f"/manage/{lender.id}/sites/new"
    hours = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "9am to 5pm")
    page = await librarian.submit(
        page, action, name="Chelmsford Library", postcode="CM1 1QH", saturday="9-13", **hours
    )
    assert (page.status, "Site added." in page.words()) == (200, True)

    page = await librarian.get(f"/manage/{lender.id}/things/new")
    action = f"/manage/{lender.id}/things/new"
    page = await librarian.submit(
        page,
        action,
        title="Four-person tent",
        summary="Stands in ten minutes.",
        category="camping",
        max_days="3",
        terms="Bring it back dry.",
    )
    home = page.path
    assert "Add at least one unit" in page.words()
    for label in ("Tent A", "Tent B"):
        page = await librarian.submit(page, f"{home}/units", label=label, asset_code=f"{label} 1")
        assert f"{label} added." in page.words()
    page = await librarian.submit(page, f"{home}/publication")
    assert "Published." in page.words()

    thing = home.removeprefix("/manage/things/")
    page = await borrower.get("/things?q=tent&near=CM1")
    assert f"/things/{thing}" in page.links()
    page = await borrower.get(f"/things/{thing}?month={SATURDAY:%Y-%m}")
    assert f"/things/{thing}?first={SATURDAY}#days" in page.links()
    page = await borrower.get(f"/things/{thing}?first={SATURDAY}")
    monday = SATURDAY + 2 * DAY
    assert days(thing, SATURDAY, monday) in page.links()
    assert days(thing, SATURDAY, SATURDAY + DAY) not in page.links()  # closed on Sundays
    page = await borrower.get(days(thing, SATURDAY, monday))
    assert "Open 9am to 1pm" in page.words() and "Open 9am to 5pm" in page.words()
    page = await borrower.submit(page, f"/things/{thing}/reservation")
    assert page.field_error("agreed") == "Tick that you agree to the terms"
    page = await borrower.submit(page, f"/things/{thing}/reservation", agreed="yes")
    assert page.path == "/my/borrowing"
    assert "Reserved" in page.words()

    await collect_today()
    desk = f"/manage/{lender.id}/desk"
    page = await librarian.get(desk)
    assert "To collect" in page.words() and "Vera Borrower" in page.words()
    (handover,) = [link for link in page.links() if link.endswith("/handover")]
    page = await librarian.get(handover)
    page = await librarian.submit(page, handover, code="tent b 1", condition="A peg is missing")
    assert "Handed over: Tent B, to Vera Borrower" in page.words()
    assert "You have these" in (await borrower.get("/my/borrowing")).words()

    page = await librarian.get(f"{desk}?q=TENT B 1")  # scanned
    assert page.path.endswith("/return")
    assert "A peg is missing" in page.words()
    page = await librarian.submit(page, page.path, condition="needs_repair", note="Torn")
    assert "It is in repair" in page.words()
    assert "needs repair" in (await borrower.get("/my/borrowing")).words()
    page = await librarian.get(home)
    unit = await db.fetch_value("SELECT id FROM unit WHERE label = 'Tent B'")
    page = await librarian.submit(page, f"/manage/units/{unit}/state")
    assert "Tent B can be lent again." in page.words()


async def collect_today():
    """Let the only reservation begin today."""
    await db.execute(
        "UPDATE reservation SET first_day = {}, starts_at = now() - interval '1 minute'",
        clock.today(),
    )
    await db.execute("UPDATE occupancy SET blocked_from = now() - interval '1 minute'")


# --- the list


async def test_the_list_shows_the_distance_and_when_it_is_free(browser):
    await a_thing()
    page = await browser.get("/things?q=tent&near=CM1")
    assert page.status == 200
    tomorrow = clock.date_words(clock.today() + DAY)
    assert f"Free {tomorrow}, 2 of 2" in page.words()
    assert "miles" in page.words()


async def test_what_is_taken_for_long_says_so(browser):
    thing = await a_thing(units=1, max_days=30)
    await a_reservation(thing, first=clock.today() + DAY, last=clock.today() + 20 * DAY)
    assert "Nothing free in the next 14 days" in (await browser.get("/things")).words()


async def test_the_category_narrows_the_list_and_an_unknown_one_does_not(browser):
    await a_thing(title="Tent")
    await a_thing(title="Drill", category="tools")
    page = await browser.get("/things?category=tools")
    assert ("Drill" in page.words(), "Tent" in page.words()) == (True, False)
    assert "Tent" in (await browser.get("/things?category=nothing")).words()
    assert len(CATEGORIES) == len(re.findall("<option", page.text)) - 1 - 6


async def test_an_empty_list_leads_on(browser):
    page = await browser.get("/things?near=CM1&within=5&category=tools")
    assert any("within=10" in link for link in page.links())
    assert "Any category" in page.words()


@pytest.mark.parametrize("query", ["page=0", "within=-1", "q=%00", "first=nonsense"])
async def test_a_damaged_address_is_a_sentence(browser, query):
    address = f"/things/{await a_thing()}" if "first" in query else "/things"
    page = await browser.get(f"{address}?{query}")
    assert page.status == 400


async def test_a_fragment_is_answered_to_htmx_alone(browser):
    thing = await a_thing()
    for address in ("/things", f"/things/{thing}"):
        part = await browser.get(address, hx_request="true", hx_request_type="partial")
        whole = await browser.get(address, hx_request="true", hx_request_type="full")
        assert ("<html" in part.text, "<html" in whole.text) == (False, True)


@pytest.mark.parametrize("rows", [1, 30])
async def test_the_list_asks_the_database_three_times_at_most(browser, queries_run, rows):
    site = await a_site()
    for number in range(rows):
        await a_thing(site, title=f"Tent {number}")
    with queries_run() as counted:
        await browser.get("/things?q=tent&near=CM1")
    assert counted.count <= 3


# --- one thing


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("chosen", [False, True])
async def test_the_page_asks_the_database_five_times_at_most(borrower, queries_run, rows, chosen):
    thing = await a_thing(units=3)
    for number in range(rows):
        await a_reservation(thing, first=a_day() + number * DAY)
    query = f"?first={a_day(weeks=6)}" if chosen else ""
    with queries_run() as counted:
        assert (await borrower.get(f"/things/{thing}{query}")).status == 200
    assert counted.count <= 7  # the two of the session included


async def test_each_day_says_its_state_in_words(browser, site):
    thing = await a_thing(site, units=2, title="Tent")
    await a_reservation(thing, first=SATURDAY)
    for _ in range(2):
        await a_reservation(thing, first=SATURDAY - DAY)
    words = (await browser.get(f"/things/{thing}?month={SATURDAY:%Y-%m}")).words()
    assert f"{clock.date_words(SATURDAY)}: 1 of 2 free, open 10am to 4pm" in words
    if (SATURDAY - DAY).month == SATURDAY.month:
        assert f"{clock.date_words(SATURDAY - DAY)}: taken, open 10am to 4pm" in words
    if (SATURDAY + DAY).month == SATURDAY.month:
        assert f"{clock.date_words(SATURDAY + DAY)}: closed" in words


async def test_months_are_turned_by_address_within_what_can_be_reserved(browser):
    thing = await a_thing(ahead_days=80)
    first = (clock.today().replace(day=1) + timedelta(days=32)).replace(day=1)
    page = await browser.get(f"/things/{thing}")
    assert f"/things/{thing}?month={first:%Y-%m}#days" in page.links()
    page = await browser.get(f"/things/{thing}?month={first:%Y-%m}")
    assert f"{first:%B} {first.year}" in page.words()
    for month in ("2020-01", "2099-12", "nonsense"):
        page = await browser.get(f"/things/{thing}?month={month}")
        assert page.status == 200
    assert all("month=20" not in link or "2099" not in link for link in page.links())


@pytest.mark.parametrize("first", [clock.today() - DAY, clock.today() + 300 * DAY])
async def test_a_collection_day_out_of_bounds_is_asked_for_again(browser, first):
    thing = await a_thing()
    page = await browser.get(f"/things/{thing}?first={first}")
    assert "cannot be the collection day any more" in page.words()
    assert "Choose the day you collect it" in page.words()


async def test_a_thing_for_one_day_leads_straight_to_the_reservation(browser):
    thing = await a_thing(max_days=1)
    page = await browser.get(f"/things/{thing}?month={SATURDAY:%Y-%m}")
    assert days(thing, SATURDAY) in page.links()


async def test_a_draft_is_found_by_its_own_people_only(browser, librarian, site):
    thing = await a_thing(site, state="draft", units=0)
    assert (await browser.get(f"/things/{thing}")).status == 404
    assert "This is a draft" in (await librarian.get(f"/things/{thing}")).words()


async def test_a_withdrawn_thing_says_so(browser):
    page = await browser.get(f"/things/{await a_thing(state='withdrawn')}")
    assert "cannot be borrowed at the moment" in page.words()


# --- reserving


async def test_somebody_unknown_is_led_through_signing_in_back_to_the_days(browser):
    thing = await a_thing()
    page = await browser.get(days(thing, SATURDAY), follow=False)
    assert page.response.headers["location"].startswith("/sign-in?next=/things/")
    assert "first" in page.response.headers["location"]


async def test_all_reasons_are_shown_with_days_that_work(borrower, site):
    thing = await a_thing(site, max_days=2)
    page = await borrower.get(days(thing, SATURDAY + DAY, SATURDAY + 6 * DAY))
    words = page.words()
    assert "for 2 days at most" in words
    assert "Chelmsford Library is closed on Sundays" in words
    offered = [link for link in page.links() if "/reservation?" in link]
    assert offered
    for link in offered:
        assert "Reserve this" in (await borrower.get(link)).words()


async def test_what_was_taken_meanwhile_says_so_and_leads_on(borrower):
    thing = await a_thing(units=1)
    page = await borrower.get(days(thing, SATURDAY))
    await a_reservation(thing, first=SATURDAY)
    page = await borrower.submit(page, f"/things/{thing}/reservation")
    assert page.status == 409
    after = clock.date_words(SATURDAY + DAY)
    assert (
        f"This is not free on {clock.date_words(SATURDAY)}. Free again from {after}."
        in page.words()
    )
    assert await overlaps() == 0


async def test_whoever_goes_back_is_told_that_it_is_theirs(borrower):
    thing = await a_thing(units=1)
    page = await borrower.get(days(thing, SATURDAY))
    assert "already" not in page.words()
    await borrower.submit(page, f"/things/{thing}/reservation")
    page = await borrower.get(days(thing, SATURDAY))
    assert "You have reserved this already" in page.words()
    assert "/my/borrowing" in page.links()
    assert "already" not in (await borrower.get(days(thing, SATURDAY + 7 * DAY))).words()


async def test_a_double_click_is_answered_like_the_first(borrower):
    thing = await a_thing()
    page = await borrower.get(days(thing, SATURDAY))
    for _ in range(2):
        answer = await borrower.submit(page, f"/things/{thing}/reservation")
        assert (answer.status, answer.path) == (200, "/my/borrowing")
    assert await db.fetch_value("SELECT count(*) FROM reservation") == 1


@pytest.mark.parametrize("first", ["", "nonsense", "2026-02-30", "9999-99-99"])
async def test_without_days_people_are_sent_to_the_calendar(borrower, first):
    thing = await a_thing()
    page = await borrower.get(f"/things/{thing}/reservation?first={first}")
    assert page.path.startswith(f"/things/{thing}")
    page = await borrower.get(days(thing, SATURDAY))
    page = await borrower.submit(page, f"/things/{thing}/reservation", first=first)
    assert page.path.startswith(f"/things/{thing}")


async def test_a_group_can_be_chosen_and_a_strange_one_cannot(browsers):
    group = await an_organisation(name="Scouts")
    leader = await browsers().sign_in_as(group.owner.id)
    thing = await a_thing()
    page = await leader.get(days(thing, SATURDAY))
    action = f"/things/{thing}/reservation"
    wrong = await leader.submit(page, action, for_organisation=uuid4())
    assert wrong.field_error("for_organisation") == "Choose a group that you belong to"
    page = await leader.submit(wrong, action, for_organisation=group.id)
    assert "for Scouts" in page.words()


async def test_an_unconfirmed_address_is_told(browsers):
    one = await browsers().sign_in_as((await a_person(confirmed=False)).id)
    page = await one.get(days(await a_thing(), SATURDAY))
    assert "Confirm your e-mail address first" in page.words()


async def test_a_borrower_cancels_and_cannot_cancel_anothers(borrower, browsers):
    thing = await a_thing(title=LONG)
    id = await a_reservation(thing, borrower.person.id)
    page = await borrower.get("/my/borrowing")
    other = await browsers().sign_in_as((await a_person()).id)
    theirs = page.form(f"/reservations/{id}/cancellation").filled({})
    stolen = [pair for pair in theirs if pair[0] == "_key"]
    assert (await other.post(f"/reservations/{id}/cancellation", stolen)).status in {400, 403, 404}
    page = await borrower.submit(page, f"/reservations/{id}/cancellation")
    assert "It is free for others." in page.words()
    assert "You cancelled" in page.words()


async def test_ones_page_is_empty_at_first(borrower):
    assert "You have borrowed nothing yet" in (await borrower.get("/my/borrowing")).words()


@pytest.mark.parametrize("rows", [1, 30])
async def test_ones_page_asks_the_same_however_long(borrower, queries_run, rows):
    thing = await a_thing(units=1)
    for number in range(rows):
        await a_reservation(thing, borrower.person.id, first=a_day() + number * DAY)
    with queries_run() as counted:
        await borrower.get("/my/borrowing")
    assert counted.count <= 4  # the two of the session included


# --- the workspace


async def test_empty_pages_of_the_workspace_lead_on(librarian, lender):
    for room, said in (
        ("things", "Nothing listed yet"),
        ("sites", "No sites yet"),
        ("desk", "Nothing to do at the moment"),
    ):
        page = await librarian.get(f"/manage/{lender.id}/{room}")
        assert (page.status, said in page.words()) == (200, True), room


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("room", ["things", "sites", "desk"])
async def test_lists_of_the_workspace_ask_the_same_however_long(
    librarian, queries_run, lender, rows, room
):
    for _ in range(rows):
        thing = await a_thing(await a_site(lender.id), title=LONG)
        await a_reservation(thing, (await a_person(name=LONG)).id, first=clock.today())
    with queries_run() as counted:
        page = await librarian.get(f"/manage/{lender.id}/{room}")
    assert page.status == 200
    assert counted.count <= 6  # the session's, and the note that names were shown


async def test_what_is_wrong_with_a_thing_stands_beside_its_field(librarian, lender, site):
    action = f"/manage/{lender.id}/things/new"
    page = await librarian.get(action)
    page = await librarian.submit(
        page,
        action,
        title="",
        max_days="0",
        site_id=str(uuid4()),
        summary="x" * 301,
        ahead_days="9" * 14,
    )
    assert "must be" in page.field_error("ahead_days")
    assert page.status == 422
    assert page.field_error("title") == "Enter a title"
    assert page.field_error("max_days") == "The longest loan must be 1 or more"
    assert page.field_error("summary") == "The summary must be 300 characters or fewer"
    page = await librarian.submit(
        page,
        action,
        title="Tent",
        max_days="1",
        site_id=str(uuid4()),
        summary="",
        ahead_days="60",
    )
    assert page.field_error("site_id") == "Choose a site from the list"
    page = await librarian.submit(page, action, site_id="nonsense")
    assert page.field_error("site_id") == "Choose a site from the list"


async def test_a_published_thing_stays_complete_and_where_it_is(librarian, site, lender):
    thing = await a_thing(site)
    await a_reservation(thing)
    elsewhere = await a_site(lender.id, name="Elsewhere")
    action = f"/manage/things/{thing}/edit"
    page = await librarian.get(action)
    page = await librarian.submit(page, action, site_id="")
    assert page.field_error("site_id") == "Choose a site: people can see this already"
    page = await librarian.submit(page, action, site_id=elsewhere)
    assert "reserved it at its present site" in (page.field_error("site_id") or "")
    page = await librarian.submit(page, action, site_id=site, title="Big tent")
    assert "Saved." in page.words() and "Big tent" in page.words()


async def test_a_draft_of_an_unapproved_lender_is_kept(librarian, lender, site):
    thing = await a_thing(site, state="draft")
    await db.execute("UPDATE organisation SET state = 'submitted'")
    page = await librarian.get(f"/manage/things/{thing}")
    assert "is not approved yet" in page.words()


async def test_a_withdrawn_thing_leaves_the_list(librarian, browser, site):
    thing = await a_thing(site)
    page = await librarian.get(f"/manage/things/{thing}")
    await librarian.submit(page, f"/manage/things/{thing}/withdrawal")
    assert "Four-person tent" not in (await browser.get("/things")).words()


async def test_hours_that_cannot_be_read_are_said_and_kept(librarian, site):
    page = await librarian.get(f"/manage/sites/{site}")
    page = await librarian.submit(page, f"/manage/sites/{site}", monday="sometimes")
    assert (page.field_error("monday") or "").startswith("Write the hours such as")
    assert 'value="sometimes"' in page.text
    page = await librarian.submit(
        page, f"/manage/sites/{site}", monday="10-1pm, 14-17", postcode="ZZ9 9ZZ"
    )
    assert "We do not know that postcode" in (page.field_error("postcode") or "")
    page = await librarian.submit(page, f"/manage/sites/{site}", postcode="CM1 1QH")
    assert 'value="10am to 1pm, 2pm to 5pm"' in page.text


async def test_days_are_closed_and_opened_again(librarian, site, browser):
    thing = await a_thing(site)
    await a_reservation(thing, first=SATURDAY)
    page = await librarian.get(f"/manage/sites/{site}")
    action = f"/manage/sites/{site}/days"
    page = await librarian.submit(page, action, first=SATURDAY, last=SATURDAY + DAY, note="Fête")
    assert "1 reservation begins or ends on these days" in page.words()
    words = (await browser.get(f"/things/{thing}?month={SATURDAY:%Y-%m}")).words()
    assert f"{clock.date_words(SATURDAY)}: closed" in words
    page = await librarian.submit(page, f"{action}/removal", day=SATURDAY)
    assert "has its usual hours again" in page.words()
    for wrong, field in (
        ({"first": SATURDAY, "last": SATURDAY - DAY}, "last"),
        ({"first": clock.today() - DAY}, "first"),
        ({"first": ""}, "first"),
        ({"first": SATURDAY, "hours": "never"}, "hours"),
    ):
        answer = await librarian.submit(page, action, **wrong)
        assert answer.field_error(field), wrong


async def test_a_code_used_twice_stands_beside_its_field(librarian, site):
    thing = await a_thing(site)
    code = await db.fetch_value("SELECT asset_code FROM unit WHERE label = 'Unit A'")
    page = await librarian.get(f"/manage/things/{thing}")
    page = await librarian.submit(
        page, f"/manage/things/{thing}/units", label="Unit Z", asset_code=code
    )
    assert "Another unit has this code" in (page.field_error("asset_code") or "")


async def test_a_unit_is_renamed_and_retired(librarian, site):
    thing = await a_thing(site)
    unit = await db.fetch_value("SELECT id FROM unit WHERE label = 'Unit A'")
    page = await librarian.get(f"/manage/units/{unit}/edit")
    page = await librarian.submit(page, f"/manage/units/{unit}/edit", label="The green one")
    assert "The green one" in page.words()
    page = await librarian.get(f"/manage/units/{unit}/edit")
    page = await librarian.submit(page, f"/manage/units/{unit}/state")
    assert "The green one is retired." in page.words()
    assert page.path == f"/manage/things/{thing}"


# --- the desk


async def test_the_desk_finds_people_and_says_when_there_is_nobody(librarian, lender, site):
    await a_loan(await a_thing(site, title=LONG), (await a_person(name=LONG)).id)
    page = await librarian.get(f"/manage/{lender.id}/desk?q=featherstone")
    assert "Found for “featherstone”" in page.words()
    page = await librarian.get(f"/manage/{lender.id}/desk?q=<b>nobody")
    assert "Nothing found for “<b>nobody”" in page.words()


async def test_a_scanned_unit_that_nobody_has_is_named(librarian, lender, site):
    thing = await a_thing(site)
    code = await db.fetch_value("SELECT asset_code FROM unit WHERE label = 'Unit A'")
    page = await librarian.get(f"/manage/{lender.id}/desk?q={code.lower()}")
    assert f"Unit A ({code}) is not lent out" in page.words()
    assert f"/manage/things/{thing}" in page.links()


async def test_a_return_asks_how_it_came_back(librarian, site):
    id = await a_loan(await a_thing(site))
    page = await librarian.get(f"/manage/reservations/{id}/return")
    page = await librarian.submit(page, f"/manage/reservations/{id}/return", condition="")
    assert page.field_error("condition") == "Choose whether it is good, needs repair or is lost"
    page = await librarian.submit(page, f"/manage/reservations/{id}/return", condition="lost")
    assert "The loan is over." in page.words()


async def test_a_reservation_without_a_unit_is_decided_with_a_reason(librarian, lender):
    thing = await a_thing(await a_site(lender.id), units=1)
    id = await a_reservation(thing)
    unit = await db.fetch_value("SELECT id FROM unit")
    page = await librarian.get(f"/manage/things/{thing}")
    page = await librarian.submit(page, f"/manage/units/{unit}/state")
    assert "1 reservation has no unit now" in page.words()
    page = await librarian.get(f"/manage/{lender.id}/desk")
    assert "Need a decision" in page.words()
    action = f"/manage/reservations/{id}/cancellation"
    page = await librarian.get(action)
    page = await librarian.submit(page, action)
    assert page.field_error("reason") == "Enter the reason, which the borrower reads"
    page = await librarian.submit(page, action, reason="It broke, sorry.")
    assert "is told the reason" in page.words()


async def test_what_is_over_has_no_button_at_the_desk(librarian, lender):
    thing = await a_thing(await a_site(lender.id))
    id = await a_reservation(thing)
    await db.execute(
        "UPDATE reservation SET state = 'cancelled', cancelled_by = 'borrower' WHERE id = {}", id
    )
    for verb in ("handover", "return", "cancellation"):
        page = await librarian.get(f"/manage/reservations/{id}/{verb}")
        assert "This is cancelled, so there is nothing to" in page.words()


async def test_what_a_colleague_did_meanwhile_is_said_at_the_desk(librarian, site):
    id = await a_loan(await a_thing(site))
    action = f"/manage/reservations/{id}/return"
    mine, theirs = await librarian.get(action), await librarian.get(action)
    await librarian.submit(theirs, action)
    page = await librarian.submit(mine, action)
    assert page.status == 409
    assert "This is returned, so there is nothing to take back." in page.words()
    assert f"/manage/{(await db.fetch_value('SELECT organisation_id FROM unit LIMIT 1'))}/desk" in (
        page.links()
    )


async def test_not_collected_is_said_from_the_next_day(librarian, lender):
    thing = await a_thing(await a_site(lender.id))
    await a_reservation(thing, first=clock.today() - DAY, last=clock.today() + DAY)
    page = await librarian.get(f"/manage/{lender.id}/desk")
    (action,) = [f.action for f in page.forms() if f.action.endswith("/absence")]
    # One press beside "Hand over" does not end it: the button is folded away under a question.
    (question,) = [each for each in page.all("details") if each.get("class") == "ask"]
    assert action in [each.get("action") for each in question.iter()]
    page = await librarian.submit(page, action)
    assert "Not collected: Four-person tent" in page.words()


async def test_outsiders_do_not_know_of_the_desk(borrower, lender, site):
    id = await a_loan(await a_thing(site))
    for path in (f"/manage/{lender.id}/desk", f"/manage/reservations/{id}/return"):
        assert (await borrower.get(path)).status == 404
