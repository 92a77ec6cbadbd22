"""The way of a thing: listed, found, reserved, handed over, brought back broken, asked for again.

Nobody types an address after the home page, except where somebody was sent a link to some days.
"""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.factories import APerson, a_person, an_organisation
from tests.factories_things import a_day
from tests.journeys.post import Post
from tests.journeys.visitor import DESK, PHONE, Visitor

from marketplace import clock
from marketplace.permissions import OrgRole
from marketplace.things import rules

GAZEBO = "Gazebo, 3 by 3 metres"
LIBRARY = "Chelmer Library of Things"
SITE = "Moulsham Hall"
MONDAY, WEDNESDAY, THURSDAY, FRIDAY, SUNDAY = (a_day(day) for day in (0, 2, 3, 4, 6))
WAYS = pytest.mark.parametrize(
    ("scripted", "width"), [(True, DESK), (False, PHONE)], ids=["scripts-desk", "plain-phone"]
)


async def menu(visitor: Visitor, name: str) -> None:
    """Choose from the menu under one's name."""
    await visitor.page.locator("details.menu summary").click()
    await visitor.follow(name, inside="details.menu")


async def list_the_gazebo(librarian: Visitor) -> None:
    """Add the site with its hours, draft the thing, add two units, publish."""
    await librarian.open("/")
    await menu(librarian, LIBRARY)
    await librarian.follow("Lending", inside="nav.manage-nav")
    await librarian.follow("Sites and opening hours")
    await librarian.follow("Add the first site")
    weekdays = dict.fromkeys(
        ("monday", "tuesday", "wednesday", "thursday", "friday"), "10am to 4pm"
    )
    await librarian.fill(name=SITE, address="Moulsham Street", postcode="CM2 0JB", monday="ten")
    await librarian.press("Add site")
    await librarian.sees_errors("10am to 4pm")
    await librarian.fill(**weekdays, saturday="9:30am to 12:30pm")
    await librarian.press("Add site")
    await librarian.sees("Site added.")

    await librarian.follow("Lending", inside="nav.manage-nav")
    await librarian.follow("List the first thing")
    await librarian.fill(
        title=GAZEBO,
        summary="Keeps the rain off a stall or a small party.",
        category="Parties and events",
        site_id=f"{SITE}, Moulsham Street, Chelmsford, CM2 0JB",
        max_days="5",
        terms="Bring it back dry.",
    )
    await librarian.press("Save draft")
    await librarian.sees("Draft saved. Now add its units.")
    for label, code in (("The green one", "GAZ-1"), ("The white one", "GAZ-2")):
        await librarian.fill(label=label, asset_code=code)
        await librarian.press("Add this unit")
        await librarian.sees(f"{label} added.")
    await librarian.press("Publish")
    await librarian.sees("Published. People can find and reserve it now.")


async def find_the_gazebo(visitor: Visitor) -> None:
    """Search in the one box of the home page."""
    await visitor.open("/")
    await visitor.page.get_by_label("Or say it in your own words").fill("gazebo near CM1")
    await visitor.press("Search", inside="form.search-box--big")
    card = visitor.page.locator("article.card").filter(has_text=GAZEBO)
    assert re.search(r"Chelmsford,\s\d+(\.\d)? miles", await card.inner_text())
    await visitor.follow(GAZEBO)
    await visitor.is_on(GAZEBO)


async def show_month_of(visitor: Visitor, day: date) -> None:
    name = f"{day:%B} {day.year}"
    for _ in range(2):
        if await visitor.page.locator(".month__name").inner_text() == name:
            return
        await visitor.follow("Later", inside="#days")
        await visitor.page.wait_for_url("**month=*")
    await visitor.sees(name)


async def choose(visitor: Visitor, first: date, last: date) -> None:
    """Choose both days on the calendar."""
    for day, words in ((first, r"(\d of \d )?free, open"), (last, "bring it back on this day")):
        await show_month_of(visitor, day)
        await visitor.follow(re.compile(f"^{clock.date_words(day)}: {words}"), inside="#days")
        if day is first:
            await visitor.sees("Choose the day you bring it back")


async def reserve(visitor: Visitor, first: date, last: date) -> None:
    """Choose the days, agree to the terms, reserve."""
    await choose(visitor, first, last)
    await visitor.is_on("Reserve this")
    await visitor.press("Reserve", inside="main")
    await visitor.sees_errors("agree")
    await visitor.fill(agreed=True)
    await visitor.press("Reserve", inside="main")
    await visitor.sees(f"Reserved: {GAZEBO}, ")


