"""The town in a real database: every constraint holds, the index agrees, nobody gets mail."""

import json

import pytest
from tests.browser import Browser
from tests.factories import a_person
from tests.factories_things import overlaps

from marketplace import clock, settings
from marketplace.accounts import passwords
from marketplace.app import create_app
from marketplace.demo import built, people, seed
from marketplace.demo.claims import CODE
from marketplace.demo.town import make_town
from marketplace.errors import CommandError
from marketplace.grants.applications.eligibility import candidates
from marketplace.grants.rounds import queries as rounds
from marketplace.organisations import register


@pytest.fixture(scope="module")
def rows():
    return make_town(clock.now(), passwords.HASHER.hash(people.PASSWORD))


# One test, because loading the town takes longer than asking it everything.
async def test_the_town_is_consistent(db, rows):
    await seed.load(rows)
    await built.analyse()
    await _bookings_and_hours_agree(db)
    await _listings_are_the_open_opportunities_of_approved_organisations(db)
    await _listings_are_what_can_be_borrowed_and_applied_for(db)
    await _no_unit_is_promised_twice_and_a_broken_one_is_blocked_for_good(db)
    await _money_adds_up(db)
    await _whoever_applied_was_allowed_to(db)
    await _no_jobs_wait_for_a_past_that_never_was(db)
    await _its_charities_are_in_the_register_beside_the_sample(db)
    await _the_password_that_is_printed_is_the_password(db)


async def _bookings_and_hours_agree(db):
    wrong = await db.fetch_value(
        "SELECT count(*) FROM shift s WHERE s.taken <> (SELECT count(*) FROM booking b"
        " WHERE b.shift_id = s.id AND b.state <> 'cancelled')"
    )
    assert wrong == 0
    unfounded = await db.fetch_value(
        "SELECT count(*) FROM hours h JOIN booking b ON b.id = h.booking_id"
        " WHERE b.state <> 'attended' OR b.person_id <> h.person_id"
    )
    assert unfounded == 0
    elsewhere = await db.fetch_value(
        "SELECT count(*) FROM booking b JOIN shift s ON s.id = b.shift_id"
        " JOIN opportunity o ON o.id = s.opportunity_id"
        " WHERE b.period <> tstzrange(s.starts_at, s.ends_at)"
        " OR b.organisation_id <> o.organisation_id"
    )
    assert elsewhere == 0


async def _listings_are_the_open_opportunities_of_approved_organisations(db):
    listed = {r["id"] for r in await db.fetch("SELECT id FROM listing WHERE kind = 'opportunity'")}
    public = {
        row["id"]
        for row in await db.fetch(
            "SELECT o.id FROM opportunity o JOIN organisation g ON g.id = o.organisation_id"
            " WHERE o.state = 'open' AND g.state = 'approved' AND o.faded_at IS NULL"
            "  AND (o.timing <> 'shifts' OR EXISTS (SELECT FROM shift s"
            "   WHERE s.opportunity_id = o.id AND s.state = 'planned' AND s.starts_at > now()))"
        )
    }
    assert listed == public and len(listed) >= 300
    organisations = await db.fetch_value("SELECT count(*) FROM listing WHERE kind = 'organisation'")
    approved = await db.fetch_value("SELECT count(*) FROM organisation WHERE state = 'approved'")
    assert organisations == approved >= 60


async def _listings_are_what_can_be_borrowed_and_applied_for(db):
    listed = {r["id"] for r in await db.fetch("SELECT id FROM listing WHERE kind = 'thing'")}
    things = await db.fetch("SELECT id FROM thing WHERE state = 'published'")
    assert listed == {row["id"] for row in things} and len(listed) >= 250
    listed = {r["id"] for r in await db.fetch("SELECT id FROM listing WHERE kind = 'fund'")}
    funds = await db.fetch(
        "SELECT id FROM fund f WHERE state = 'open' AND EXISTS (SELECT FROM round r"
        " WHERE r.fund_id = f.id AND r.state = 'published' AND r.deadline > now())"
    )
    assert listed == {row["id"] for row in funds} and len(listed) >= 5


async def _no_unit_is_promised_twice_and_a_broken_one_is_blocked_for_good(db):
    assert await overlaps() == 0
    wrong = await db.fetch_value(
        "SELECT count(*) FROM unit u WHERE (u.state = 'in_repair') <> EXISTS (SELECT FROM"
        " occupancy o WHERE o.unit_id = u.id AND o.state = 'blocked' AND o.reason = 'repair'"
        " AND o.blocked_until = 'infinity')"
    )
    assert wrong == 0
    elsewhere = await db.fetch_value(
        "SELECT count(*) FROM occupancy o JOIN unit u ON u.id = o.unit_id"
        " LEFT JOIN reservation r ON r.id = o.reservation_id"
        " WHERE u.thing_id <> o.thing_id OR r.thing_id <> o.thing_id"
        " OR r.organisation_id <> u.organisation_id"
    )
    assert elsewhere == 0


async def _money_adds_up(db):
    wrong = await db.fetch_value(
        "SELECT count(*) FROM round r WHERE r.committed <> (SELECT coalesce(sum(c.amount), 0)"
        " FROM commitment c WHERE c.round_id = r.id) OR r.committed > r.budget"
    )
    assert wrong == 0
    wrong = await db.fetch_value(
        "SELECT count(*) FROM award w JOIN application a ON a.id = w.application_id"
        " JOIN round r ON r.id = w.round_id JOIN fund f ON f.id = r.fund_id"
        " WHERE (w.published_at IS NOT NULL) <> (r.state = 'decided') OR a.round_id <> r.id"
        " OR w.fund_id <> f.id OR w.funder_id <> f.organisation_id"
    )
    assert wrong == 0
    assert await db.fetch_value("SELECT count(*) FROM award WHERE published_at IS NOT NULL") >= 20
    wrong = await db.fetch_value(
        "SELECT count(*) FROM application WHERE (snapshot IS NULL) <> (submitted_at IS NULL)"
    )
    assert wrong == 0


