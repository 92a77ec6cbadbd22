"""People without e-mail: signed up, booked for, told by hand, under both names."""

import re
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.factories import a_person, a_shift, an_opportunity
from tests.factories_moving_in import a_broker, an_assisted

from marketplace import audit, clock, db, settings
from marketplace.errors import Conflict, NotFound
from marketplace.notifications import moving_in as claims
from marketplace.notifications import volunteering as mail
from marketplace.permissions import Actor
from marketplace.volunteering.assisted import operations, queries
from marketplace.volunteering.assisted.operations import Details
from marketplace.volunteering.assisted.rules import WORDS, How


async def edna(broker: Actor, **columns: Any) -> Any:
    given = {"name": "Edna", "phone": "01245 1", "agreed_how": How.PAPER} | columns
    return await operations.sign_up(broker, Details(agreed_on=clock.today(), **given))


async def entry_of(event: str) -> Any:
    id = await db.fetch_value(
        "SELECT id FROM history WHERE event = {} ORDER BY seq DESC LIMIT 1", event
    )
    return await audit.entry(id)


async def test_what_they_agreed_to_and_who_signed_them_up_is_kept(db: Any):
    broker = await a_broker()
    id = await edna(broker)
    row = await db.fetch_one("SELECT agreed_to, agreed_how FROM assisted_person")
    assert row == {"agreed_to": WORDS, "agreed_how": "paper"}
    row = await db.fetch_one("SELECT actor_id, on_behalf_of FROM history WHERE subject_id = {}", id)
    assert row == {"actor_id": broker.person_id, "on_behalf_of": id}


async def test_nobody_else_is_without_an_address(db: Any):
    person = await a_person()
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE person SET email = NULL WHERE id = {}", person.id)


@pytest.mark.parametrize(
    ("columns", "field"),
    [({"phone": ""}, "phone"), ({"agreed_on": timedelta(days=1)}, "agreed_on")],
)
async def test_they_can_be_reached_and_did_agree(db: Any, columns: Any, field: str):
    given = {"name": "E", "phone": "1", "agreed_how": How.VOICE, "agreed_on": clock.today()}
    if field == "agreed_on":
        columns = {"agreed_on": clock.today() + columns["agreed_on"]}
    with pytest.raises(Conflict) as refused:
        await operations.sign_up(await a_broker(), Details(**(given | columns)))
    assert refused.value.field == field


async def test_a_booking_for_them_keeps_the_rules_and_both_names(db: Any):
    broker = await a_broker()
    id = await edna(broker)
    shift = await a_shift(places=1)
    booking = await operations.book(broker, id, shift)
    row = await db.fetch_one(
        "SELECT actor_id, on_behalf_of FROM history WHERE subject_id = {}", booking
    )
    assert row == {"actor_id": broker.person_id, "on_behalf_of": id}
    with pytest.raises(Conflict):
        await operations.book(broker, await edna(broker), shift)
    await operations.cancel(broker, id, booking)
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", shift) == 0


async def test_mail_is_skipped_and_comes_on_the_brokers_list_once(db: Any, tmp_path: Any):
    settings.amend(mailbox=tmp_path)
    broker = await a_broker()
    ids = await an_assisted(broker, await an_opportunity())
    await db.execute("DELETE FROM to_tell")
    entry = await entry_of("booking.made")
    await mail.booked(entry)
    await mail.booked(entry)
    assert list(tmp_path.iterdir()) == []
    (one,) = await queries.to_tell(broker)
    assert (one.person_id, one.what, one.title) == (ids["assisted_id"], "Booked", "Garden helper")
    await operations.told(broker, one.id)
    assert await queries.to_tell(broker) == []
    row = await db.fetch_one("SELECT told_by FROM to_tell")
    assert row == {"told_by": broker.person_id}


async def test_somebody_who_left_is_on_no_list(db: Any):
    person = await a_person()
    await operations.note(person.id, "k", "volunteering/booked", None)
    assert await db.fetch_value("SELECT count(*) FROM to_tell") == 0


async def test_they_take_the_account_over_with_an_address(db: Any, tmp_path: Any, browser: Any):
    settings.amend(mailbox=tmp_path)
    broker = await a_broker()
    id = await edna(broker)
    taken = await a_person()
    with pytest.raises(Conflict) as refused:
        await operations.give_address(broker, id, taken.email)
    assert refused.value.field == "email"
    await operations.give_address(broker, id, "Edna@example.org")
    await claims.noted(await entry_of("assisted.address_given"))
    (letter,) = tmp_path.iterdir()
    text = letter.read_text().replace("=\n", "").replace("=\r\n", "")
    assert "Subject: Look after your volunteering yourself" in text
    assert "by letter or phone" in text and "moved" not in text
    found = re.search(r"(/claim/[\w.\-]+)", text)
    assert found
    page = await browser.get(found[1])
    assert "signed you up as you agreed" in page.words() and "moved to" not in page.words()
    await db.execute("UPDATE person SET email_confirmed_at = now() WHERE id = {}", id)
    with pytest.raises(Conflict, match="looks after"):
        await operations.book(broker, id, await a_shift())


async def test_only_brokers_know_them_and_only_whom_they_signed_up(db: Any):
    broker, volunteer = await a_broker(), await a_person()
    id = await edna(broker)
    for actor, who in ((volunteer.actor, id), (broker, volunteer.id)):
        with pytest.raises(NotFound):
            await operations.book(actor, who, await a_shift())


async def test_a_broker_signs_somebody_up_books_and_prints(db: Any, browsers: Any):
    broker = await a_broker()
    await an_opportunity(title="Quiet garden")
    shift = await a_shift(await an_opportunity(title="Rose garden", contact_how="01245 9"))
    browser = browsers()
    await browser.sign_in_as(broker.person_id)
    page = await browser.get("/broker/people/new")
    page = await browser.submit(
        page,
        "/broker/people/new",
        name="Edna Post",
        address="1 High St\nMaldon",
        agreed_how="voice",
    )
    assert "Edna Post is signed up" in page.words()
    home = page.path
    page = await browser.get(f"{home}?q=rose")
    page = await browser.submit(page, f"{home}/bookings", shift=str(shift))
    assert "Booked" in page.words()
    page = await browser.get(f"{home}/letter")
    words = page.words()
    for said in ("Maldon", "Rose garden", "Oaklands Park", "Ask for Priya Shah, 01245 9"):
        assert said in words
