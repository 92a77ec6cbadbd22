"""Milestones, thanks, and statements that their volunteer controls."""

import zlib
from datetime import timedelta

import pytest
from tests.factories import (
    a_booking,
    a_person,
    a_shift,
    an_opportunity,
    an_organisation,
    some_hours,
)

from marketplace import clock, db
from marketplace.errors import Conflict, NotFound
from marketplace.volunteering.recognition import operations, printing, queries, rules
from marketplace.volunteering.recognition.operations import Choice
from marketplace.volunteering.recognition.rules import Kind

# --- rules


@pytest.mark.parametrize(
    ("minutes", "reached", "ahead"),
    [
        (0, 0, ("10 hours", 600)),
        (1, 1, ("10 hours", 599)),
        (600, 2, ("25 hours", 900)),
        (599, 1, ("10 hours", 1)),
        (1000 * 60, 8, None),
    ],
)
def test_milestones_are_those_of_confirmed_hours(minutes, reached, ahead):
    assert len(rules.reached(minutes)) == reached
    assert rules.next_one(minutes) == ahead


def test_a_code_is_read_as_people_type_it():
    code = rules.new_code()
    assert rules.read_code(f" {code.replace('-', ' ').lower()} ") == code
    assert rules.read_code("oIl0-0000-0000") == "0110-0000-0000"
    for wrong in ("", "7KQM", f"{code}7", "7KQM-2B9X-TD4!", "../../etc"):
        assert rules.read_code(wrong) is None
    assert len({rules.new_code() for _ in range(1000)}) == 1000


# --- operations

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def organisation(db):
    return await an_organisation(name="Witham Wheelers")


@pytest.fixture
async def volunteer(organisation):
    """Give a volunteer with three confirmed hours here and two elsewhere."""
    person = await a_person(name="Vera Volunteer")
    for host, minutes in ((organisation.id, 180), ((await an_organisation(name="Else")).id, 120)):
        opportunity = await an_opportunity(host)
        role = await db.fetch_value("SELECT id FROM role WHERE opportunity_id = {}", opportunity)
        await some_hours(person.id, host, role, minutes)
    return person


async def choose(volunteer, *, only=None, **changes):
    ids = [source.id for source in await queries.sources(volunteer.actor)]
    given = {
        "organisations": [only] if only else ids,
        "first_day": clock.today() - timedelta(days=30),
        "last_day": clock.today(),
        "shows_name": True,
        "shows_roles": True,
        "shows_hours": True,
    }
    return await operations.make_statement(volunteer.actor, Choice(**(given | changes)))


async def test_one_organisation_makes_a_certificate_and_several_a_statement(
    organisation, volunteer
):
    one = await queries.statement(volunteer.actor, await choose(volunteer, only=organisation.id))
    both = await queries.statement(volunteer.actor, await choose(volunteer))
    assert (one.kind, one.minutes) == (Kind.CERTIFICATE, 180)
    assert (both.kind, both.minutes) == (Kind.STATEMENT, 300)


async def test_hours_that_are_not_confirmed_are_on_nothing(organisation, volunteer):
    await db.execute("UPDATE hours SET state = 'proposed', confirmed_at = NULL")
    with pytest.raises(Conflict, match="no confirmed hours"):
        await choose(volunteer, only=organisation.id)


async def test_days_outside_the_period_do_not_count(volunteer):
    with pytest.raises(Conflict) as refused:
        await choose(volunteer, last_day=clock.today() - timedelta(days=20))
    assert refused.value.field == "first_day"


async def test_the_public_page_shows_what_was_chosen_and_nothing_else(
    browser, organisation, volunteer
):
    all_of_it = await queries.statement(volunteer.actor, await choose(volunteer))
    words = (await browser.get(f"/verify/{all_of_it.code}")).words()
    for shown in ("is genuine", "Vera Volunteer", "Garden helper", "5 hours", "Else"):
        assert shown in words
    little = await choose(
        volunteer, only=organisation.id, shows_name=False, shows_roles=False, shows_hours=False
    )
    page = await browser.get(f"/verify/{(await queries.statement(volunteer.actor, little)).code}")
    assert "Witham Wheelers" in page.words()
    for hidden in ("Vera", "Garden helper", "hours 0", "3 hours", "Else", str(volunteer.id)):
        assert hidden not in page.text


