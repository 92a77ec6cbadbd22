"""Every page in every state it can be in: axe, reflow, a clean console.

As most people find it each is in `test_every_page`.

SHOTS=/tmp/shots keeps a picture of each, to be looked at.
"""

from pathlib import Path
from typing import Any

import pytest
from tests.factories import PASSWORD, a_role, an_opportunity, an_organisation
from tests.journeys.looking import State, look, report
from tests.journeys.post import Post
from tests.journeys.town import Town, a_town
from tests.journeys.visitor import PHONE

from marketplace import clock, db
from marketplace.accounts.rules import CONFIRM_LINK, RESET_LINK
from marketplace.ids import new_id
from marketplace.rate_limits import SIGN_IN_ANYWHERE, count
from marketplace.signing import sign


@pytest.fixture
async def town(db: Any, site: Post, tmp_path: Path) -> Town:
    """Give the small town of the pages."""
    return await a_town(tmp_path)


async def test_pages_for_everybody(enter: Any, town: Town) -> None:
    ids = town.ids
    states = [
        State("home", "/"),
        State("home near", "/?near=CM1"),
        State("home unknown place", "/?near=Atlantis", says="We do not know"),
        State("opportunities", "/opportunities"),
        State("opportunities page 2", "/opportunities?page=2"),
        State("opportunities near", "/opportunities?near=Witham&within=10&when=week"),
        State("opportunities empty", "/opportunities?q=zeppelin&within=3&near=CM1"),
        State("opportunities corrected", "/opportunities?q=gardning", says="instead of"),
        State("opportunities unknown place", "/opportunities?near=Atlantis", says="do not know"),
        State("organisations", "/organisations"),
        State("organisations empty", "/organisations?q=zeppelin"),
        State("search", "/search?q=gardening+near+CM1"),
        State("search corrected", "/search?q=gardning", says="instead of"),
        State("search empty", "/search?q=zeppelin"),
        State("opportunity", f"/opportunities/{ids['open']}"),
        State("opportunity full", f"/opportunities/{ids['full']}", says="Full"),
        State("opportunity closed", f"/opportunities/{ids['closed']}"),
        State("opportunity cancelled", f"/opportunities/{ids['cancelled']}"),
        State("opportunity flexible", f"/opportunities/{ids['flexible']}"),
        State("opportunity long names", f"/opportunities/{ids['long_one']}"),
        State("organisation", f"/organisations/{town.garden}"),
        State("organisation quiet", f"/organisations/{town.quiet}"),
        State("organisation long name", f"/organisations/{ids['long']}"),
        State("demo people", "/demo"),
        State("demo mailbox", "/demo/mailbox"),
        State("error 400", "/opportunities?page=none", status=400),
        State("error 404", "/nowhere", status=404),
        State("error 404 opportunity", f"/opportunities/{new_id()}", status=404),
    ]
    report(await look(enter, states))


async def test_pages_of_an_account(enter: Any, town: Town) -> None:
    her, new = town.volunteer, town.newcomer
    wrong = {"email": "nobody", "password": "short"}
    reset = sign(RESET_LINK, her.id, 1)
    for _ in range(SIGN_IN_ANYWHERE.times):
        await count(SIGN_IN_ANYWHERE, "tried@example.org")
    tried = {"email": "tried@example.org", "password": PASSWORD}
    found = await look(
        enter,
        [
            State("sign in onward", "/sign-in?next=/my/volunteering"),
            State("sign in errors", "/sign-in", {}, "Sign in", 422),
            State(
                "sign in refused", "/sign-in", {**tried, "email": her.email + "x"}, "Sign in", 422
            ),
            State("error 429", "/sign-in", tried, "Sign in", 429),
            State("sign up errors", "/sign-up", wrong, "Join", 422),
            State("confirm email errors", "/confirm-email", {"email": "no"}, "Send", 422),
            State("confirm email done", f"/confirm-email/{sign(CONFIRM_LINK, her.id, 1)}"),
            State("confirm email broken link", "/confirm-email/nonsense", status=404),
            State("password reset errors", "/password-reset", {"email": "no"}, "Send", 422),
            State(
                "password reset weak",
                f"/password-reset/{reset}",
                {"password": "password1"},
                "Change",
                422,
            ),
            State("password reset broken link", "/password-reset/nonsense", status=404),
            State("invitation stranger", town.tokens["stranger"]),
            State("invitation withdrawn", town.tokens["withdrawn"]),
        ],
    )
    found += await look(
        enter,
        [
            State("account", "/account"),
            State("profile errors", "/account/profile", {"name": ""}, "Save", 422),
            State("password errors", "/account/password", {}, "Change", 422),
            State("my volunteering", "/my/volunteering"),
            State("booking", f"/shifts/{town.ids['shift3']}/booking"),
            State("booking errors", f"/shifts/{town.ids['shift3']}/booking", {}, "Book", 422),
            State("booking full", f"/shifts/{town.ids['full_shift']}/booking"),
            State("booking mine already", f"/shifts/{town.ids['shift0']}/booking"),
            State("booking past", f"/shifts/{town.ids['done']}/booking"),
            State("booking cancelled", f"/shifts/{town.ids['cancelled_shift']}/booking"),
            State("opportunity signed in", f"/opportunities/{town.ids['open']}"),
            State("cancel by link", f"/bookings/cancel/{sign('cancel-booking', town.ids['mine'])}"),
            State("invitation mine", town.tokens["volunteer"]),
            State("invitation of another", town.tokens["newcomer"]),
            State("workspace of others", f"/manage/{town.garden}", status=404),
        ],
        her.id,
    )
    found += await look(
        enter,
        [
            State("unconfirmed account", "/account"),
            State("unconfirmed volunteering", "/my/volunteering"),
            State("unconfirmed opportunity", f"/opportunities/{town.ids['open']}"),
            State("unconfirmed booking", f"/shifts/{town.ids['shift3']}/booking"),
            State("unconfirmed invitation", town.tokens["newcomer"]),
            State("unconfirmed register", "/organisations/register"),
        ],
        new.id,
    )
    report(found)


