"""The ways of giving time beyond a first booking: waiting, series, the day itself, certificates,
young people, and people without e-mail.

Nobody types an address after the home page; what comes by mail, stands on a screen or is printed
is opened as it stands there.
"""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.factories import (
    PASSWORD,
    a_booking,
    a_person,
    a_role,
    a_shift,
    an_opportunity,
    an_organisation,
    some_hours,
)
from tests.journeys.post import Post
from tests.journeys.test_borrowing import menu
from tests.journeys.test_journey import join
from tests.journeys.visitor import PHONE, Visitor

from marketplace import clock
from marketplace.permissions import OrgRole, PlatformRole

GARDENERS, TITLE = "Chelmer Gardeners", "Gardening at Oaklands Park"
PLAIN_PHONE: dict[str, Any] = {"scripted": False, "width": PHONE}


async def opportunity_page(visitor: Visitor) -> None:
    """Find the opportunity from the home page."""
    await visitor.open("/")
    await visitor.follow("Volunteer", inside="header")
    await visitor.follow(TITLE, inside="main")
    await visitor.is_on(TITLE)


async def workspace_page(visitor: Visitor) -> None:
    """Open the opportunity in the workspace, from the home page."""
    await visitor.open("/")
    await menu(visitor, GARDENERS)
    await visitor.follow("Volunteering", inside="nav.manage-nav")
    await visitor.follow(TITLE, inside="main")
    await visitor.is_on(TITLE)


async def my_volunteering(visitor: Visitor) -> None:
    await menu(visitor, "My volunteering")
    await visitor.is_on("My volunteering")


async def test_a_place_on_a_full_shift_is_offered_by_mail_and_taken_with_one_button(
    enter: Any, site: Post
) -> None:
    cora, fay, vera, tess = [
        await a_person(name=name)
        for name in ("Cora Coordinator", "Fay First", "Vera Volunteer", "Tess Third")
    ]
    garden = await an_organisation(name=GARDENERS, members={OrgRole.COORDINATOR: cora})
    shift = await a_shift(await an_opportunity(garden.id, title=TITLE), places=1)
    await a_booking(shift, fay.id)
    waits = await enter(person=vera.id, **PLAIN_PHONE)
    await opportunity_page(waits)
    await waits.sees("Full")
    await waits.follow("Join the waitlist", inside="main")
    await waits.press("Join the waitlist", inside="main")
    await waits.sees("We write to you when a place is yours.")
    await waits.sees("You are number 1 on the list")
    await my_volunteering(waits)
    await waits.sees("Number 1 on the waitlist")

    goes = await enter(person=fay.id, **PLAIN_PHONE)
    await goes.open("/")
    await my_volunteering(goes)
    await goes.press("Cancel my place")
    await goes.sees("Your place is free for others.")

    # It is kept for her: somebody who comes by meanwhile cannot snatch it.
    letter = await site.letter(vera.email, f"A place is free for you: {TITLE}")
    passes = await enter(person=tess.id, **PLAIN_PHONE)
    await opportunity_page(passes)
    await passes.sees("Join the waitlist")
    assert not await passes.page.get_by_role("link", name="Book").count()

    # On a device on which she never signed in.
    elsewhere = await enter(**PLAIN_PHONE)
    await elsewhere.open(letter.link("/shift-offers/"))
    await elsewhere.is_on("A place is free for you")
    await elsewhere.press("Take the place")
    await elsewhere.is_on("The place is yours")
    await site.letter(vera.email, f"You are booked: {TITLE}")
    await site.letter(cora.email, "Vera Volunteer will come")
    await my_volunteering(waits)
    await waits.sees("You have a place")
    assert "waitlist" not in await waits.words()


async def plan_a_series(coordinator: Visitor) -> None:
    """Plan a shift each week for six weeks, 6:30pm to 8pm."""
    await workspace_page(coordinator)
    await coordinator.follow("Add shifts", inside="main")
    await coordinator.follow("Plan one that repeats")
    day = clock.today() + timedelta(days=8)
    await coordinator.fill(day=day.isoformat(), start="18:30", end="20:00", places="3")
    await coordinator.page.get_by_label("Until a day").check()
    await coordinator.fill(until=(day + timedelta(weeks=5)).isoformat())
    await coordinator.press("Add", inside="main")
    await coordinator.sees("Planned: 6 shifts added.")


