import re

import pytest
from tests.factories import PASSWORD, a_person

from marketplace.accounts import operations
from marketplace.accounts.rules import CONFIRM_LINK, RESET_LINK
from marketplace.signing import sign

NEW_PASSWORD = "lantern harbour pickle"


async def join(browser, email="kim@example.org", *, next="", password=PASSWORD, name="Kim"):
    page = await browser.get("/sign-up" + (f"?next={next}" if next else ""))
    return await browser.submit(page, "/sign-up", name=name, email=email, password=password)


async def enter(browser, email, password=PASSWORD, *, next=""):
    page = await browser.get("/sign-in" + (f"?next={next}" if next else ""))
    return await browser.submit(page, "/sign-in", email=email, password=password)


async def confirm_path(db, email="kim@example.org"):
    row = await db.fetch_one(
        "SELECT id, credential_version AS v FROM person WHERE email = {}", email
    )
    return f"/confirm-email/{sign(CONFIRM_LINK, row['id'], row['v'])}"


async def is_signed_in(browser):
    return (await browser.get("/account")).path == "/account"


def without_tokens(page):
    """Give a page's bytes and status with what differs on every page taken out."""
    text = re.sub(r'(name="_csrf" value=)"[^"]*"', r"\1", page.text)
    text = re.sub(r'("X-CSRF-Token": )"[^"]*"', r"\1", text)
    text = re.sub(r'(name="_key" value=)"[^"]*"', r"\1", text)
    return page.status, page.path, text.replace("lee@example.org", "kim@example.org")


# Joining


async def test_a_newcomer_joins_confirms_and_lands_where_they_were_going(browser, db):
    sent = await join(browser, next="/accessibility")
    assert sent.path == "/sign-up/sent"
    link = await confirm_path(db)
    page = await browser.get(link)
    landed = await browser.submit(page, link)
    assert landed.path == "/accessibility"
    assert await is_signed_in(browser)


async def test_opening_the_link_confirms_nothing(browser, db):
    await join(browser)
    await browser.get(await confirm_path(db))
    assert await db.fetch_value("SELECT email_confirmed_at FROM person") is None


async def test_confirming_in_another_browser_leads_to_signing_in_and_on(browser, browsers, db):
    await join(browser, next="/accessibility")
    other = browsers()
    link = await confirm_path(db)
    landed = await other.submit(await other.get(link), link)
    assert landed.path == "/sign-in?next=/accessibility"
    assert "kim@example.org" not in landed.text
    assert not await is_signed_in(other)
    on = await other.submit(landed, "/sign-in", email="kim@example.org", password=PASSWORD)
    assert on.path == "/accessibility"


async def test_confirming_twice_by_a_double_click_is_no_error(browser, db):
    await join(browser)
    link = await confirm_path(db)
    page = await browser.get(link)
    fields = page.form(link).fields
    await browser.post(link, fields, follow=False)
    again = await browser.post(link, fields)
    assert again.status in {200, 403}
    assert await is_signed_in(browser)


async def test_joining_with_a_known_address_looks_the_same(browser, browsers, db):
    await a_person(email="kim@example.org")
    known = await join(browser, "kim@example.org")
    unknown = await join(browsers(), "lee@example.org")
    assert without_tokens(known) == without_tokens(unknown)


async def test_joining_with_a_known_address_sets_the_same_cookies(browser, browsers, db):
    await a_person(email="kim@example.org")
    shapes = []
    for one, email in ((browser, "kim@example.org"), (browsers(), "lee@example.org")):
        page = await one.get("/sign-up")
        answer = await one.submit(
            page, "/sign-up", follow=False, name="Kim", email=email, password=PASSWORD
        )
        cookies = answer.response.headers.get_list("set-cookie")
        shapes.append([(c.split("=")[0], len(c), c.partition(";")[2]) for c in cookies])
    assert shapes[0] == shapes[1]


async def test_joining_signs_nobody_in(browser, db):
    await join(browser)
    assert not await is_signed_in(browser)


async def test_mistakes_are_said_beside_their_fields_and_typed_text_is_kept(browser, db):
    page = await join(browser, "not an address", password="short", name="Kim <b>")
    assert page.status == 422
    assert "name@example.org" in page.field_error("email")
    assert ("name", "Kim <b>") in page.form("/sign-up").fields
    assert ("email", "not an address") in page.form("/sign-up").fields


async def test_a_refused_password_is_not_sent_back(browser, db):
    page = await join(browser, password="password1")
    assert page.status == 422
    assert "Many people" in page.field_error("password")
    assert "password1" not in page.text