async def test_pages_of_registering(enter: Any, town: Town) -> None:
    charity = "/organisations/register/charity"
    report(
        await look(
            enter,
            [
                State("register found", "/organisations/register/find?q=witham"),
                State("register none found", "/organisations/register/find?q=zeppelin"),
                State("register unknown number", "/organisations/register/find?q=9999999"),
                State("register charity", f"{charity}/9900001"),
                State("register charity errors", f"{charity}/9900001", {}, "Send", 422),
                State("register taken", f"{charity}/9900023", status=409),
                State("register removed", f"{charity}/9900002", status=409),
                State("register group errors", "/organisations/register/group", {}, "Send", 422),
            ],
            town.owner.id,
        )
    )


async def test_pages_of_a_workspace(enter: Any, town: Town) -> None:
    ids, garden = town.ids, f"/manage/{town.garden}"
    one = f"/manage/opportunities/{ids['open']}"
    new = f"{garden}/opportunities/new"
    role = await a_role(ids["open"])
    found = await look(
        enter,
        [
            State("role", f"/manage/roles/{role}"),
            State("role errors", f"{one}/roles/new", {}, "Add", 422),
            *(
                State(f"workspace {state}", f"/manage/{ids[state]}")
                for state in (
                    "draft",
                    "empty_draft",
                    "submitted",
                    "needs_work",
                    "refused",
                    "suspended",
                    "long",
                )
            ),
            State(
                "details errors", f"{garden}/details", {"name": "", "website": "a b"}, "Save", 422
            ),
            State("people", f"{garden}/people"),
            State("people errors", f"{garden}/people", {}, "Send inv", 422),
            State("people alone", f"/manage/{town.quiet}/people"),
            State("member", f"{garden}/people/{town.coordinator.id}"),
            State("closure", f"/manage/{town.quiet}/closure"),
            State("closure not yet", f"{garden}/closure"),
            State("manage opportunities empty", f"/manage/{town.quiet}/opportunities"),
            State("manage opportunities one", f"/manage/{ids['long']}/opportunities"),
            State("manage opportunity long", f"/manage/opportunities/{ids['long_one']}"),
        ],
        town.owner.id,
    )
    found += await look(
        enter,
        [
            State("manage opportunities many", f"{garden}/opportunities"),
            State("manage new errors", new, {"postcode": "ZZ99"}, "Save", 422),
            State("manage opportunity", one),
            State("manage opportunity bare", f"/manage/opportunities/{ids['bare']}"),
            State("manage opportunity ready", f"/manage/opportunities/{ids['ready']}"),
            State("manage opportunity closed", f"/manage/opportunities/{ids['closed']}"),
            State("manage opportunity cancelled", f"/manage/opportunities/{ids['cancelled']}"),
            State("manage opportunity flexible", f"/manage/opportunities/{ids['flexible']}"),
            State("manage edit errors", f"{one}/edit", {"title": ""}, "Save", 422),
            State("manage cancel opportunity", f"{one}/cancellation"),
            State("shift new errors", f"{one}/shifts", {"places": "0"}, "Add", 422),
            State("shift edit", f"/manage/shifts/{ids['shift1']}/edit"),
            State("shift cancel", f"/manage/shifts/{ids['shift1']}/cancellation"),
            State("roster before", f"/manage/shifts/{ids['shift1']}"),
            State("roster empty", f"/manage/shifts/{ids['shift5']}"),
            State("roster after", f"/manage/shifts/{ids['unmarked']}"),
            State(
                "roster errors",
                f"/manage/shifts/{ids['unmarked']}",
                {"minutes": "75"},
                "Confirm the hours",
                422,
            ),
            State("roster done", f"/manage/shifts/{ids['done']}"),
        ],
        town.coordinator.id,
    )
    found += await look(
        enter,
        [
            State("trustee workspace", garden),
            State("trustee opportunities", f"{garden}/opportunities"),
            State("trustee opportunity", one),
            State("error 403", f"{one}/edit", status=403),
        ],
        town.trustee.id,
    )
    report(found)


