"""What people do that nobody planned: keys only, back, twice, two tabs; and what htmx adds."""

import re
from typing import Any
from uuid import UUID

import pytest
from tests.factories import (
    PASSWORD,
    APerson,
    a_booking,
    a_person,
    a_shift,
    an_opportunity,
    an_organisation,
)
from tests.journeys.post import Post
from tests.journeys.visitor import DESK, PATIENCE, PHONE, Visitor

_FOCUS = """() => {
  const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
  const words = (e.innerText || e.getAttribute("aria-label") || "").trim();
  // A card shows the focus of the link that covers it.
  const card = getComputedStyle(e.closest("li, article") || e);
  const plain = [s, getComputedStyle(e, "::after"), card].every(t => t.outlineStyle === "none");
  return {
    tag: e.tagName, name: e.name || "", words: words.replace(/\\s+/g, " "),
    seen: !plain && box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


@pytest.fixture
async def shift(db: Any) -> UUID:
    """Give a shift with two places of an opportunity called Gardening at Oaklands Park."""
    garden = await an_organisation(name="Chelmer Gardeners")
    opportunity = await an_opportunity(garden.id, title="Gardening at Oaklands Park")
    return await a_shift(opportunity, places=2)


@pytest.fixture
async def her(db: Any) -> APerson:
    """Give a volunteer."""
    return await a_person(name="Vera Volunteer")


async def tab_to(visitor: Visitor, *, words: str = "", name: str = "") -> None:
    """Press Tab until this has the focus; everything on the way shows that it has it."""
    passed = []
    for _ in range(60):
        await visitor.page.keyboard.press("Tab")
        at = await visitor.page.evaluate(_FOCUS)
        if at["tag"] == "BODY":
            continue
        assert at["seen"], f"the focus is not to be seen on {at}"
        if (name and at["name"] == name) or (words and words in at["words"]):
            return
        passed.append(at["words"] or at["name"])
    raise AssertionError(f"Tab never came to {words or name!r}, only to {passed}")


async def test_search_and_book_with_the_keyboard_alone(
    enter: Any, shift: UUID, her: APerson
) -> None:
    visitor = await enter(person=her.id)
    await visitor.open("/")
    await visitor.page.keyboard.press("Tab")
    assert (await visitor.page.evaluate(_FOCUS))["words"].startswith("Skip to the main part")
    await visitor.page.keyboard.press("Enter")
    await tab_to(visitor, name="q")
    await visitor.page.keyboard.type("gardening near CM1")
    await visitor.page.keyboard.press("Enter")
    await visitor.is_on("Search")
    await tab_to(visitor, words="Gardening at Oaklands Park")
    await visitor.page.keyboard.press("Enter")
    await visitor.is_on("Gardening at Oaklands Park")
    await tab_to(visitor, words="Book")
    await visitor.page.keyboard.press("Enter")
    await visitor.is_on("Book this shift")
    await tab_to(visitor, words="Book my place")
    await visitor.page.keyboard.press("Enter")
    await visitor.sees("You have a place: ")


async def test_the_menu_opens_and_closes_by_key(enter: Any, shift: UUID, her: APerson) -> None:
    visitor = await enter(person=her.id)
    await visitor.open("/")
    await tab_to(visitor, words="Vera Volunteer")
    await visitor.page.keyboard.press("Enter")
    await visitor.sees("Your account")
    await tab_to(visitor, words="My volunteering")
    await visitor.page.keyboard.press("Escape")
    assert not await visitor.page.locator("details.menu[open]").count()
    assert "Vera" in (await visitor.page.evaluate(_FOCUS))["words"]


async def test_the_menu_of_a_workspace_is_folded_on_a_phone_only(enter: Any, db: Any) -> None:
    made = await an_organisation(name="Chelmer Gardeners")
    visitor = await enter(person=made.owner.id, width=PHONE, scripted=False)
    await visitor.open(f"/manage/{made.id}/opportunities")
    heading = await visitor.page.locator("h1").bounding_box()
    assert heading and heading["y"] < 844 / 2, "the page itself begins in the upper half"
    link = visitor.page.get_by_role("link", name="Volunteers")
    assert not await link.is_visible()
    await visitor.page.locator("summary", has_text="Volunteering › Opportunities").press("Enter")
    await link.wait_for()
    await link.click()
    await visitor.is_on("Volunteers")
    await visitor.page.set_viewport_size({"width": DESK, "height": 900})
    await visitor.page.get_by_role("link", name="Hours").wait_for()
    assert not await visitor.page.locator(".manage-nav summary").is_visible()


async def test_a_printed_roster_has_names_and_boxes_and_no_links(
    enter: Any, db: Any, her: APerson
) -> None:
    made = await an_organisation()
    shift = await a_shift(await an_opportunity(made.id))
    await a_booking(shift, her.id)
    visitor = await enter(person=made.owner.id)
    await visitor.open(f"/manage/shifts/{shift}")
    await visitor.page.emulate_media(media="print")
    assert await visitor.page.locator("main .roster__box:visible").count() == 1
    assert await visitor.page.locator("main a:visible, main button:visible").count() == 0
    await visitor.sees("Vera Volunteer")


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "plain"])
async def test_back_after_booking_and_once_more_books_once(
    enter: Any, db: Any, shift: UUID, her: APerson, scripted: bool
) -> None:
    visitor = await enter(person=her.id, scripted=scripted)
    await visitor.open(f"/shifts/{shift}/booking")
    await visitor.press("Book my place")
    await visitor.sees("You have a place: ")
    await visitor.page.go_back()
    await visitor.is_on(re.compile("Book this shift|You cannot book this shift"))
    again = visitor.page.get_by_role("button", name="Book my place")
    if await again.count():
        # The browser kept the page: its form is the same and leads where it led before.
        await again.click()
        await visitor.sees("You have a place")
    else:
        await visitor.sees("You have a place on this shift already")
    assert await db.fetch_value("SELECT count(*) FROM booking") == 1


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "plain"])
async def test_a_double_click_books_once(
    enter: Any, db: Any, shift: UUID, her: APerson, scripted: bool
) -> None:
    visitor = await enter(person=her.id, scripted=scripted)
    await visitor.open(f"/shifts/{shift}/booking")
    await visitor.page.get_by_role("button", name="Book my place").dblclick()
    await visitor.sees("You have a place")
    assert await db.fetch_value("SELECT count(*) FROM booking") == 1
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", shift) == 1


async def test_a_tab_left_open_after_signing_out_in_another_explains(
    enter: Any, shift: UUID, her: APerson
) -> None:
    first = await enter(person=her.id)
    await first.open(f"/shifts/{shift}/booking")
    second = await first.another_tab()
    await second.open("/account")
    await second.page.locator("details.menu summary").click()
    await second.press("Sign out", inside="details.menu")
    await second.sees("You are signed out.")

    await first.press("Book my place")
    await first.is_on("Sign in")
    await first.sees("Sign in to go on with what you were doing")
    await first.fill(email=her.email, password=PASSWORD)
    await first.press("Sign in", inside="main")
    await first.is_on("Book this shift")

    # As somebody else meanwhile: the form is another person's and is not sent.
    await second.sign_in_as((await a_person(name="Somebody Else")).id)
    await first.press("Book my place")
    await first.sees("you signed in or out in another tab")
    assert first.status == 403


async def test_filters_change_results_and_address_and_back_restores_both(
    enter: Any, shift: UUID
) -> None:
    away = await an_opportunity(
        title="Beach clean", town="Clacton-on-Sea", postcode="CO15 1AA", point=None, remote=True
    )
    await a_shift(away)
    visitor = await enter()
    await visitor.open("/opportunities")
    await visitor.sees("2 opportunities")
    loads: list[str] = []
    visitor.page.on(
        "request",
        lambda request: loads.append(request.url) if request.resource_type == "document" else None,
    )
    await visitor.page.locator("details.filters__more summary").click()
    await visitor.page.get_by_label("I can do it from home").check()
    await visitor.sees("1 opportunity")
    await visitor.page.wait_for_url("**/opportunities?*remote=yes*", timeout=PATIENCE)
    assert "Gardening" not in await visitor.page.locator("#results").inner_text()
    await visitor.page.get_by_label("What would you like to do?").fill("beach")
    await visitor.page.keyboard.press("Enter")
    await visitor.page.wait_for_url("**/opportunities?*q=beach*", timeout=PATIENCE)
    assert not loads, "the filters loaded whole pages"
    # What was typed is still under the cursor.
    assert (await visitor.page.evaluate(_FOCUS))["name"] == "q"

    # The address is a page of its own.
    other = await enter(scripted=False)
    await other.open(visitor.page.url)
    await other.sees("1 opportunity")

    # htmx asks for the whole page again, which Playwright's own `go_back` takes for a failure.
    await visitor.page.evaluate("history.back()")
    await visitor.page.wait_for_function("!location.search.includes('beach')")
    assert "remote=yes" in visitor.path()
    await visitor.page.wait_for_load_state()
    await visitor.page.evaluate("history.back()")
    await visitor.page.wait_for_url("**/opportunities", timeout=PATIENCE)
    await visitor.sees("2 opportunities")
    await visitor.page.evaluate("history.forward()")
    await visitor.sees("1 opportunity")


async def test_an_unknown_place_typed_into_the_filters_is_said(enter: Any, shift: UUID) -> None:
    for scripted in (True, False):
        visitor = await enter(scripted=scripted)
        await visitor.open("/opportunities")
        await visitor.fill(near="Atlantis")
        await visitor.page.keyboard.press("Enter")
        await visitor.sees("We do not know “Atlantis”")


async def test_the_register_is_searched_while_typing(
    enter: Any, site: Post, db: Any, her: APerson, tmp_path: Any
) -> None:
    from marketplace import paths
    from marketplace.organisations import register

    await register.import_charities(
        paths.data() / "register_sample.tsv", errors=tmp_path / "errors.csv", allow_shrink=True
    )
    visitor = await enter(person=her.id)
    await visitor.open("/organisations/register")
    await visitor.page.get_by_label("Its number or name").press_sequentially("witham food")
    await visitor.sees("St Botolph")
    assert visitor.path() == "/organisations/register"
    await visitor.page.get_by_label("Its number or name").fill("9999999")
    await visitor.sees("We found no such charity")


async def test_a_form_with_errors_gives_the_focus_to_their_summary(enter: Any, site: Post) -> None:
    visitor = await enter()
    await visitor.open("/sign-up")
    await visitor.fill(email="nobody")
    await visitor.press("Join", inside="main")
    await visitor.sees_errors("Enter your name", "Enter an e-mail address")
    focused = "document.activeElement.classList.contains('govuk-error-summary')"
    await visitor.page.wait_for_function(focused)
    assert await visitor.page.locator("main [name=email]").input_value() == "nobody"
    await visitor.follow("Enter your name", inside=".govuk-error-summary")
    assert (await visitor.page.evaluate(_FOCUS))["name"] == "name"