async def _whoever_applied_was_allowed_to(db):
    for round in await db.fetch("SELECT id FROM round WHERE state <> 'draft'"):
        rules = (await rounds.asked_in(round["id"])).rules
        applied = await db.fetch(
            "SELECT organisation_id FROM application WHERE round_id = {}", round["id"]
        )
        applicants = [row["organisation_id"] for row in applied]
        for found in await candidates(applicants, round["id"], rules, today=clock.today()):
            assert found.eligibility.fits, (found.name, found.eligibility.reasons)


async def _no_jobs_wait_for_a_past_that_never_was(db):
    assert await db.fetch_value("SELECT count(*) FROM pgqueuer") == 0
    assert await db.fetch_value("SELECT count(*) FROM delivery") == 0


async def _its_charities_are_in_the_register_beside_the_sample(db):
    numbers = [
        row["charity_number"]
        for row in await db.fetch(
            "SELECT charity_number FROM organisation WHERE charity_number IS NOT NULL"
        )
    ]
    for number in numbers:
        assert await register.find_charity(number) is not None
    free = await db.fetch_value("SELECT count(*) FROM register_charity")
    assert free >= len(numbers) + 100


async def _the_password_that_is_printed_is_the_password(db):
    kept = await db.fetch_value(
        "SELECT password_hash FROM person WHERE email = {}", people.SIGN_INS[0].email
    )
    assert (await passwords.verified(people.PASSWORD, kept))[0]


async def test_a_seed_that_fails_leaves_nothing_and_can_be_repeated(db, rows, monkeypatch):
    async def break_off() -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(seed, "_publish", break_off)
        with pytest.raises(RuntimeError):
            await seed.load(rows)
    assert await db.fetch_value("SELECT count(*) FROM person") == 0
    assert not await built.times()
    # On some days there is nobody to ask to fill a shift.
    await seed.load({**rows, "fill_ask": []})
    assert await built.times()


async def test_a_database_with_other_people_is_left_alone(db):
    await a_person()
    with pytest.raises(CommandError, match="left alone"):
        await built.times()


@pytest.fixture
async def demo_browser(app, db, rows):
    await seed.load(rows)
    before = settings.current()
    settings.amend(demo=True)
    browser = Browser(create_app())
    yield browser
    await browser.close()
    settings.use(before)


async def test_one_click_signs_in_as_each_of_them_only(demo_browser, db):
    for each in people.SIGN_INS:
        page = await demo_browser.get("/demo")
        assert page.status == 200
        button = next(f for f in page.forms() if ("email", each.email) in f.fields)
        answer = await demo_browser.post(button.action, button.fields)
        assert answer.status == 200, (each, answer.words())
        assert f"You are signed in as {each.name}." in answer.text
        assert answer.path.startswith(each.begins.split("{")[0])

    await _nobody_else_can_be_signed_in_as(demo_browser, db)


async def _as(browser, kind):
    email = next(each.email for each in people.SIGN_INS if each.kind == kind)
    return await browser.submit(await browser.get("/demo"), "/demo/sign-in", email=email)


async def test_everybody_finds_work_on_the_page_they_begin_on(demo_browser, db):
    desk = (await _as(demo_browser, "Librarian")).words()
    assert "Projector" in desk and "Ukulele" in desk and "Wheelchair" in desk
    assert "Sewing machine" in (await _as(demo_browser, "Borrower")).words()
    assert "Green Corners Fund" in (await _as(demo_browser, "Grants officer")).words()
    mine = (await _as(demo_browser, "Volunteer")).words()
    assert "Kept for you until" in mine
    assert "is genuine" in (await demo_browser.get(f"/verify/{CODE}")).words()
    opportunities = await _as(demo_browser, "Coordinator")
    people = await demo_browser.get(opportunities.path.replace("opportunities", "volunteers"))
    assert "Sensory garden volunteer" in people.words()
    assert "Twice as many ways to help" in (await _as(demo_browser, "Broker")).words()
    hidden = "Halstead Riverside Arts"
    assert hidden not in (await _as(demo_browser, "Assessor")).words()
    assert hidden in (await _as(demo_browser, "Second assessor")).words()
    await _as(demo_browser, "Owner")
    draft = await db.fetch_value(
        "SELECT a.id FROM application a JOIN answer_version v ON true"
        " JOIN answer w ON w.id = v.answer_id AND w.subject_id = a.id"
    )
    assert "4 of 8 done" in (await demo_browser.get(f"/applications/{draft}")).words()
    answers = await demo_browser.get(f"/applications/{draft}/answers")
    assert "waist-high benches" in answers.text
    awards = await demo_browser.get("/awards")
    assert awards.status == 200 and "31" in awards.words()
    package = (await demo_browser.get("/open-data/360giving.json")).text
    assert len(json.loads(package)["grants"]) == 31


async def _nobody_else_can_be_signed_in_as(demo_browser, db):
    other = await db.fetch_value(
        "SELECT email FROM person WHERE NOT email = ANY({}::text[]) LIMIT 1",
        [each.email for each in people.SIGN_INS],
    )
    for email in (other, "nobody@example.org", "", "x" * 5000, "\x00"):
        page = await demo_browser.get("/demo")
        answer = await demo_browser.submit(page, "/demo/sign-in", email=email)
        assert answer.status in {400, 404}


async def test_without_the_demo_there_is_no_such_page(browser):
    assert (await browser.get("/demo")).status == 404