async def test_a_page_that_is_out_of_date_says_what_happened(enter: Any, town: Town) -> None:
    page = f"/manage/opportunities/{town.ids['ready']}"
    coordinator = await enter(person=town.coordinator.id)
    await coordinator.open(page)
    await db.execute("UPDATE opportunity SET state = 'cancelled' WHERE id = {}", town.ids["ready"])
    await coordinator.press("Publish")
    await coordinator.page.wait_for_load_state()
    assert coordinator.status == 409
    report(await coordinator.inspect("error 409"))


async def test_pages_of_those_who_look_after_the_place(enter: Any, town: Town) -> None:
    case = "/moderation/organisations/"
    waiting = await an_opportunity(
        (await an_organisation(name="New Here", trusted=False)).id,
        state="submitted",
        submitted_at=clock.now(),
        timing="flexible",
        contact_how="01245 000000",
    )
    reading = f"/moderation/opportunities/{waiting}"
    found = await look(
        enter,
        [
            State("moderation", "/moderation"),
            State("moderation approved", "/moderation?state=approved"),
            State("moderation none", "/moderation?state=closed"),
            State("moderation case", f"{case}{town.ids['submitted']}"),
            State("moderation charity", f"{case}{town.ids['charity']}"),
            State("moderation case errors", f"{case}{town.ids['submitted']}", {}, "Send back", 422),
            State("moderation approved case", f"{case}{town.garden}"),
            State("moderation suspended case", f"{case}{town.ids['suspended']}"),
            State("moderation changed none", "/moderation/opportunities?show=changed"),
            State("moderation opportunity", reading),
            State("moderation opportunity errors", reading, {}, "Send back", 422),
            State("moderation needs work", f"{case}{town.ids['needs_work']}"),
        ],
        town.moderator.id,
    )
    await hold_a_job()
    found += await look(
        enter,
        [
            State("jobs", "/admin/jobs"),
            State("history about nothing", f"/admin/history?about={new_id()}"),
            State("history errors", "/admin/history?about=somebody", status=422),
        ],
        town.administrator.id,
    )
    report(found)


async def hold_a_job() -> None:
    """Put a job into the queue that the worker had to give up."""
    await db.execute(
        "INSERT INTO pgqueuer (priority, status, entrypoint, payload, attempts)"
        " VALUES (0, 'failed', 'event', {}, 9)",
        f'{{"id": "{new_id()}"}}'.encode(),
    )


async def test_mail_in_the_demo_can_be_read(enter: Any, site: Post, town: Town) -> None:
    visitor = await enter(width=PHONE)
    await visitor.open("/password-reset")
    await visitor.fill(email=town.volunteer.email)
    await visitor.press("Send the link")
    await visitor.is_on("Check your e-mail")
    await site.letter(town.volunteer.email, "Choose a new password")
    await visitor.follow("demo mailbox")
    await visitor.is_on("Demo mailbox")
    found = await visitor.inspect("demo mailbox with mail")
    await visitor.follow("Choose a new password")
    found += await visitor.inspect("demo letter")
    await visitor.page.locator("pre.letter a").first.click()
    await visitor.is_on("Choose a new password")
    report(found)


async def test_forms_without_scripts_are_as_accessible(enter: Any, town: Town) -> None:
    # axe itself is a script: so scripts are on, and ours is not delivered.
    states = [
        State("plain sign up errors", "/sign-up", {}, "Join", 422),
        State("plain register", "/organisations/register/find?q=witham"),
        State("plain opportunities", "/opportunities?q=gardning"),
        State("plain opportunity", f"/opportunities/{town.ids['open']}"),
        State("plain edit", f"/manage/opportunities/{town.ids['open']}/edit"),
        State("plain roster", f"/manage/shifts/{town.ids['unmarked']}"),
    ]
    report(await look(enter, states[:1], without_our_script=True))
    report(await look(enter, states[1:], town.coordinator.id, without_our_script=True))
