"""The way of a grant: from a fund and its questions to an award in public and as open data.

Nobody types an address after the home page, except where somebody tries what is not for them.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.factories import APerson, a_person, an_organisation
from tests.factories_grants import a_submission
from tests.journeys.post import Post
from tests.journeys.test_borrowing import WAYS, menu
from tests.journeys.visitor import Visitor

from marketplace import clock
from marketplace.organisations.rules import Kind
from marketplace.organisations.tables import Membership
from marketplace.permissions import OrgRole

FUNDER, FUND, ROUND = "Essex Giving", "Green spaces fund", "Spring round"
APPLICANT, PROJECT = "Witham Wheelers", "A garden on wheels"
DIFFERENCE = "What difference will it make?"
MINE, OTHERS = "Sixty people will garden.", "Seventy people will meet."
WHAT_FOR = "Raised beds on wheels, for people who cannot kneel."


@dataclass
class Cast:
    """Who takes part: `chloe` writes, `olga` is the officer; of the assessors `ann` has a tie."""

    chloe: APerson
    olga: APerson
    ann: APerson
    ben: APerson
    cat: APerson
    funder: UUID


async def cast() -> Cast:
    chloe, olga, ann, ben, cat = [
        await a_person(name=name)
        for name in ("Chloe Charity", "Olga Officer", "Ann Tied", "Ben Assessor", "Cat Assessor")
    ]
    funder = await an_organisation(name=FUNDER, members={OrgRole.GRANTS_OFFICER: olga})
    for person in (ann, ben, cat):
        await Membership(
            organisation_id=funder.id, person_id=person.id, role=OrgRole.ASSESSOR.value
        ).save()
    await an_organisation(name=APPLICANT, owner=chloe)
    await an_organisation(name="Rose Bakers", owner=chloe, kind=Kind.COMMUNITY_INTEREST_COMPANY)
    return Cast(chloe, olga, ann, ben, cat, funder.id)


async def workspace(visitor: Visitor, section: str) -> None:
    """Go to a part of the workspace from the home page."""
    await visitor.open("/")
    await menu(visitor, FUNDER)
    await visitor.follow("Grants", inside="nav.manage-nav")
    await visitor.follow(section, inside="nav.manage-nav")


async def announce(olga: Visitor) -> None:
    """Write the fund and its round, ask, say what is judged, and publish."""
    await workspace(olga, "Our funds")
    await olga.follow("Set up a fund")
    await olga.fill(title=FUND, summary="Small grants for gardens and parks.", area="Mid Essex")
    await olga.press("Save draft")
    await olga.sees("Saved. Add a round next.")
    await olga.follow("Set up the first round")
    deadline = clock.today() + timedelta(days=14)
    await olga.fill(title=ROUND, budget="1000", most="2000", deadline_day=deadline.isoformat())
    await olga.press("Save and add questions")
    await olga.sees_errors("One grant cannot be more than the whole budget")
    opens = clock.today() - timedelta(days=1)
    await olga.fill(
        budget="20,000",
        least="500",
        opens_day=opens.isoformat(),
        kinds=[Kind.COMMUNITY_GROUP.value, Kind.CHARITY.value],
    )
    await olga.press("Save and add questions")
    await olga.sees("Saved. Now say what you ask, and what you judge by.")
    await olga.follow("Ask at least one question of your own")
    await olga.fill(label=DIFFERENCE, help="Say who gains.", kind=["text"], word_limit="20")
    await olga.fill(required=True)
    await olga.press("Add", inside="main")
    await olga.sees("Question added.")
    await olga.follow("Say what applications are judged by")
    await olga.fill(label="Need", help="Who would go without?", most="5", weight="2")
    await olga.press("Add", inside="main")
    await olga.sees("Criterion added.")
    await olga.press("Publish")
    await olga.sees("Published. Everybody can read it now.")


async def start(chloe: Visitor) -> None:
    """Read every question without an account, then see which organisation fits, and start."""
    await chloe.open("/")
    await chloe.follow("Find funding", inside="main")
    await chloe.follow(FUND)
    await chloe.is_on(FUND)
    for words in (
        DIFFERENCE,
        "How much do you ask for?",
        "at most 20 words",
        "Who would go without",
    ):
        await chloe.sees(words)


async def try_both(chloe: Visitor) -> None:
    await chloe.follow("Can we apply?", inside="aside")
    await chloe.is_on("Can we apply?")
    bakers = chloe.page.locator("section.candidate").filter(has_text="Rose Bakers")
    why = await bakers.inner_text()
    assert "Cannot apply, for this reason" in why
    assert "Yours is registered here as: community interest company." in why
    await chloe.press("Start an application")
    await chloe.is_on("Your application")
    await chloe.sees("0 of 3 done")


async def write(chloe: Visitor) -> None:
    """Answer: with scripts each answer saves itself, without them the button does."""
    await chloe.follow("What is your project called?")
    if chloe.scripted:
        # In a tunnel nothing is saved: it says so, and saves itself at the other end.
        await chloe.page.context.set_offline(True)
        await type_answer(chloe, PROJECT)
        await chloe.sees("Not saved yet")
        await chloe.page.context.set_offline(False)
        await chloe.sees(re.compile(r"Saved at (\d+(:\d\d)?[ap]m|noon|midnight)"))
        tunnel = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
        chloe.problems[:] = [
            each for each in chloe.problems if not any(words in each for words in tunnel)
        ]
        await chloe.page.go_back()
    else:
        await type_answer(chloe, PROJECT)
        await chloe.press("Save and go to the list")
    await chloe.is_on(PROJECT)
    await chloe.sees("1 of 3 done")
    # She leaves, and comes back.
    await workspace_of_applicant(chloe)
    await chloe.follow(PROJECT)
    await chloe.follow("How much do you ask for?")
    await type_answer(chloe, "twelve")
    await chloe.press("Save and go to the list")
    # Kept as it was typed, and said what is still to do.
    await chloe.sees("Enter an amount")
    await chloe.follow("How much do you ask for?")
    await type_answer(chloe, "£1,250")
    await chloe.press("Save and go on")
    await chloe.sees("Question 3 of 3")


async def workspace_of_applicant(chloe: Visitor) -> None:
    await chloe.open("/organisations")
    await chloe.follow(APPLICANT)
    await chloe.follow("Open the workspace", inside="main")
    await chloe.follow("Grants", inside="nav.manage-nav")
    await chloe.is_on("Our applications")


async def type_answer(visitor: Visitor, text: str) -> None:
    field = visitor.page.locator(".answer").locator("textarea, input:not([type=hidden])").first
    await field.fill(text)


async def write_in_two_tabs(chloe: Visitor, db: Any) -> None:
    """Edit the same answer in two tabs: the second is shown both texts, and nothing is lost."""
    second = await chloe.another_tab()
    await second.open(chloe.path())
    await second.sees("Question 3 of 3")
    await save_here(chloe, MINE)
    if not chloe.scripted:
        await chloe.follow(DIFFERENCE)
    await save_here(second, OTHERS)
    await second.sees("Saved meanwhile")
    await second.sees(MINE)
    assert await second.page.locator(".answer textarea").input_value() == OTHERS
    await second.press("Save and go to the list")
    await second.sees("All 3 done")
    assert await db.fetch_value("SELECT value FROM answer WHERE value = {}", OTHERS)
    assert await db.fetch_value("SELECT value FROM answer_version WHERE value = {}", MINE)
    await second.page.close()


async def save_here(visitor: Visitor, text: str) -> None:
    """Type, and leave the field; without scripts press the button."""
    await type_answer(visitor, text)
    if visitor.scripted:
        await visitor.page.keyboard.press("Tab")
        await visitor.sees(re.compile("Saved (at|meanwhile)"))
    else:
        await visitor.press("Save and go to the list")


async def submit(chloe: Visitor, site: Post, email: str) -> None:
    """Look at all answers once more, and hand them in."""
    await workspace_of_applicant(chloe)
    await chloe.follow(PROJECT)
    await chloe.follow("Check and submit")
    await chloe.is_on("Check your answers")
    await chloe.sees(OTHERS)
    await chloe.press("Submit the application")
    await chloe.sees("Submitted at")
    letter = await site.letter(email, f"Submitted: {PROJECT}")
    await chloe.open(letter.link("/applications/"))
    await chloe.sees("What you submitted")


async def let_the_deadline_pass(db: Any) -> None:
    """Move the deadline back, which nobody can do on the site."""
    await db.execute(
        "UPDATE round SET deadline = now() - interval '2 hours',"
        " deadline_local = deadline_local - interval '14 days'"
    )


async def name_assessors(olga: Visitor, names: list[str]) -> None:
    await workspace(olga, "Our funds")
    await olga.follow(FUND)
    await olga.follow(ROUND)
    await olga.follow("Who assesses this round")
    for name in names:
        await olga.fill(person=f"{name} (assessor)")
        await olga.press("Add as an assessor")
        await olga.sees("Named.")


async def open_to_assessors(olga: Visitor) -> None:
    await workspace(olga, "Our funds")
    await olga.follow(FUND)
    await olga.follow(ROUND)
    await olga.follow("Who assesses this round")
    # The worker does the same every five minutes, and may have been first.
    if await olga.page.get_by_role("button", name="Open the applications").count():
        await olga.press("Open the applications")
        await olga.sees("The applications are open to the assessors.")
    await olga.sees("Rank and decide")


async def declare(visitor: Visitor, ties: dict[str, str]) -> None:
    """Say of each applicant whether there is a tie, before anything else is seen."""
    await visitor.open("/")
    await menu(visitor, "Assess")
    await visitor.sees("First: do you have a tie to any of them?")
    assert PROJECT not in await visitor.words()
    await visitor.follow("Say it for all of them at once")
    for applicant, tie in ties.items():
        await visitor.page.get_by_label(applicant).select_option(label=tie)
    await visitor.press("Go on", inside="main")
    await visitor.sees("Thank you.")


async def score(visitor: Visitor, points: str) -> None:
    await visitor.follow(APPLICANT, inside="main")
    await visitor.is_on(PROJECT)
    await visitor.sees(OTHERS)
    await visitor.page.get_by_label("Points, 0 to 5").fill("6")
    await visitor.press("Finish")
    await visitor.sees_errors("0 to 5")
    await visitor.page.get_by_label("Points, 0 to 5").fill(points)
    await visitor.page.get_by_label("Why?").fill("Many people, little money.")
    await visitor.press("Finish")
    await visitor.sees(f"Finished: {APPLICANT}.")


async def decide(olga: Visitor) -> None:
    """Award one, decline the other, tell both."""
    await olga.follow("Rank and decide")
    none = dict.fromkeys((APPLICANT, "Maldon Muddlers"), "No tie")
    for applicant, tie in none.items():
        await olga.page.get_by_label(applicant).select_option(label=tie)
    await olga.press("Go on", inside="main")
    await olga.is_on("Rank and decide")
    await olga.follow(PROJECT)
    await olga.fill(amount="1300", description=WHAT_FOR)
    await olga.press("Set this money aside")
    await olga.sees_errors("£1,250")
    await olga.fill(amount="1000", note="We look forward to the opening.")
    await olga.press("Set this money aside")
    await olga.sees("£1,000 set aside.")
    await olga.follow("A muddy field")
    await olga.fill(reason="The field is not open to everybody.")
    await olga.press("Decline", inside="main")
    await olga.sees("Declined. Nobody is told before you release the decisions.")
    await olga.follow("Release the decisions")
    await olga.press("Release and tell everybody")
    await olga.sees("Released. The applicants are being told by e-mail.")


@WAYS
async def test_from_a_fund_to_an_award_in_public(
    enter: Any, site: Post, db: Any, scripted: bool, width: int
) -> None:
    people = await cast()

    async def somebody(person: APerson | None = None) -> Visitor:
        return await enter(scripted=scripted, width=width, person=person.id if person else None)

    olga, chloe = await somebody(people.olga), await somebody(people.chloe)
    anybody = await somebody()
    await announce(olga)
    await start(anybody)
    await anybody.sees("Sign in to apply")
    await start(chloe)
    await try_both(chloe)
    await write(chloe)
    await write_in_two_tabs(chloe, db)
    await submit(chloe, site, people.chloe.email)
    round_id = await db.fetch_value("SELECT id FROM round")
    muddlers = await an_organisation(name="Maldon Muddlers")
    await a_submission(round_id, muddlers, title="A muddy field")

    await name_assessors(olga, ["Ann Tied", "Ben Assessor", "Cat Assessor"])
    await let_the_deadline_pass(db)
    await open_to_assessors(olga)

    tied = await somebody(people.ann)
    await declare(
        tied, {APPLICANT: "I am a trustee, member or volunteer of it", "Maldon Muddlers": "No tie"}
    )
    application = await db.fetch_value("SELECT id FROM application WHERE title = {}", PROJECT)
    for address in ("/assess", "/"):
        await tied.open(address)
        assert PROJECT not in await tied.words()
    await tied.open("/assess")
    assert APPLICANT not in await tied.words()
    await tied.open(f"/assess/{application}")
    assert tied.status == 404
    for person, points in ((people.ben, "5"), (people.cat, "4")):
        assessor = await somebody(person)
        await declare(assessor, {APPLICANT: "No tie", "Maldon Muddlers": "No tie"})
        await score(assessor, points)

    await decide(olga)
    letter = await site.letter(people.chloe.email, "You have been awarded a grant")
    assert "£1,000" in letter.text and "We look forward to the opening." in letter.text
    await chloe.open(letter.link("/applications/"))
    await chloe.sees("You have been awarded £1,000")
    refused = await site.letter(muddlers.owner.email, "Not awarded this time: A muddy field")
    assert "The field is not open to everybody." in refused.text

    await anybody.open("/")
    await anybody.follow("Funding", inside="nav")
    await anybody.follow("See what has been awarded")
    await anybody.follow(PROJECT)
    await anybody.sees(WHAT_FOR)
    await anybody.sees("£1,000")
    answer = await anybody.page.request.get(f"{site.base}/open-data/360giving.json")
    (grant,) = json.loads(await answer.body())["grants"]
    assert (grant["title"], grant["amountAwarded"]) == (PROJECT, 1000)
    assert grant["recipientOrganization"][0]["name"] == APPLICANT
