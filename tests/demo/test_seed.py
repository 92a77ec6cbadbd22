"""The town in a real database: every constraint holds, the index agrees, nobody gets mail."""

import pytest
from tests.browser import Browser
from tests.factories import a_person

from marketplace import clock, settings
from marketplace.accounts import passwords
from marketplace.app import create_app
from marketplace.demo import people, seed
from marketplace.demo.town import make_town
from marketplace.errors import CommandError
from marketplace.organisations import register


@pytest.fixture(scope="module")
def rows():
    return make_town(clock.now(), passwords.HASHER.hash(people.PASSWORD))


# One test, because loading the town takes longer than asking it everything.
async def test_the_town_is_consistent(db, rows):
    await seed.load(rows)
    await _bookings_and_hours_agree(db)
    await _listings_are_the_open_opportunities_of_approved_organisations(db)
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
            " WHERE o.state = 'open' AND g.state = 'approved' AND (o.timing = 'flexible'"
            "  OR EXISTS (SELECT FROM shift s WHERE s.opportunity_id = o.id"
            "   AND s.state = 'planned' AND s.starts_at > now()))"
        )
    }
    assert listed == public and len(listed) >= 300
    organisations = await db.fetch_value("SELECT count(*) FROM listing WHERE kind = 'organisation'")
    approved = await db.fetch_value("SELECT count(*) FROM organisation WHERE state = 'approved'")
    assert organisations == approved >= 60


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
    assert not await seed.is_seeded()
    await seed.load(rows)
    assert await seed.is_seeded()


async def test_a_database_with_other_people_is_left_alone(db):
    await a_person()
    with pytest.raises(CommandError, match="left alone"):
        await seed.is_seeded()


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
