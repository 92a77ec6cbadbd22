"""The way of the whole: from a charity's number to hours that a volunteer can show.

Nobody types an address after the home page; what comes by mail is followed out of the mail.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.factories import PASSWORD, a_person
from tests.journeys.post import Post
from tests.journeys.visitor import DESK, PHONE, Visitor

from marketplace import clock, paths
from marketplace.organisations import register
from marketplace.permissions import PlatformRole

CHARITY = "9900023"  # St Botolph's Witham Food Bank, in the sample of the register
NAME = "St Botolph’s Witham Food Bank"
OWNER, COORDINATOR = "olive.owner@example.org", "cora.coordinator@example.org"
VERA, LATE = "vera.volunteer@example.org", "larry.late@example.org"
TITLE = "Gardening on Saturdays"


@pytest.fixture
async def charities(db: Any, tmp_path: Path) -> None:
    """Fill the mirror of the register with the sample."""
    await register.import_charities(
        paths.data() / "register_sample.tsv", errors=tmp_path / "errors.csv", allow_shrink=True
    )


async def join(visitor: Visitor, name: str, email: str) -> None:
    """Fill in the form to join, on which the visitor stands, and follow the link of the mail."""
    await visitor.is_on(re.compile("^Join"))
    await visitor.fill(name=name, email=email, password=PASSWORD)
    await visitor.press("Join", inside="main")
    await visitor.is_on("Check your e-mail")
    letter = await visitor.site.letter(email, "Confirm your e-mail address")
    await visitor.open(letter.link("/confirm-email/"))
    await visitor.press("Confirm my address")
    await visitor.sees("Your e-mail address is confirmed")


async def menu(visitor: Visitor, name: str) -> None:
    """Choose from the menu under one's name."""
    await visitor.page.locator("details.menu summary").click()
    await visitor.follow(name, inside="details.menu")


async def register_charity(owner: Visitor) -> None:
    await owner.open("/")
    await owner.follow("Register your organisation")
    await join(owner, "Olive Owner", OWNER)
    await owner.is_on("Register your organisation")
    await owner.fill(q=CHARITY)
    await owner.press("Find")
    await owner.follow("St Botolph", inside="#charities")
    await owner.is_on("Check what the register says")
    main = owner.page.locator("main")
    assert "Witham" in await main.locator('[name="name"]').input_value()
    assert await main.locator('[name="postcode"]').input_value() == "CM8 9ZD"
    assert "Church Walk" in await main.locator('[name="address"]').input_value()
    await owner.press("Send for approval")
    # The register has no e-mail address and no cause of it: both are asked for, all else is kept.
    await owner.sees_errors("cause", "e-mail address that people may write to")
    assert await main.locator('[name="postcode"]').input_value() == "CM8 9ZD"
    await owner.fill(
        name=NAME,
        summary="Emergency food parcels, and an allotment that grows some of it.",
        causes=["anti-poverty"],
        contact_email="hello@example.org",
    )
    await owner.press("Send for approval")
    await owner.is_on(NAME)
    await owner.sees("Waiting for approval")


async def approve(moderator: Visitor, email: str) -> None:
    await moderator.site.letter(email, f"{NAME} waits for approval")
    await moderator.open("/")
    await moderator.follow("Sign in", inside="header")
    await moderator.fill(email=email, password=PASSWORD)
    await moderator.press("Sign in", inside="main")
    await menu(moderator, "Moderation")
    await moderator.follow(NAME)
    await moderator.is_on(NAME)
    await moderator.press("Approve")
    await moderator.sees("is approved and public now")


async def invite(owner: Visitor) -> None:
    await owner.site.letter(OWNER, f"{NAME} is approved")
    await owner.follow("Organisation", inside="nav.manage-nav")
    await owner.follow("People", inside="nav.manage-nav")
    await owner.is_on("People")
    await owner.fill(email=COORDINATOR, role=["coordinator"])
    await owner.press("Send invitation")
    await owner.sees(f"Invitation sent to {COORDINATOR}")


async def accept(coordinator: Visitor) -> None:
    letter = await coordinator.site.letter(COORDINATOR, f"Join {NAME}")
    await coordinator.open(letter.link("/invitations/"))
    await coordinator.is_on(f"Join {NAME}")
    await coordinator.follow("Create an account")
    await join(coordinator, "Cora Coordinator", COORDINATOR)
    await coordinator.is_on(f"Join {NAME}")
    await coordinator.press("Accept")
    await coordinator.is_on(NAME)