async def test_a_revoked_statement_stands_no_more(browser, volunteer):
    id = await choose(volunteer)
    code = (await queries.statement(volunteer.actor, id)).code
    await operations.revoke(volunteer.actor, id)
    page = await browser.get(f"/verify/{code}")
    assert (page.status, "Vera" in page.text) == (404, False)


async def test_nor_does_that_of_somebody_who_left(browser, volunteer):
    code = (await queries.statement(volunteer.actor, await choose(volunteer))).code
    await db.execute("UPDATE person SET anonymised_at = now() WHERE id = {}", volunteer.id)
    assert (await browser.get(f"/verify/{code}")).status == 404


async def test_the_page_says_when_hours_are_put_in_question_later(browser, volunteer):
    code = (await queries.statement(volunteer.actor, await choose(volunteer))).code
    assert "Since it was made" not in (await browser.get(f"/verify/{code}")).words()
    await db.execute("UPDATE hours SET state = 'proposed', confirmed_at = NULL WHERE minutes = 120")
    assert "Since it was made" in (await browser.get(f"/verify/{code}")).words()


async def test_others_statements_are_not_found(volunteer):
    id = await choose(volunteer)
    stranger = (await a_person()).actor
    with pytest.raises(NotFound):
        await queries.statement(stranger, id)
    with pytest.raises(NotFound):
        await operations.revoke(stranger, id)


@pytest.mark.parametrize(
    "name", ["Zoë Łukasiewicz", '#panic("x") *b* $1$ \\ `c` <d> @e', "محمد", "李小龍", "👩🏽‍🌾"]
)
async def test_any_name_is_printed(volunteer, name):
    id = await choose(volunteer)
    await db.execute("UPDATE person SET name = {} WHERE id = {}", name, volunteer.id)
    made = await printing.pdf(await queries.statement(volunteer.actor, id))
    assert made.startswith(b"%PDF-1.7")


async def test_the_pdf_is_tagged_for_those_who_listen_to_it(volunteer):
    made = await printing.pdf(await queries.statement(volunteer.actor, await choose(volunteer)))
    parts = [made]
    for piece in made.split(b"stream\n")[1:]:
        try:
            parts.append(zlib.decompressobj().decompress(piece))
        except zlib.error:
            continue
    text = b"".join(parts)
    assert b"/MarkInfo" in text and b"/StructTreeRoot" in text and b"pdfuaid:part" in text


async def test_thanks_are_read_by_their_volunteer_alone(browsers, organisation):
    person = await a_person(name="Vera Volunteer")
    booking = await a_booking(await a_shift(await an_opportunity(organisation.id)), person.id)
    coordinator = await browsers().sign_in_as(organisation.owner.id)
    address = f"/manage/bookings/{booking}/thanks"
    await coordinator.submit(await coordinator.get(address), address, words="You saved the day.")
    one = await browsers().sign_in_as(person.id)
    assert "You saved the day." in (await one.get("/my/recognition")).words()
    assert "You saved the day." not in (await coordinator.get("/my/recognition")).words()


async def test_a_certificate_is_made_printed_and_verified_in_a_browser(browsers, volunteer):
    one = await browsers().sign_in_as(volunteer.id)
    page = await one.get("/my/statements/new")
    page = await one.submit(page, "/my/statements/new")
    printed = await one.get(f"{page.path}/statement.pdf")
    assert printed.response.headers["content-type"] == "application/pdf"
    (link,) = [link for link in page.links() if link.startswith("/verify/")]
    visitor = browsers()
    found = await visitor.get(f"/verify?code={link.removeprefix('/verify/').lower()}")
    assert "is genuine" in found.words()
    page = await one.submit(page, f"{page.path}/revocation")
    assert "Nobody can verify it" in page.words()
