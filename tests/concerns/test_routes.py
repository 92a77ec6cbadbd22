"""Raising a concern as people do, and reading what was answered."""

import re

import pytest
from tests.factories import a_person, an_opportunity, an_organisation
from tests.factories_safety import a_lead, a_place_lead

from marketplace import db as database

CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


async def test_every_page_leads_there_and_names_its_organisation(db, browser):
    made = await an_organisation(name="Maldon Menders")
    opportunity = await an_opportunity(made.id, timing="flexible")
    page = await browser.get(f"/opportunities/{opportunity}")
    (link,) = [each for each in page.links() if each.startswith("/concerns/new")]
    page = await browser.get(link)
    assert ("to", str(made.id)) in page.form("/concerns/new").fields
    for number in ("tel:999", "tel:101", "tel:08088005000", "tel:08001111"):
        assert number in page.links()


async def test_a_lead_finds_what_was_raised_with_them_from_their_account(db, browsers):
    lead, other = await a_person(), await a_person()
    await a_place_lead(lead.id)
    page = await (await browsers().sign_in_as(lead.id)).get("/account")
    assert "/concerns" in page.links()
    page = await (await browsers().sign_in_as(other.id)).get("/account")
    assert "/concerns" not in page.links()


async def test_raised_without_an_account_and_answered_by_code(db, browser, browsers):
    made = await an_organisation(name="Maldon Menders")
    await a_lead(made.id, made.owner.id)
    page = await browser.get(f"/concerns/new?about=/organisations/{made.id}")
    page = await browser.submit(page, "/concerns/new", about_leads="no", text="Joe is hurt.")
    code = CODE.search(page.words())
    assert page.status == 200 and code
    assert "Maldon Menders" in page.words()
    assert not await db.fetch_value(
        "SELECT EXISTS (SELECT FROM idempotency_key WHERE address LIKE {})", f"%{code[0]}%"
    )
    lead = browsers()
    await lead.sign_in_as(made.owner.id)
    concerns = await lead.get("/concerns")
    (one,) = [each for each in concerns.links() if re.match(r"/concerns/[0-9a-f-]{36}$", each)]
    page = await lead.get(one)
    assert "Joe is hurt." in page.words()
    await lead.submit(page, f"{one}/notes", note="We are with him.", answer="yes")
    page = await browser.get("/concerns/answers")
    page = await browser.submit(page, "/concerns/answers", code=code[0].lower())
    assert "We are with him." in page.words()
    assert code[0].lower() not in page.path
    page = await browser.submit(page, "/concerns/answers/additions", text="Thank you.")
    assert "Thank you." in page.words()


async def test_a_form_sent_twice_raises_one_concern_and_shows_the_same_code(db, browser):
    page = await browser.get("/concerns/new")
    said = {"to": "place", "about_leads": "no", "text": "A child alone in the park."}
    first = await browser.submit(page, "/concerns/new", **said)
    second = await browser.submit(page, "/concerns/new", **said)
    assert CODE.search(first.words())[0] == CODE.search(second.words())[0]
    assert await database.fetch_value("SELECT count(*) FROM concern") == 1


async def test_an_organisation_is_found_by_its_name(db, browser):
    made = await an_organisation(name="Maldon Menders")
    page = await browser.get("/concerns/new")
    said = {"to": "other", "about_leads": "no", "text": "He shouts."}
    page = await browser.submit(page, "/concerns/new", organisation="menders", **said)
    assert page.field_error("to") == "Choose the organisation"
    page = await browser.submit(page, "/concerns/new", to=str(made.id))
    assert CODE.search(page.words())
    assert await db.fetch_value("SELECT organisation_id FROM concern") == made.id


@pytest.mark.parametrize("to", ["", "nobody", "0190a000-0000-7000-8000-000000000000"])
async def test_nothing_typed_is_lost(db, browser, to):
    page = await browser.get("/concerns/new")
    page = await browser.submit(page, "/concerns/new", to=to, about_leads="no", text="He shouts.")
    assert page.status == 422
    assert page.field_error("to") == "Choose who should hear of it"
    assert ("text", "He shouts.") in page.form("/concerns/new").fields


async def test_an_owner_is_reminded_until_a_lead_is_named(db, browser):
    made = await an_organisation()
    await browser.sign_in_as(made.owner.id)
    home = f"/manage/{made.id}"
    assert "Nobody is named as your safeguarding lead" in (await browser.get(home)).words()
    page = await browser.get(f"{home}/safeguarding-leads")
    await browser.submit(page, f"{home}/safeguarding-leads", lead=str(made.owner.id))
    assert "Nobody is named as your safeguarding lead" not in (await browser.get(home)).words()