async def test_this_and_following_are_moved_with_a_decision_about_the_booked(
    enter: Any, site: Post
) -> None:
    cora, vera = await a_person(name="Cora Coordinator"), await a_person(name="Vera Volunteer")
    garden = await an_organisation(name=GARDENERS, members={OrgRole.COORDINATOR: cora})
    await an_opportunity(garden.id, title=TITLE)
    coordinator, volunteer = await enter(person=cora.id), await enter(person=vera.id)
    await plan_a_series(coordinator)
    first = clock.today() + timedelta(days=8)
    second, fourth = [clock.date_words(first + timedelta(weeks=weeks)) for weeks in (1, 3)]

    await opportunity_page(volunteer)
    await volunteer.follow(re.compile(rf"^Book\W+{fourth}"), inside="ol.shifts")
    await volunteer.is_on("Book this shift")
    await volunteer.press("Book my place")
    await volunteer.sees(f"You have a place: {fourth}, 6:30pm to 8pm")

    await coordinator.follow(re.compile(rf"^This and following\W+from {second}"), inside="main")
    await coordinator.is_on("Edit this and following shifts")
    await coordinator.fill(start="19:00", end="20:30")
    await coordinator.press("Save", inside="main")
    await coordinator.is_on("Some of these shifts are booked")
    assert coordinator.status == 409
    await coordinator.sees("1 person has a place")
    decide = coordinator.page.get_by_role("group", name=f"{fourth}, 6:30pm to 8pm")
    await decide.get_by_label(f"Move it to {fourth}, 7pm to 8:30pm and tell those booked").check()
    await coordinator.press("Save", inside="main")
    await coordinator.sees("1 person is told by e-mail.")
    for times, shifts in (("6:30pm to 8pm", 1), ("7pm to 8:30pm", 5)):
        rosters = re.compile(rf"^Roster\W.*, {times}$")
        assert await coordinator.page.get_by_role("link", name=rosters).count() == shifts

    letter = await site.letter(vera.email, f"New time: {TITLE}, {fourth}, 7pm to 8:30pm")
    assert "Your place is kept." in " ".join(letter.text.split())
    await my_volunteering(volunteer)
    await volunteer.sees(f"{fourth}, 7pm to 8:30pm")
    await volunteer.sees("You have a place")


async def trust_a_leader(coordinator: Visitor, name: str) -> None:
    """Let a volunteer mark the list of the shift that is on."""
    await workspace_page(coordinator)
    await coordinator.follow("Roster", inside="main")
    await coordinator.follow("Who may mark this list")
    await coordinator.fill(person=name)
    await coordinator.press("Trust them with the list")
    await coordinator.sees("They can mark who came, and have been told.")


async def test_hours_checked_in_by_the_code_on_a_screen_are_put_right_and_agreed(
    enter: Any, site: Post
) -> None:
    cora, lena, vera = [
        await a_person(name=name) for name in ("Cora Coordinator", "Lena Leader", "Vera Volunteer")
    ]
    garden = await an_organisation(name=GARDENERS, members={OrgRole.COORDINATOR: cora})
    now = clock.now().replace(second=0, microsecond=0)
    began = now - timedelta(minutes=40)
    shift = await a_shift(await an_opportunity(garden.id, title=TITLE), starts_at=began)
    for person in (lena, vera):
        await a_booking(shift, person.id)
    coordinator = await enter(person=cora.id, scripted=False)
    await trust_a_leader(coordinator, "Lena Leader")

    leader = await enter(person=lena.id, **PLAIN_PHONE)
    trusted = await site.letter(lena.email, "You can mark who came")
    await leader.open(trusted.link("/my/leading"))
    await leader.follow("Open the list")
    await leader.press("Show the check-in code")
    await leader.sees("0 of 2 here.")

    # To look at the address is not to be there: only the button is.
    volunteer = await enter(person=vera.id, **PLAIN_PHONE)
    address = await leader.page.locator(".code__address").inner_text()
    await volunteer.open(address)
    await volunteer.is_on("Check in")
    await leader.page.reload()
    await leader.sees("0 of 2 here.")
    await volunteer.press("Check in", inside="main")
    await volunteer.sees("You are checked in.")
    await leader.page.reload()
    await leader.sees("1 of 2 here.")

    # It counts from the moment of the code; she was there from the start, and says so.
    await my_volunteering(volunteer)
    await volunteer.follow("Hours", inside="main")
    await volunteer.sees(re.compile(r"1 hour (20|1\d) minutes"))
    await volunteer.sees("Waits for the organisation")
    await volunteer.follow(TITLE)
    await volunteer.fill(hours="2", minutes="0", words="I opened the gate at the start")
    await volunteer.press("Put it in question")
    await volunteer.sees("In question")
    letter = await site.letter(cora.email, "Hours of Vera Volunteer")
    assert "I opened the gate at the start" in " ".join(letter.text.split())
    await coordinator.open(letter.link("/manage/"))
    await coordinator.press("Agree: 2 hours")
    await coordinator.sees("Agreed.")
    await site.letter(vera.email, f"Thank you for 2 hours at {GARDENERS}")
    await my_volunteering(volunteer)
    await volunteer.sees("given and confirmed")