async def let_the_days_come(db: Any, person: UUID) -> None:
    """Move somebody's reservation so that it begins today, which nobody can do on the site."""
    back = (MONDAY - clock.today()).days
    async with db.transaction():
        await db.execute(
            f"UPDATE reservation SET first_day = first_day - {back}, last_day = last_day - {back},"
            f" starts_at = starts_at - interval '{back} days',"
            f" ends_at = ends_at - interval '{back} days' WHERE person_id = {{}}",
            person,
        )
        await db.execute(
            f"UPDATE occupancy o SET blocked_from = blocked_from - interval '{back} days',"
            f" blocked_until = blocked_until - interval '{back} days'"
            " FROM reservation r WHERE r.id = o.reservation_id AND r.person_id = {}",
            person,
        )


async def lend_and_take_back(desk: Visitor, rita: Visitor, site: Post, email: str) -> None:
    """Hand the white one over, by its code; it comes back with a broken leg."""
    await desk.follow("Lending", inside="nav.manage-nav")
    await desk.follow("Desk", inside="nav.manage-nav")
    await desk.sees("To collect")
    await desk.follow("Hand over")
    await desk.is_on("Hand over")
    await desk.fill(code="NO-SUCH")
    await desk.press("Hand over", inside="main")
    await desk.sees_errors("NO-SUCH")
    await desk.fill(code="gaz-2", condition="One peg short")
    await desk.press("Hand over", inside="main")
    await desk.sees("Handed over: The white one, to Rita Resident")
    have = await site.letter(email, f"You have it: {GAZEBO}")
    assert "The white one" in have.text and "One peg short" in have.text
    await menu(rita, "My borrowing")
    await rita.sees("You have these")
    await rita.sees("The white one")

    # Scanning what is out leads straight to taking it back.
    await desk.fill(q="GAZ-2")
    await desk.press("Find", inside="main")
    await desk.is_on("Take back")
    await desk.sees("When it left: One peg short")
    await desk.fill(condition=["needs_repair"], note="A leg is bent")
    await desk.press("Save", inside="main")
    await desk.sees(re.compile("The white one.* repair"))
    receipt = await site.letter(email, f"Brought back: {GAZEBO}")
    assert "Needs repair" in receipt.text and "A leg is bent" in receipt.text


@WAYS
async def test_from_a_shelf_to_a_loan_and_back(
    enter: Any, site: Post, db: Any, scripted: bool, width: int
) -> None:
    async def somebody(person: APerson) -> Visitor:
        return await enter(scripted=scripted, width=width, person=person.id)

    lib = await a_person(name="Libby Librarian")
    await an_organisation(name=LIBRARY, members={OrgRole.LIBRARIAN: lib})
    rita, ned, tess = [
        await a_person(name=name) for name in ("Rita Resident", "Ned Next", "Tess Third")
    ]
    librarian, borrower = await somebody(lib), await somebody(rita)
    await list_the_gazebo(librarian)
    await find_the_gazebo(borrower)

    # Somebody sent her a link to a Sunday: it says so, and leads to the nearest open days.
    thing = borrower.path().split("/")[2].split("?")[0]
    await borrower.open(f"/things/{thing}/reservation?first={SUNDAY}&last={SUNDAY}")
    await borrower.is_on("You cannot reserve this for these days")
    nearest = SUNDAY - timedelta(days=1)
    await borrower.sees(f"{SITE} is closed on Sundays. Nearest: Saturday {nearest.day}")
    await borrower.follow("See all days")

    await reserve(borrower, MONDAY, WEDNESDAY)
    await borrower.is_on("My borrowing")
    await borrower.sees("To collect")
    letter = await site.letter(rita.email, f"Reserved: {GAZEBO}, ")
    assert SITE in letter.text and "10am" in letter.text
    await borrower.open(letter.link("/my/borrowing"))
    await borrower.sees(GAZEBO)

    await let_the_days_come(db, rita.id)
    await lend_and_take_back(librarian, borrower, site, rita.email)

    # One unit is left, and two people look at the same days: the second is led to the next.
    second, third = await somebody(ned), await somebody(tess)
    for visitor in (second, third):
        await find_the_gazebo(visitor)
        await choose(visitor, WEDNESDAY, THURSDAY)
        await visitor.fill(agreed=True)
    await second.press("Reserve", inside="main")
    await second.sees(f"Reserved: {GAZEBO}, ")
    await third.press("Reserve", inside="main")
    await third.is_on("You cannot reserve this for these days")
    assert third.status == 409
    await third.sees(f"free from {rules.days_words(WEDNESDAY, THURSDAY)}. Free again for 2 days")
    after = rules.days_words(FRIDAY, FRIDAY + timedelta(days=1))
    await third.follow(f"Reserve {after}", inside="main .links")
    await third.is_on("Reserve this")
    await third.fill(agreed=True)
    await third.press("Reserve", inside="main")
    await third.sees(f"Reserved: {GAZEBO}, ")

    await menu(third, "My borrowing")
    await third.press("Cancel", inside="main")
    await third.sees(f"Cancelled: {GAZEBO}, ")
    await site.letter(tess.email, f"You cancelled: {GAZEBO}")
