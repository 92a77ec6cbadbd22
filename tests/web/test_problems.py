"""A page that saves a part of itself is not replaced when the saving fails."""

from tests.browser import Browser
from tests.factories import a_person

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


async def test_a_refusal_stands_above_the_page(browser: Browser):
    await browser.sign_in_as((await a_person()).id)
    answer = await browser.client.post("/account/profile", data={"_csrf": "x" * 80}, headers=PART)
    assert answer.status_code == 403 and "open for too long" in answer.text
    assert answer.headers["hx-retarget"] == "#problem" and "<html" not in answer.text


async def test_somebody_signed_out_meanwhile_keeps_what_is_typed(browser: Browser):
    answer = await browser.client.post("/account/profile", data={"_csrf": "x"}, headers=PART)
    assert answer.status_code == 401 and "still on this page" in answer.text
    assert answer.headers["hx-retarget"] == "#problem"


async def test_without_scripts_the_sign_in_page_follows(browser: Browser):
    answer = await browser.client.post("/account/profile", data={"_csrf": "x"})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


async def test_every_page_has_the_place_for_it(browser: Browser):
    page = await browser.get("/")
    assert [e for e in page.all("div") if e.get("id") == "problem"]