async def publish(coordinator: Visitor) -> None:
    """Draft an opportunity in two sittings, plan a shift of one place in each of two weeks."""
    await coordinator.follow("Volunteering", inside="nav.manage-nav")
    await coordinator.follow("Write the first opportunity")
    await coordinator.fill(title=TITLE)
    await coordinator.press("Save draft")
    await coordinator.is_on(TITLE)
    await coordinator.follow("Say in one or two sentences")
    await coordinator.fill(
        summary="Weed, plant and harvest on our allotment.",
        place_name="Blackwater Allotments",
        postcode="CM8 1AA",
        contact_name="Cora",
        minimum_age="16",
    )
    await coordinator.press("Save")
    await coordinator.is_on(TITLE)
    day = clock.today() + timedelta(days=9)
    await coordinator.follow("Add at least one shift")
    await coordinator.follow("Plan one that repeats")
    await coordinator.fill(day=day.isoformat(), start="10:00", end="12:30", places="1")
    await coordinator.page.get_by_label("Until a day").check()
    await coordinator.fill(until=(day + timedelta(days=7)).isoformat())
    await coordinator.press("Add", inside="main")
    await coordinator.sees("Planned: 2 shifts added.")
    await coordinator.sees("A moderator looks at the first opportunities")
    await coordinator.press("Send to a moderator")
    await coordinator.sees("Waiting for a moderator")


async def let_in(moderator: Visitor, email: str) -> None:
    """Accept the first opportunity of an organisation that is not trusted yet."""
    letter = await moderator.site.letter(email, f"{TITLE} waits to be looked at")
    await moderator.open(letter.link("/moderation/opportunities/"))
    await moderator.is_on(TITLE)
    await moderator.sees("Weed, plant and harvest on our allotment.")
    await moderator.press("Accept")
    await moderator.sees("Accepted. The organisation is told.")
    await moderator.site.letter(COORDINATOR, f"{TITLE} is public now")


async def find(visitor: Visitor) -> None:
    """Search in the one box, misspelt first."""
    await visitor.open("/")
    await visitor.page.get_by_label("Or say it in your own words").fill("gardning near CM1")
    await visitor.press("Search", inside="form.search-box--big")
    await visitor.sees("Showing results for")
    assert re.search(r"Showing results for garden\w* instead of gardning", await visitor.words())
    await visitor.follow("Essex Together", inside="header")
    await visitor.page.get_by_label("Or say it in your own words").fill("gardening near CM1")
    await visitor.press("Search", inside="form.search-box--big")
    card = visitor.page.locator("article.card").filter(has_text=TITLE)
    assert re.search(r"Witham,\s\d+(\.\d)? miles", await card.inner_text())
    await visitor.follow(TITLE)
    await visitor.is_on(TITLE)


@pytest.mark.parametrize(
    ("scripted", "width"), [(True, DESK), (False, PHONE)], ids=["scripts-desk", "plain-phone"]
)
async def test_from_a_charity_number_to_confirmed_hours(
    enter: Any, site: Post, db: Any, charities: None, scripted: bool, width: int
) -> None:
    async def somebody() -> Visitor:
        return await enter(scripted=scripted, width=width)

    moderators = await a_person(name="Mo Moderator", platform=(PlatformRole.MODERATOR,))
    owner, coordinator, vera = await somebody(), await somebody(), await somebody()
    await register_charity(owner)
    moderator = await somebody()
    await approve(moderator, moderators.email)
    await invite(owner)
    await accept(coordinator)
    await publish(coordinator)
    await let_in(moderator, moderators.email)

    # A second visitor reads the same page while the place is still there.
    late = await somebody()
    await find(late)
    await find(vera)
    await late.follow("Sign up to book", inside="ol.shifts")
    await join(late, "Larry Late", LATE)
    await late.is_on("Book this shift")
    await late.fill(old_enough=True)

    await vera.follow("Sign up to book", inside="ol.shifts")
    await join(vera, "Vera Volunteer", VERA)
    await vera.is_on("Book this shift")
    await vera.press("Book my place")
    await vera.sees_errors("Tick that you are")
    await vera.fill(old_enough=True)
    await vera.press("Book my place")
    await vera.sees("You have a place: ")

    # The last place went: the other one is told, and led to the next.
    await late.press("Book my place")
    await late.sees("That shift is full. The same opportunity has places on")
    assert late.status == 409
    await late.follow("Book ", inside="main")
    await late.is_on("Book this shift")
    await late.fill(old_enough=True)
    await late.press("Book my place")
    await late.sees("You have a place: ")

    booked = await site.letter(VERA, f"You are booked: {TITLE}")
    assert "Blackwater Allotments" in booked.text
    await site.letter(COORDINATOR, "Vera Volunteer will come")

    await menu(vera, "My volunteering")
    await vera.is_on("My volunteering")
    await vera.sees("You have a place")

    await roster_and_hours(coordinator, vera, site, db)
    await cancel_by_mail(late, site)
    await vera.follow(TITLE)
    await vera.sees("1 of 1 place left")