async def test_where_to_go_survives_a_mistake(browser, db):
    page = await browser.get("/sign-up?next=/accessibility")
    page = await browser.submit(page, "/sign-up", name="", email="", password="")
    assert ("next", "/accessibility") in page.form("/sign-up").fields


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_nobody_is_led_off_the_site(browser, db, next):
    await a_person(email="kim@example.org")
    page = await browser.get("/sign-in")
    landed = await browser.submit(
        page, "/sign-in", email="kim@example.org", password=PASSWORD, next=next, follow=False
    )
    assert landed.response.headers["location"] == "/"


async def test_an_address_in_other_letters_can_be_gone_on_to(browser, db):
    await a_person(email="kim@example.org")
    landed = await enter(browser, "kim@example.org", next="/search%3Fq=caf%C3%A9")
    assert landed.path == "/search?q=caf%C3%A9"


# Signing in and out


async def test_a_wrong_password_and_an_unknown_address_look_the_same(browser, browsers, db):
    await a_person(email="kim@example.org")
    wrong = await enter(browser, "kim@example.org", "not the password")
    unknown = await enter(browsers(), "lee@example.org", "not the password")
    assert wrong.status == 422
    assert without_tokens(wrong) == without_tokens(unknown)


async def test_signing_in_leads_back_to_the_page_that_asked_for_it(browser, db):
    await a_person(email="kim@example.org")
    asked = await browser.get("/account/sessions")
    assert asked.path == "/sign-in?next=/account/sessions"
    landed = await browser.submit(asked, "/sign-in", email="kim@example.org", password=PASSWORD)
    assert landed.path == "/account/sessions"


async def test_a_session_id_chosen_by_somebody_else_is_not_adopted(browser, db):
    chosen = "x" * 43
    browser.client.cookies.set("__Host-session", chosen)
    await a_person(email="kim@example.org")
    await enter(browser, "kim@example.org")
    assert await is_signed_in(browser)
    browser.client.cookies.clear()
    browser.client.cookies.set("__Host-session", chosen)
    assert not await is_signed_in(browser)


async def test_looking_around_makes_no_session(browser, db):
    for path in ("/sign-in", "/sign-up", "/accessibility"):
        page = await browser.get(path)
        assert "session" not in " ".join(page.response.headers.get_list("set-cookie"))
    assert await db.fetch_value("SELECT count(*) FROM session") == 0


async def test_signing_out_ends_the_session_for_a_copied_cookie_too(browser, browsers, db):
    await browser.sign_in_as((await a_person()).id)
    copy = browsers()
    copy.client.cookies.set("__Host-session", browser.client.cookies["__Host-session"])
    landed = await browser.submit(await browser.get("/account"), "/sign-out")
    assert "You are signed out" in landed.words()
    assert not await is_signed_in(browser)
    assert not await is_signed_in(copy)


async def test_a_tried_password_is_not_sent_back(browser, db):
    page = await enter(browser, "kim@example.org", "a mistyped secret")
    assert "a mistyped secret" not in page.text


# Links


async def test_a_broken_link_offers_a_new_one(browser, db):
    page = await browser.get("/confirm-email/nonsense")
    assert page.status == 404
    sent = await browser.submit(page, "/confirm-email", email="kim@example.org")
    assert sent.path == "/confirm-email/sent"


async def test_a_dead_link_cannot_be_pressed(browser, db):
    person = await a_person(confirmed=False)
    link = f"/confirm-email/{sign(CONFIRM_LINK, person.id, 1)}"
    page = await browser.get(link)
    await db.execute("UPDATE person SET credential_version = 2")
    assert (await browser.submit(page, link)).status == 410


async def test_a_forgotten_password_can_be_chosen_anew(browser, db):
    person = await a_person(email="kim@example.org")
    page = await browser.get("/password-reset")
    sent = await browser.submit(page, "/password-reset", email="kim@example.org")
    assert sent.path == "/password-reset/sent"
    link = f"/password-reset/{sign(RESET_LINK, person.id, 1)}"
    landed = await browser.submit(await browser.get(link), link, password=NEW_PASSWORD)
    assert landed.path == "/sign-in"
    await enter(browser, "kim@example.org", NEW_PASSWORD)
    assert await is_signed_in(browser)


async def test_a_reset_by_double_click_is_no_error(browser, db):
    person = await a_person(email="kim@example.org")
    link = f"/password-reset/{sign(RESET_LINK, person.id, 1)}"
    page = await browser.get(link)
    fields = page.form(link).filled({"password": NEW_PASSWORD})
    await browser.post(link, fields)
    assert (await browser.post(link, fields)).path == "/sign-in"


