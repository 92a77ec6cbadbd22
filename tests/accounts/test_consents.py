"""The ledger of consents: evidence, withdrawal, and the button of mail programs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.factories import APerson, a_person, a_shift, an_opportunity, an_organisation
from tests.factories_messages import a_consent, a_reader
from tests.factories_minors import born

from marketplace import clock, db
from marketplace.accounts.consents import operations, queries
from marketplace.accounts.consents.operations import Evidence
from marketplace.accounts.consents.rules import (
    BOOKING_WORDING,
    DIGEST_WORDING,
    WORDINGS,
    Channel,
    How,
    Purpose,
    link_version,
    read_link_version,
)
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM

ASK = Purpose.FILL_SHIFT


@pytest.fixture
async def vera(db: Any) -> APerson:
    return await a_person(name="Vera")


@pytest.fixture
async def garden(db: Any) -> UUID:
    return (await an_organisation(name="Chelmer Gardeners")).id


def test_a_link_says_what_it_stops():
    id = new_id().hex
    version = link_version(id, Purpose.DIGEST, Channel.TEXT)
    assert read_link_version(version) == (id, Purpose.DIGEST, Channel.TEXT)
    assert BOOKING_WORDING in WORDINGS


async def test_consent_is_for_one_organisation_purpose_and_channel(vera: APerson, garden: UUID):
    await a_consent(vera, garden)
    other = (await an_organisation(name="Other")).id
    people = [vera.id, (await a_person()).id]
    assert await queries.agreed(ASK, garden, people) == {vera.id}
    assert await queries.agreed(ASK, garden, people, Channel.TEXT) == set()
    assert await queries.agreed(Purpose.NEWS, garden, people) == set()
    assert await queries.agreed(ASK, other, people) == set()


async def test_nothing_is_agreed_without_evidence(vera: APerson, garden: UUID):
    for evidence in (Evidence(How.IMPORT, "", "row 4"), Evidence(How.IMPORT, "paper/1", " ")):
        with pytest.raises(Conflict):
            async with db.transaction():
                await operations.give(SYSTEM, vera.id, garden, ASK, evidence)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute(
            "INSERT INTO consent (id, person_id, organisation_id, purpose, channel, agreed, how,"
            " given_at) VALUES ({}, {}, {}, 'news', 'mail', true, 'import', now())",
            new_id(),
            vera.id,
            garden,
        )


async def test_what_was_agreed_is_never_rewritten(vera: APerson, garden: UUID):
    await a_consent(vera, garden)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("UPDATE consent SET agreed = false")


async def test_an_older_paper_does_not_undo_a_withdrawal(vera: APerson, garden: UUID):
    await a_consent(vera, garden)
    await operations.withdraw(vera.actor, garden, ASK, Channel.MAIL)
    assert await queries.agreed(ASK, garden, [vera.id]) == set()
    paper = Evidence(How.PAPER, "paper/1", "import 7", clock.now() - timedelta(days=90))
    async with db.transaction():
        await operations.give(SYSTEM, vera.id, garden, ASK, paper)
    assert await queries.agreed(ASK, garden, [vera.id]) == set()
    await a_consent(vera, garden)
    assert await queries.agreed(ASK, garden, [vera.id]) == {vera.id}


async def test_whoever_left_agrees_to_nothing(vera: APerson, garden: UUID):
    await a_consent(vera, garden)
    await db.execute("UPDATE person SET anonymised_at = now() WHERE id = {}", vera.id)
    assert await queries.agreed(ASK, garden, [vera.id]) == set()


async def test_the_booking_page_asks_with_an_empty_box(browser: Any, vera: APerson, garden: UUID):
    shift = await a_shift(await an_opportunity(garden))
    await browser.sign_in_as(vera.id)
    address = f"/shifts/{shift}/booking"
    page = await browser.get(address)
    assert WORDINGS[BOOKING_WORDING] in page.words()
    assert "may_ask" not in dict(page.form(address).fields)
    await browser.submit(page, address)
    assert await queries.agreed(ASK, garden, [vera.id]) == set()
    another = await a_shift(
        await an_opportunity(garden), starts_at=clock.now() + timedelta(days=30)
    )
    address = f"/shifts/{another}/booking"
    await browser.submit(await browser.get(address), address, may_ask="yes")
    assert await queries.agreed(ASK, garden, [vera.id]) == {vera.id}
    row = await db.fetch_one("SELECT how, wording, evidence FROM consent")
    assert row and (row["how"], row["wording"]) == ("booking", BOOKING_WORDING)
    assert row["evidence"].startswith("booking ")
    third = await a_shift(await an_opportunity(garden), starts_at=clock.now() + timedelta(days=40))
    page = await browser.get(f"/shifts/{third}/booking")
    assert WORDINGS[BOOKING_WORDING] not in page.words()


async def test_stopping_on_the_account(browser: Any, vera: APerson, garden: UUID):
    await a_consent(vera, garden)
    await browser.sign_in_as(vera.id)
    page = await browser.get("/account/consents")
    assert "Chelmer Gardeners" in page.words() and "Ask me when they are short" in page.words()
    page = await browser.submit(page, "/account/consents/withdrawal")
    assert "Nobody may" in page.words()
    assert await queries.agreed(ASK, garden, [vera.id]) == set()


async def test_opening_the_link_stops_nothing_and_its_button_does(
    browser: Any, vera: APerson, garden: UUID
):
    path = await a_consent(vera, garden)
    page = await browser.get(path)
    assert "Stop these messages?" in page.words()
    assert await queries.agreed(ASK, garden, [vera.id]) == {vera.id}
    page = await browser.submit(page, path)
    assert "You get no more" in page.words()
    assert await queries.agreed(ASK, garden, [vera.id]) == set()


async def test_a_mail_program_stops_it_without_a_page(browser: Any, vera: APerson, garden: UUID):
    path = await a_consent(vera, garden)
    answer = await browser.post(path, {"List-Unsubscribe": "One-Click"}, follow=False)
    assert (answer.status, answer.text) == (200, "Stopped.\n")
    assert await queries.agreed(ASK, garden, [vera.id]) == set()
    forged = await browser.post(path[:-3] + "AAA", {"List-Unsubscribe": "One-Click"})
    assert forged.status == 404


async def wants(*people: APerson) -> set[UUID]:
    return await queries.agreed(Purpose.DIGEST, None, [person.id for person in people])


async def test_the_weekly_mail_is_asked_of_the_place_itself(
    browser: Any, vera: APerson, garden: UUID
):
    await browser.sign_in_as(vera.id)
    assert "/account/consents#weekly" in (await browser.get("/account")).links()
    page = await browser.get("/account/consents")
    page = await browser.submit(page, "/account/consents/digest")
    assert "/account/consents#weekly" not in (await browser.get("/account")).links()
    assert WORDINGS[DIGEST_WORDING] in page.words() and "Yes, send it" not in page.words()
    assert await wants(vera) == {vera.id}
    # Neither does an organisation have it, nor the place anything else.
    assert await queries.agreed(Purpose.DIGEST, garden, [vera.id]) == set()
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.transaction():
            await operations.give(
                vera.actor, vera.id, None, Purpose.NEWS, Evidence(How.ACCOUNT, "x/1", "a test")
            )
    page = await browser.submit(page, "/account/consents/withdrawal")
    assert await wants(vera) == set() and "Yes, send it" in page.words()


async def test_the_weekly_mail_is_stopped_by_its_link(browser: Any, vera: APerson):
    path = await a_reader(vera)
    assert "Stop these messages?" in (await browser.get(path)).words()
    assert await wants(vera) == {vera.id}
    answer = await browser.post(path, {"List-Unsubscribe": "One-Click"}, follow=False)
    assert answer.status == 200 and await wants(vera) == set()


async def test_nobody_under_18_is_offered_the_weekly_mail(browser: Any, vera: APerson):
    await db.execute("UPDATE person SET born_on = {} WHERE id = {}", born(17), vera.id)
    await browser.sign_in_as(vera.id)
    for address in ("/account", "/account/consents"):
        assert "18 or over" in (await browser.get(address)).words()
    page = await browser.get("/account/consents")
    assert "18 or over" in page.words() and "Yes, send it" not in page.words()
    with pytest.raises(Conflict, match="18 or over"):
        await operations.ask_for_digest(vera.actor)


async def test_joining_asks_with_an_empty_box(browser: Any, vera: APerson):
    page = await browser.get("/sign-up")
    assert WORDINGS[DIGEST_WORDING] in page.words()
    assert "digest" not in dict(page.form("/sign-up").fields)
    typed = {"name": "Wim", "password": "teapot bicycle orchard"}
    await browser.submit(page, "/sign-up", email="wim@example.org", digest="yes", **typed)
    row = await db.fetch_one(
        "SELECT c.how, p.email FROM consent c JOIN person p ON p.id = c.person_id"
    )
    assert row == {"how": "sign_up", "email": "wim@example.org"}
    # Whoever joins with somebody else's address agrees to nothing for them.
    page = await browser.get("/sign-up")
    await browser.submit(page, "/sign-up", email=vera.email, digest="yes", **typed)
    assert await wants(vera) == set()
