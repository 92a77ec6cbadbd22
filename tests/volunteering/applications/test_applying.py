"""Applying: without an account, at sign-in, once a role; and what is remembered."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.browser import Page
from tests.factories import (
    PASSWORD,
    AnOrganisation,
    APerson,
    a_person,
    a_role,
    a_shift,
    acting,
    an_opportunity,
    an_organisation,
)
from tests.factories_screening import (
    a_question,
    a_rule,
    a_screening,
    an_application,
    the_role,
)

from marketplace import clock, signing
from marketplace.errors import Conflict
from marketplace.permissions import ANONYMOUS, Actor
from marketplace.questions.rules import Kind
from marketplace.volunteering.applications import operations, queries, screening, sent
from marketplace.volunteering.applications.operations import Typed
from marketplace.volunteering.applications.references import Named
from marketplace.volunteering.applications.rules import ApplicationState, Effect
from marketplace.volunteering.applications.screening import Settings
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.eligibility.queries import why_not


@dataclass
class Scene:
    """A role that asks two questions, and who runs it."""

    organisation: AnOrganisation
    coordinator: Actor
    opportunity: UUID
    role: UUID
    lift: UUID
    why: UUID

    @property
    def path(self) -> str:
        return f"/opportunities/{self.opportunity}/roles/{self.role}/application"

    def fields(self, lift: str = "yes", why: str = "I like gardens.") -> dict[str, str]:
        return {f"answer-{self.lift}": lift, f"answer-{self.why}": why}

    async def keep(self, actor: Actor, *, lift: str = "yes", token: str = "", **named: Any) -> str:
        answers = {self.lift: lift, self.why: "I like gardens."}
        return await operations.keep(
            actor, await queries.role(self.role), Typed(answers=answers, **named), token=token
        )

    async def apply(self, person: APerson, *, lift: str = "yes") -> UUID:
        await self.keep(person.actor, lift=lift)
        role = await queries.role(self.role)
        id, _ = await operations.submit(person.actor, role, own_email=person.email)
        return id


async def a_scene(**screening: Any) -> Scene:
    organisation = await an_organisation()
    opportunity = await an_opportunity(organisation.id)
    role = await a_screening(await the_role(opportunity), **screening)
    return Scene(
        organisation,
        acting(organisation.owner, owner=organisation.id),
        opportunity,
        role,
        await a_question(role),
        await a_question(role, "Why do you want to help?", Kind.TEXT),
    )


def leading(page: Page, start: str) -> str:
    return next(href for href in page.links() if href.startswith(start))


async def answers_of(application: UUID) -> dict[str, str]:
    return {each.asked.label: each.value for each in await sent.answered(application)}


async def test_a_visitor_loses_nothing_when_asked_to_sign_in(db: Any, browser: Any):
    scene = await a_scene()
    person = await a_person(email="kim@example.org")
    page = await browser.get(scene.path)
    check = await browser.submit(page, scene.path, **scene.fields())
    assert "I like gardens." in check.words()
    assert "Send to" not in check.words()
    signing_in = await browser.get(leading(check, "/sign-in?next"))
    landed = await browser.submit(
        signing_in, "/sign-in", email="kim@example.org", password=PASSWORD
    )
    assert landed.path.startswith(f"{scene.path}/check")
    assert "I like gardens." in landed.words()
    done = await browser.submit(landed, f"{scene.path}/submission")
    assert "Waits for a decision" in done.words()
    row = await db.fetch_one("SELECT person_id, state, token_hash FROM role_application")
    assert (row["person_id"], row["state"], row["token_hash"]) == (person.id, "submitted", None)


async def test_a_newcomer_who_confirms_on_another_device_finds_the_answers(db: Any, browsers: Any):
    scene = await a_scene()
    laptop, phone = browsers(), browsers()
    page = await laptop.get(scene.path)
    check = await laptop.submit(page, scene.path, **scene.fields())
    joining = await laptop.get(leading(check, "/sign-up?next"))
    await laptop.submit(joining, "/sign-up", name="Kim", email="kim@example.org", password=PASSWORD)
    person = await db.fetch_one("SELECT id, credential_version FROM person WHERE name = 'Kim'")
    token = signing.sign("confirm-email", person["id"], person["credential_version"])
    link = f"/confirm-email/{token}"
    landed = await phone.submit(await phone.get(link), link)
    assert landed.path.startswith("/sign-in?next=")
    assert "I like gardens." not in landed.text
    there = await phone.submit(landed, "/sign-in", email="kim@example.org", password=PASSWORD)
    assert there.path.startswith(f"{scene.path}/check")
    assert "I like gardens." in there.words()
    # The browser in which it was typed no longer shows it: it is Kim's now.
    assert "I like gardens." not in (await laptop.get(scene.path)).text


async def test_a_draft_belongs_to_its_browser_and_only_a_hash_is_stored(db: Any, browsers: Any):
    scene = await a_scene()
    one, other = browsers(), browsers()
    await one.submit(await one.get(scene.path), scene.path, then="later", **scene.fields())
    assert "I like gardens." in (await one.get(scene.path)).text
    assert "I like gardens." not in (await other.get(scene.path)).text
    token = one.client.cookies["__Host-application"]
    stored = await db.fetch_value("SELECT token_hash FROM role_application")
    assert token.encode() not in stored


async def test_what_is_missing_is_said_and_what_was_typed_is_kept(db: Any, browser: Any):
    scene = await a_scene(references=1)
    page = await browser.submit(
        await browser.get(scene.path),
        scene.path,
        **scene.fields(lift=""),
        name_1="Rae",
        email_1="not an address",
    )
    assert page.status == 422
    assert page.field_error(f"answer-{scene.lift}") or "Choose yes or no" in page.words()
    assert page.field_error("email_1") == "Enter an e-mail address such as name@example.org"
    assert "I like gardens." in (await browser.get(scene.path)).text


async def test_what_was_typed_last_wins_at_sign_in_and_the_older_text_stays_a_version(db: Any):
    scene, person = await a_scene(), await a_person()
    await scene.keep(person.actor, lift="no")
    token = await scene.keep(ANONYMOUS, lift="yes")
    assert await operations.adopt(person.id, token=token) == 1
    draft = await queries.draft_of(scene.role, person=person.id)
    assert draft is not None
    assert draft.answers[scene.lift] == "yes"
    assert await db.fetch_value("SELECT value FROM answer_version") == "no"
    assert await db.fetch_value("SELECT count(*) FROM role_application") == 1


async def test_a_draft_is_adopted_once_and_by_nobody_who_has_applied(db: Any):
    scene, first, second = await a_scene(), await a_person(), await a_person()
    token = await scene.keep(ANONYMOUS)
    assert await operations.adopt(first.id, token=token) == 1
    assert await operations.adopt(second.id, token=token) == 0
    await scene.apply(second)
    assert await operations.adopt(second.id, token=await scene.keep(ANONYMOUS)) == 0


async def test_drafts_that_nobody_sends_are_deleted_with_all_that_was_typed(db: Any):
    scene, person = await a_scene(references=1), await a_person()
    named = [Named("Rae", "rae@example.org", "my teacher")]
    await scene.keep(ANONYMOUS, referees=named)
    await scene.keep(person.actor)
    await db.execute(
        "UPDATE role_application SET expires_at = now() - interval '1 minute'"
        " WHERE token_hash IS NOT NULL"
    )
    assert await operations.forget_drafts() == 1
    assert await db.fetch_value("SELECT count(*) FROM role_application") == 1
    assert await db.fetch_value("SELECT count(*) FROM referee") == 0
    assert await db.fetch_value("SELECT count(*) FROM answer") == 2


async def test_an_application_is_vetted_once_for_all_shifts_of_its_role_only(db: Any):
    scene, person = await a_scene(), await a_person()
    first, second = [await a_shift(scene.opportunity) for _ in range(2)]
    with pytest.raises(Conflict, match="asks you to apply first"):
        await bookings.book(person.actor, first)
    id = await scene.apply(person)
    assert [reason.code for reason in await why_not(person.id, first)] == ["application_waits"]
    await db.execute(
        "UPDATE role_application SET state = 'approved', decided_at = now() WHERE id = {}", id
    )
    assert await why_not(person.id, first) == []
    assert await why_not(person.id, second) == []
    other = await a_screening(await a_role(scene.opportunity))
    elsewhere = await a_shift(scene.opportunity, role_id=other, starts_at=later(9))
    assert [each.code for each in await why_not(person.id, elsewhere)] == ["application_needed"]


def later(days: int) -> Any:
    return clock.now().replace(microsecond=0) + timedelta(days=days)


async def test_an_approval_ends_and_one_applies_again(db: Any):
    scene, person = await a_scene(), await a_person()
    shift = await a_shift(scene.opportunity)
    await an_application(scene.role, person.id, ApplicationState.APPROVED, until=clock.now())
    assert [each.code for each in await why_not(person.id, shift)] == ["approval_expired"]
    await scene.apply(person)
    assert [each.code for each in await why_not(person.id, shift)] == ["application_waits"]


async def test_nobody_applies_twice_or_after_a_no(db: Any):
    scene, one, two = await a_scene(), await a_person(), await a_person()
    await scene.apply(one)
    await an_application(scene.role, two.id, ApplicationState.DECLINED, reason="No.")
    for person in (one, two):
        with pytest.raises(Conflict):
            await scene.keep(person.actor)


async def test_mail_goes_to_referees_only_from_people_whose_address_is_confirmed(db: Any):
    scene, person = await a_scene(), await a_person(confirmed=False)
    await scene.keep(person.actor)
    role = await queries.role(scene.role)
    with pytest.raises(Conflict, match="Confirm your e-mail address"):
        await operations.submit(person.actor, role, own_email=person.email)


async def test_answers_are_remembered_from_ones_own_applications_of_any_organisation(
    db: Any, browsers: Any
):
    before, here, person = await a_scene(), await a_scene(), await a_person()
    await before.apply(person)
    other = await a_person()
    mine, theirs = browsers(), browsers()
    await mine.sign_in_as(person.id)
    await theirs.sign_in_as(other.id)
    page = await mine.get(here.path)
    assert "I like gardens." in page.text
    assert "From your last application" in page.words()
    assert "I like gardens." not in (await theirs.get(here.path)).text


async def test_a_question_changed_later_leaves_what_was_answered_under_its_old_words(db: Any):
    scene, person, late = await a_scene(), await a_person(), await a_person()
    id = await scene.apply(person)
    rule = await a_rule(scene.role, scene.lift)
    await scene.keep(late.actor, lift="no")
    await screening.change_question(
        scene.coordinator,
        scene.role,
        scene.lift,
        operations.questions.Wording(kind=Kind.YES_NO, label="Can you lift 25 kg?"),
    )
    assert (await answers_of(id))["Can you lift 10 kg?"] == "yes"
    (asked, _) = await queries.asked(scene.role)
    assert asked.label == "Can you lift 25 kg?"
    draft = await queries.draft_of(scene.role, person=late.id)
    assert draft is not None
    assert draft.answers[asked.id] == "no"
    (kept,) = await queries.rules_of(scene.role)
    assert (kept.id, kept.question_id) == (rule, asked.id)


async def test_no_rule_is_made_about_free_text_or_a_protected_characteristic(db: Any):
    scene = await a_scene()
    aged = await a_question(scene.role, "How old are you?", Kind.NUMBER)
    for question in (scene.why, aged):
        with pytest.raises(Conflict):
            await screening.add_rule(
                scene.coordinator,
                scene.role,
                question,
                screening.Wanted(
                    effect=Effect.BLOCK,
                    test=queries.Compare.AT_LEAST,
                    value="70",
                    reason="Too old.",
                ),
            )
    assert await queries.rules_of(scene.role) == []


async def test_a_role_that_stops_asking_is_booked_without_applying(db: Any):
    scene, person = await a_scene(), await a_person()
    shift = await a_shift(scene.opportunity)
    await screening.settle(scene.coordinator, scene.role, Settings(needs_application=False))
    assert await why_not(person.id, shift) == []


async def test_a_coordinator_builds_what_a_role_asks(db: Any, browser: Any):
    scene = await a_scene()
    home = f"/manage/roles/{scene.role}/questions"
    await browser.sign_in_as(scene.organisation.owner.id)
    page = await browser.get(f"{home}/new")
    page = await browser.submit(page, f"{home}/new", label="Do you drive?", kind="yes_no")
    assert "Do you drive?" in page.words()
    (rule,) = [
        href for href in page.links() if href.endswith("/rule") and str(scene.lift) not in href
    ]
    page = await browser.submit(
        await browser.get(rule), rule, value="no", effect="block", reason="The van needs a driver."
    )
    assert "Blocks if “Do you drive?” is “No”" in page.words()
    page = await browser.submit(
        page,
        f"/manage/roles/{scene.role}/screening",
        by_rules="yes",
        references_wanted="2",
        good_for_months="12",
    )
    role = await queries.role(scene.role)
    assert (role.by_rules, role.references_wanted, role.good_for_months) == (True, 2, 12)


async def test_a_draft_that_cannot_be_adopted_keeps_nobody_from_signing_in(
    db: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
):
    scene = await a_scene()
    await a_person(email="kim@example.org")

    async def broken(*_: Any, **__: Any) -> int:
        raise RuntimeError

    await browser.submit(await browser.get(scene.path), scene.path, **scene.fields())
    monkeypatch.setattr(operations, "adopt", broken)
    page = await browser.get("/sign-in")
    await browser.submit(page, "/sign-in", email="kim@example.org", password=PASSWORD)
    assert (await browser.get("/account")).status == 200


@pytest.mark.parametrize("rows", [1, 30])
async def test_the_list_of_applicants_asks_as_often_for_many_as_for_one(
    db: Any, browser: Any, queries_run: Any, rows: int
):
    scene = await a_scene()
    for _ in range(rows):
        await an_application(scene.role, (await a_person()).id)
    await browser.sign_in_as(scene.organisation.owner.id)
    address = f"/manage/{scene.organisation.id}/volunteers"
    await browser.get(address)
    with queries_run() as counted:
        page = await browser.get(address)
    assert f"{rows} application" in page.words()
    assert counted.count <= 6