async def test_asking_for_a_reset_looks_the_same_for_known_and_unknown(browser, browsers, db):
    await a_person(email="kim@example.org")
    answers = []
    for one, email in ((browser, "kim@example.org"), (browsers(), "lee@example.org")):
        page = await one.get("/password-reset")
        answers.append(without_tokens(await one.submit(page, "/password-reset", email=email)))
    assert answers[0] == answers[1]


# The account


async def test_an_unconfirmed_person_is_told_and_can_ask_for_the_link_again(browser, db):
    person = await a_person(confirmed=False)
    await browser.sign_in_as(person.id)
    page = await browser.get("/account")
    assert "Confirm your e-mail address" in page.words()
    after = await browser.submit(page, "/account/confirmation")
    assert "sent you the message again" in after.words()
    assert await db.fetch_value("SELECT event FROM history") == "account.confirmation_asked"


async def test_a_confirmed_person_is_not_asked_to_confirm(browser, db):
    await browser.sign_in_as((await a_person()).id)
    assert "Confirm your e-mail address" not in (await browser.get("/account")).words()


async def test_the_profile_is_saved_and_shown(browser, db):
    await browser.sign_in_as((await a_person()).id)
    page = await browser.get("/account/profile")
    after = await browser.submit(
        page,
        "/account/profile",
        name="Kim Okafor",
        postcode="chelmsford",
        causes=["heritage"],
        skills=["driving"],
    )
    assert after.path == "/account"
    for word in ("Kim Okafor", "Chelmsford", "Heritage", "Driving"):
        assert word in after.words()
    assert 'value="chelmsford"' in (await browser.get("/")).text


async def test_an_unknown_place_keeps_what_was_typed_and_ticked(browser, db):
    await browser.sign_in_as((await a_person()).id)
    page = await browser.get("/account/profile")
    after = await browser.submit(
        page, "/account/profile", name="Kim", postcode="Atlantis", causes=["heritage"]
    )
    assert after.status == 422
    assert "We do not know that place" in after.field_error("postcode")
    fields = after.form("/account/profile").fields
    assert ("postcode", "Atlantis") in fields
    assert ("causes", "heritage") in fields


async def test_a_made_up_cause_is_refused(browser, db):
    await browser.sign_in_as((await a_person()).id)
    page = await browser.get("/account/profile")
    after = await browser.submit(page, "/account/profile", name="Kim", causes=["world-peace"])
    assert after.status == 422
    assert after.field_error("causes") == "Choose from the list"


async def test_the_password_is_changed_and_this_browser_stays(browser, browsers, db):
    person = await a_person(email="kim@example.org")
    await browser.sign_in_as(person.id)
    other = await browsers().sign_in_as(person.id)
    page = await browser.get("/account/password")
    after = await browser.submit(page, "/account/password", present=PASSWORD, password=NEW_PASSWORD)
    assert after.path == "/account"
    assert not await is_signed_in(other)


async def test_another_browser_is_signed_out_from_the_list(browser, browsers, db):
    person = await a_person()
    other = await browsers().sign_in_as(person.id)
    await browser.sign_in_as(person.id)
    page = await browser.get("/account/sessions")
    (action,) = {f.action for f in page.forms() if f.action.endswith("/revocation")}
    after = await browser.submit(page, action)
    assert "That browser is signed out" in after.words()
    assert not await is_signed_in(other)
    assert await is_signed_in(browser)


async def test_signing_out_everywhere_ends_this_browser_too(browser, browsers, db):
    person = await a_person()
    other = await browsers().sign_in_as(person.id)
    await browser.sign_in_as(person.id)
    page = await browser.get("/account/sessions")
    await browser.submit(page, "/account/sign-out-everywhere")
    assert not await is_signed_in(browser)
    assert not await is_signed_in(other)


async def test_a_suspended_person_is_out_at_once(browser, db):
    person = await a_person()
    await browser.sign_in_as(person.id)
    await db.execute("UPDATE person SET suspended_at = now()")
    assert not await is_signed_in(browser)


async def test_the_list_of_sessions_costs_the_same_for_one_and_for_thirty(browser, db, queries_run):
    person = await a_person()
    await browser.sign_in_as(person.id)
    await browser.get("/account/sessions")
    with queries_run() as one:
        await browser.get("/account/sessions")
    for _ in range(29):
        await operations.start_session(person.id, device="Firefox on Linux")
    with queries_run() as thirty:
        page = await browser.get("/account/sessions")
    assert page.text.count("/revocation") == 29
    assert one.count == thirty.count > 0