def _is_pdf(file: Path) -> bool:
    return file.read_bytes().startswith(b"%PDF")


async def test_a_certificate_shows_what_was_chosen_until_it_is_revoked(
    enter: Any, site: Post
) -> None:
    vera = await a_person(name="Vera Volunteer")
    garden = await an_organisation(name=GARDENERS)
    kitchen = await an_organisation(name="Moulsham Kitchen")
    for organisation, minutes in ((garden, 150), (kitchen, 60)):
        opportunity = await an_opportunity(organisation.id)
        role = await a_role(opportunity, title="Seed sorter")
        await some_hours(vera.id, organisation.id, role, minutes)
    volunteer = await enter(person=vera.id)
    await volunteer.open("/")
    await my_volunteering(volunteer)
    await volunteer.follow("Thanks and certificates", inside="main")
    await volunteer.sees("3 hours 30 minutes given")
    await volunteer.press("Make one")
    await volunteer.page.get_by_label("Moulsham Kitchen").uncheck()
    await volunteer.fill(shows_name=False, shows_hours=False)
    await volunteer.press("Make it")
    await volunteer.is_on("Your certificate")
    async with volunteer.page.expect_download() as coming:
        await volunteer.press("Download it (PDF)")
    assert await asyncio.to_thread(_is_pdf, await (await coming.value).path())

    # Who is shown the paper types its code, and reads what she chose to show and no more.
    employer = await enter(**PLAIN_PHONE)
    address = await volunteer.page.locator(".code__address").inner_text()
    await employer.open(address)
    await employer.is_on("This certificate is genuine")
    words = await employer.words()
    assert GARDENERS in words and "Seed sorter" in words
    for hidden in ("Vera", "Kitchen", "2 hours"):
        assert hidden not in words
    code = address.rsplit("/", 1)[-1]

    await volunteer.press("Revoke it")
    await volunteer.sees("Revoked. Nobody can verify it any more.")
    await employer.fill(code=code.replace("-", " ").lower())
    await employer.press("Verify")
    await employer.is_on("No such certificate stands")
    assert employer.status == 404
    assert GARDENERS not in await employer.words()


async def name_the_adult(coordinator: Visitor) -> None:
    """Say who answers for the young people of the role."""
    await workspace_page(coordinator)
    await coordinator.follow(TITLE, inside="main ul")
    await coordinator.follow("Adult for young people")
    await coordinator.sees("Nobody is named, so nobody under 18 can book.")
    await coordinator.fill(person="Cora Coordinator")
    await coordinator.press("Name them")
    await coordinator.sees("Named. They are told by e-mail.")


async def ask_the_guardian(young: Visitor, guardian: str) -> None:
    """Want a place, give one's date of birth, and name who has to agree."""
    await opportunity_page(young)
    await young.follow("Book", inside="ol.shifts")
    await young.press("Book my place")
    await young.sees_errors("Tick that you are 18 or over")
    await young.follow("Give your date of birth", inside="form")
    born = clock.today() - timedelta(days=16 * 365 + 100)
    await young.fill(born_on=born.isoformat())
    await young.press("Save", inside="main")
    await young.sees("Your date of birth is saved.")
    await young.is_on("You cannot book this shift yet")
    await young.follow("Name your parent or guardian")
    await young.fill(name="Gwen Guardian", email=guardian)
    await young.press("Ask them")
    await young.sees("We have written to Gwen Guardian.")
    await young.sees("Not answered yet")