async def roster_and_hours(coordinator: Visitor, vera: Visitor, site: Post, db: Any) -> None:
    """See who comes; a week passes; mark, confirm, and the volunteer sees it."""
    await coordinator.follow("Roster", inside="main")
    await coordinator.sees("Vera Volunteer")
    await coordinator.sees("You can mark who came from")
    await let_the_first_shift_pass(db)
    await coordinator.follow(TITLE, inside="main")
    await coordinator.is_on(TITLE)
    await coordinator.follow("Attendance and hours")
    await coordinator.press("Came", inside=".roster__do")
    await coordinator.sees("Marked.")
    await coordinator.fill(hours="3", minutes="75")
    await coordinator.press("Confirm", inside=".roster__hours")
    await coordinator.sees_errors("minutes")
    await coordinator.fill(hours="3", minutes="15")
    await coordinator.press("Confirm", inside=".roster__hours")
    await coordinator.sees("Hours confirmed.")

    await site.letter(VERA, "Thank you for 3 hours 15 minutes")
    await menu(vera, "My volunteering")
    await vera.sees("What you have done")
    assert (await vera.words()).count("3 hours 15 minutes") == 2  # the sum, and the shift


async def let_the_first_shift_pass(db: Any) -> None:
    """Move the shift that Vera booked a fortnight back, which nobody can do on the site."""
    shift: UUID = await db.fetch_value("SELECT id FROM shift ORDER BY starts_at LIMIT 1")
    back = "- interval '14 days'"
    async with db.transaction():
        await db.execute(
            f"UPDATE booking SET period = tstzrange(lower(period) {back}, upper(period) {back})"
            " WHERE shift_id = {}",
            shift,
        )
        await db.execute(
            f"UPDATE shift SET starts_at = starts_at {back}, ends_at = ends_at {back},"
            f" local_start = local_start {back}, local_end = local_end {back} WHERE id = {{}}",
            shift,
        )


async def cancel_by_mail(late: Visitor, site: Post) -> None:
    """Give a place back through the link of the mail, without being asked to sign in."""
    letter = await site.letter(LATE, f"You are booked: {TITLE}")
    await late.open(letter.link("/bookings/cancel/"))
    await late.is_on("Can’t make it?")
    await late.press("Cancel my place")
    await late.is_on("Your place is cancelled")
    await site.letter(LATE, f"You cancelled: {TITLE}")
    await site.letter(COORDINATOR, "Larry Late cannot come")


async def test_a_group_without_a_number_drafts_before_approval_and_nothing_is_public(
    enter: Any, site: Post, db: Any
) -> None:
    owner, visitor = await enter(), await enter(width=PHONE)
    await owner.open("/")
    await owner.follow("Register your organisation")
    await join(owner, "Gita Group", "gita@example.org")
    await owner.follow("Go on without a charity number")
    await owner.fill(kind=["community_group"], name="Melbourne Park Allotmenteers")
    await owner.press("Save and finish later")
    await owner.is_on("Melbourne Park Allotmenteers")
    await owner.sees("This is a draft")

    await owner.follow("Post an opportunity to give time")
    await owner.fill(
        title="Orchard planting",
        summary="Plant apple trees with us.",
        postcode="CM1 2AA",
        contact_name="Gita",
    )
    await owner.press("Save draft")
    await owner.follow("Add at least one shift")
    day = clock.today() + timedelta(days=3)
    await owner.fill(day=day.isoformat(), start="09:00", end="11:00", places="6")
    await owner.press("Add", inside="main")
    await owner.sees("Shift added.")
    await owner.sees("Kept as a draft")
    assert not await owner.page.get_by_role("button", name="Publish").count()
    await owner.follow("Preview")
    await owner.sees("This is a draft")
    draft = owner.path()
    assert not await owner.page.get_by_role("link", name="Book").count()

    organisation = await db.fetch_value("SELECT id FROM organisation")
    for address in (draft, f"/organisations/{organisation}"):
        await visitor.open(address)
        assert visitor.status == 404
    for address in ("/search?q=orchard", "/opportunities", "/organisations"):
        await visitor.open(address)
        assert "Orchard" not in await visitor.words()
        assert "Melbourne Park" not in await visitor.words()
