"""Another e-mail address: only whoever reads mail there gets it, and the old one is told."""

import pytest
from tests.factories import PASSWORD, a_person

from marketplace.accounts import operations as accounts
from marketplace.accounts.address import operations, queries
from marketplace.accounts.rules import CHANGE_LINK
from marketplace.errors import Conflict
from marketplace.signing import LinkExpired, sign

pytestmark = pytest.mark.usefixtures("app", "db")


async def a_link(db, person, email="New.Kim@example.org"):
    await operations.ask(person.actor, email=email, password=PASSWORD)
    id = await db.fetch_value(
        "SELECT id FROM address_change WHERE person_id = {} AND changed_at IS NULL", person.id
    )
    return id, sign(CHANGE_LINK, id)


async def test_the_address_is_taken_once_its_link_is_pressed_and_sessions_stay(db):
    kim = await a_person(email="kim@example.org")
    await accounts.start_session(kim.id, device="A test")
    id, link = await a_link(db, kim)
    assert (await queries.of_link(link)).email == "New.Kim@example.org"
    assert await db.fetch_value("SELECT email FROM person") == "kim@example.org"

    await operations.change(link)

    row = await db.fetch_one("SELECT email, email_typed, credential_version AS v FROM person")
    assert row == {"email": "new.kim@example.org", "email_typed": "New.Kim@example.org", "v": 2}
    assert await db.fetch_value("SELECT count(*) FROM session") == 1
    told = await queries.old_address(id)
    assert told is not None and told.email == "kim@example.org"
    with pytest.raises(LinkExpired):
        await operations.change(link)
    assert "@" not in str(await db.fetch("SELECT data FROM history"))


async def test_the_answer_is_the_same_for_an_address_with_an_account(db, browser):
    kim = await a_person()
    other = await a_person(email="taken@example.org")
    await browser.sign_in_as(kim.id)
    answers = []
    for email in ("taken@example.org", "free@example.org"):
        page = await browser.get("/account/email")
        done = await browser.submit(page, "/account/email", email=email, password=PASSWORD)
        answers.append((done.status, done.path, done.words().replace(email, "")))
        if email == "taken@example.org":
            id = await db.fetch_value("SELECT id FROM address_change")
    assert answers[0] == answers[1]
    assert await db.fetch_value("SELECT count(*) FROM address_change") == 1
    # The later wish replaced it; had it not, the index would refuse.
    await db.execute("UPDATE address_change SET id = {}, email = 'taken@example.org'", id)
    with pytest.raises(LinkExpired, match="another account"):
        await operations.change(sign(CHANGE_LINK, id))
    assert await db.fetch_value("SELECT email FROM person WHERE id = {}", other.id)


async def test_only_with_the_password_and_never_for_what_was_replaced_or_is_old(db):
    kim = await a_person(email="kim@example.org")
    for email, password, field in (
        ("new@example.org", "not this one", "password"),
        ("KIM@example.org", PASSWORD, "email"),
    ):
        with pytest.raises(Conflict) as refused:
            await operations.ask(kim.actor, email=email, password=password)
        assert refused.value.field == field
    _, first = await a_link(db, kim, "first@example.org")
    _, second = await a_link(db, kim, "second@example.org")
    with pytest.raises(LinkExpired):
        await operations.change(first)
    await db.execute("UPDATE address_change SET asked_at = now() - interval '4 days'")
    with pytest.raises(LinkExpired):
        await operations.change(second)
    await db.execute("UPDATE address_change SET asked_at = now() - interval '8 days'")
    assert await operations.forget_changes() == 1