async def test_somebody_of_16_has_a_place_for_as_long_as_a_guardian_agrees(
    enter: Any, site: Post
) -> None:
    cora = await a_person(name="Cora Coordinator")
    mina = await a_person(name="Mina Young")
    garden = await an_organisation(name=GARDENERS, members={OrgRole.COORDINATOR: cora})
    await a_shift(await an_opportunity(garden.id, title=TITLE, minimum_age=14))
    gwen = "gwen.guardian@example.org"
    await name_the_adult(await enter(person=cora.id, scripted=False))
    young, guardian = await enter(person=mina.id, **PLAIN_PHONE), await enter(**PLAIN_PHONE)
    await ask_the_guardian(young, gwen)

    asked = await site.letter(gwen, "May Mina Young volunteer?")
    await guardian.open(asked.link("/guardians/"))
    await guardian.is_on("May Mina Young volunteer?")
    await guardian.sees("Cora Coordinator answers for young people there")
    await guardian.press("Create an account")
    await join(guardian, "Gwen Guardian", gwen)
    await guardian.fill(months=["6"])
    await guardian.press("I agree")
    await guardian.sees_errors("Tick that you have parental responsibility")
    await guardian.fill(responsible=True)
    await guardian.press("I agree")
    await guardian.sees("Mina Young can book now.")

    agreed = await site.letter(mina.email, f"You can book now: {TITLE}")
    await young.open(agreed.link("/opportunities/"))
    await young.follow("Book", inside="ol.shifts")
    await young.press("Book my place")
    await young.sees("You have a place: ")
    await site.letter(gwen, "Mina Young has a place: ")

    await guardian.page.reload()
    await guardian.press("Withdraw", inside="main")
    await guardian.sees("1 place was given back, and everybody concerned is told.")
    await site.letter(mina.email, f"You need consent again: {TITLE}")
    await site.letter(cora.email, "Consent over: Mina Young")
    await my_volunteering(young)
    await young.sees("Could not be kept")


async def sign_up_by_phone(broker: Visitor) -> None:
    """Sign up somebody who rings and has no e-mail."""
    await broker.open("/")
    await broker.follow("Broker", inside="nav")
    await broker.follow("People without e-mail")
    await broker.follow("Sign somebody up")
    await broker.fill(name="Ida Elder", agreed_how=["voice"])
    await broker.press("Sign them up")
    await broker.sees_errors("Enter a phone number or a postal address")
    await broker.fill(phone="01245 000000")
    await broker.press("Sign them up")
    await broker.sees("Ida Elder is signed up.")


async def test_somebody_without_email_is_booked_told_by_phone_and_takes_the_account_over(
    enter: Any, site: Post
) -> None:
    bea = await a_person(name="Bea Broker", platform=(PlatformRole.BROKER,))
    cora = await a_person(name="Cora Coordinator")
    garden = await an_organisation(name=GARDENERS, members={OrgRole.COORDINATOR: cora})
    await a_shift(await an_opportunity(garden.id, title=TITLE), places=1)
    broker, coordinator = await enter(person=bea.id), await enter(person=cora.id)
    await sign_up_by_phone(broker)
    await broker.fill(q="gardening")
    await broker.press("Find", inside="main")
    await broker.press("Book", inside="main")
    await broker.sees("Booked. It is on their page to print.")
    await site.letter(cora.email, "Ida Elder will come")
    await broker.follow("A letter to print")
    await broker.sees("Dear Ida Elder,")
    await broker.sees("Oaklands Park, Chelmsford, CM2 9AQ")

    # What mail tells others, the broker reads and rings her about.
    await workspace_page(coordinator)
    await coordinator.follow("Roster", inside="main")
    await coordinator.sees("Ida Elder")
    await coordinator.follow("Cancel this shift")
    await coordinator.press("Cancel the shift")
    await coordinator.sees("Shift cancelled.")
    await wait_until_told(broker, "The shift is called off")
    await broker.sees("01245 000000")
    for _ in range(2):
        await broker.press("Told", inside="main")
        await broker.sees("Ticked off.")
    await broker.sees("Nobody is waiting to be told anything.")

    await broker.follow("Ida Elder", inside="main")
    await broker.fill(email="ida.elder@example.org")
    await broker.press("Send the link")
    await broker.sees("Noted. They get a link to claim the account.")
    letter = await site.letter("ida.elder@example.org", "Look after your volunteering yourself")
    elder = await enter(**PLAIN_PHONE)
    await elder.open(letter.link("/claim/"))
    await elder.fill(password=PASSWORD)
    await elder.press("Take over the account")
    await my_volunteering(elder)
    await elder.sees("Cancelled by the organisation")
    await broker.page.reload()
    await broker.sees("ida.elder@example.org")
    assert not await broker.page.get_by_role("button", name="Send the link").count()


async def wait_until_told(broker: Visitor, what: str) -> None:
    """Look at the list of what is to be told until something is on it."""
    for _ in range(40):
        await broker.open("/broker/people")
        if what in await broker.words():
            return
        await asyncio.sleep(0.25)
    raise AssertionError(f"nobody is to be told {what!r}: {await broker.words()}")
