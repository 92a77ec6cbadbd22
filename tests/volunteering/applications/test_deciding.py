"""Deciding: by a person or by rules, what is stored of it, references, and taking it back."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.factories import APerson, a_booking, a_person, a_shift
from tests.factories_screening import a_rule, an_application
from tests.volunteering.applications.test_applying import Scene, a_scene

from marketplace import clock, db, signing
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor
from marketplace.volunteering.applications import deciding, operations, queries, references, sent
from marketplace.volunteering.applications.operations import Typed
from marketplace.volunteering.applications.references import Named, Reference
from marketplace.volunteering.applications.rules import (
    ApplicationState,
    Effect,
    Recommends,
    RefereeState,
)
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.eligibility import queries as eligibility

GOOD = Reference(known="Ten years", recommends=Recommends.YES, remarks="A gem")


async def state(id: UUID) -> str:
    return await db.fetch_value("SELECT state FROM role_application WHERE id = {}", id)


def token(referee: UUID) -> str:
    return signing.sign("reference", referee)


async def test_a_rule_blocks_with_its_reason_and_a_trace_that_nobody_changes(db: Any):
    scene, person = await a_scene(by_rules=True), await a_person()
    await a_rule(scene.role, scene.lift)
    id = await scene.apply(person, lift="no")
    application = await sent.own(person.actor, id)
    assert application.state is ApplicationState.DECLINED
    assert application.reason == "You would carry boxes."
    (decision,) = await sent.decisions(id)
    assert decision.by is None
    assert decision.trace == [
        {"rule": "“Can you lift 10 kg?” is “No”", "effect": "block", "held": True}
    ]
    for change in ("UPDATE screening_decision SET reason = ''", "DELETE FROM screening_decision"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(change)


async def test_a_rule_approves_at_once(db: Any):
    scene, person = await a_scene(by_rules=True), await a_person()
    await a_rule(scene.role, scene.lift, effect=Effect.APPROVE, value="yes")
    assert await state(await scene.apply(person)) == "approved"
    other = await a_person()
    assert await state(await scene.apply(other, lift="no")) == "submitted"


async def test_by_hand_rules_decide_nothing(db: Any):
    scene, person = await a_scene(by_rules=False), await a_person()
    await a_rule(scene.role, scene.lift)
    assert await state(await scene.apply(person, lift="no")) == "submitted"


async def test_whoever_a_rule_blocked_can_ask_for_a_person_and_no_rule_decides_again(db: Any):
    scene, person = await a_scene(by_rules=True), await a_person()
    await a_rule(scene.role, scene.lift)
    id = await scene.apply(person, lift="no")
    await operations.ask_review(person.actor, id)
    async with db.transaction():
        assert await deciding.by_rules(id) is None
    assert await state(id) == "submitted"
    await deciding.approve(scene.coordinator, id)
    assert [each.by for each in await sent.decisions(id)] == [scene.organisation.owner.id, None]
    with pytest.raises(Conflict):
        await operations.ask_review(person.actor, id)


async def test_a_no_by_a_person_is_not_asked_for_again(db: Any):
    scene, person = await a_scene(), await a_person()
    id = await scene.apply(person)
    await deciding.decline(scene.coordinator, id, reason="We are full.")
    with pytest.raises(Conflict):
        await operations.ask_review(person.actor, id)


async def test_nobody_decides_on_their_own_application(db: Any):
    scene = await a_scene()
    id = await scene.apply(scene.organisation.owner)
    with pytest.raises(Conflict, match="somebody else"):
        await deciding.approve(scene.coordinator, id)


async def test_looking_at_answers_is_written_down_and_others_get_no_hint(db: Any):
    scene, person, stranger = await a_scene(), await a_person(), await a_person()
    id = await scene.apply(person)
    await deciding.look_at(scene.coordinator, id)
    row = await db.fetch_one("SELECT viewer_id, subject_type, subject_id FROM personal_view")
    assert tuple(row.values()) == (scene.organisation.owner.id, "role_application", id)
    with pytest.raises(NotFound):
        await deciding.look_at(stranger.actor, id)
    with pytest.raises(NotFound):
        await sent.own(stranger.actor, id)


async def with_referees(scene: Scene, person: APerson, many: int) -> tuple[UUID, list[UUID]]:
    named = [Named(f"Referee {n}", f"r{n}@example.org", "my boss") for n in range(many)]
    role = await queries.role(scene.role)
    answers = {scene.lift: "yes", scene.why: "I like gardens."}
    await operations.keep(person.actor, role, Typed(answers=answers, referees=named))
    id, _ = await operations.submit(person.actor, role, own_email=person.email)
    return id, [each.id for each in await sent.referees(id)]


async def test_when_all_references_are_in_and_good_the_rules_approve(db: Any):
    scene, person = await a_scene(by_rules=True, references=2), await a_person()
    id, (first, second) = await with_referees(scene, person, 2)
    await references.give(token(first), GOOD)
    assert await state(id) == "submitted"
    await references.give(token(second), GOOD)
    assert await state(id) == "approved"


async def test_a_reference_with_reservations_waits_for_a_person(db: Any):
    scene, person = await a_scene(by_rules=True, references=1), await a_person()
    id, (referee,) = await with_referees(scene, person, 1)
    unsure = Reference(known="A year", recommends=Recommends.WITH_RESERVATIONS)
    await references.give(token(referee), unsure)
    assert await state(id) == "submitted"


async def test_a_referee_answers_once(db: Any, browser: Any):
    scene, person = await a_scene(references=1), await a_person(name="Kim Osei")
    _, (referee,) = await with_referees(scene, person, 1)
    link = f"/references/{token(referee)}"
    page = await browser.get(link)
    assert "Kim Osei" in page.words()
    done = await browser.submit(page, link, known="Ten years", recommends="yes")
    assert "Thank you" in done.words()
    with pytest.raises(Conflict):
        await references.give(token(referee), GOOD)
    with pytest.raises(Conflict):
        await references.refuse(token(referee))


async def test_the_applicant_sees_that_a_reference_came_and_not_what_it_says(db: Any, browser: Any):
    scene, person = await a_scene(references=1), await a_person()
    id, (referee,) = await with_referees(scene, person, 1)
    await references.give(token(referee), GOOD)
    await browser.sign_in_as(person.id)
    page = await browser.get(f"/my/applications/{id}")
    assert "The reference came" in page.words()
    assert "Ten years" not in page.text
    assert "A gem" not in page.text


async def test_another_referee_takes_the_place_of_one_who_would_rather_not(db: Any):
    scene, person = await a_scene(references=1), await a_person()
    id, (referee,) = await with_referees(scene, person, 1)
    await references.refuse(token(referee))
    another = Named("Bo", "bo@example.org", "my neighbour")
    await references.name_another(person.actor, id, referee, another, own_email=person.email)
    (now,) = await sent.referees(id)
    assert (now.name, now.state) == ("Bo", RefereeState.ASKED)
    gone = await db.fetch_one("SELECT name, email FROM referee WHERE id = {}", referee)
    assert gone == {"name": "", "email": ""}
    with pytest.raises(signing.LinkExpired):
        await references.of_link(token(referee))


async def test_referees_are_reminded_once_and_forgotten_after_the_decision(db: Any):
    scene, person = await a_scene(references=1), await a_person()
    id, (referee,) = await with_referees(scene, person, 1)
    assert await references.remind() == 0
    await db.execute("UPDATE referee SET asked_at = now() - interval '8 days'")
    assert await references.remind() == 1
    assert await references.remind() == 0
    await references.give(token(referee), GOOD)
    await deciding.approve(scene.coordinator, id)
    assert await references.forget_referees() == 0
    await db.execute("UPDATE role_application SET decided_at = now() - interval '91 days'")
    assert await references.forget_referees() == 1
    row = await db.fetch_one("SELECT name, email, relationship, known, remarks FROM referee")
    assert set(row.values()) == {""}
    assert "Ten years" not in str(await db.fetch("SELECT * FROM history"))


async def test_an_approval_taken_back_gives_the_places_to_come_back_too(db: Any):
    scene, person = await a_scene(), await a_person()
    id = await an_application(scene.role, person.id, ApplicationState.APPROVED)
    shifts = [
        await a_shift(
            scene.opportunity, starts_at=clock.now().replace(microsecond=0) + timedelta(days=day)
        )
        for day in (-3, 3, 5)
    ]
    places = [await a_booking(shift, person.id) for shift in shifts]
    assert await deciding.revoke(scene.coordinator, id, reason="The check did not hold.") == 2
    states = [await db.fetch_value("SELECT state FROM booking WHERE id = {}", b) for b in places]
    assert states == ["confirmed", "cancelled", "cancelled"]
    assert (await sent.decisions(id))[0].outcome == "revoked"


async def race(scene: Scene, person: APerson, monkeypatch: pytest.MonkeyPatch) -> int:
    """Revoke while a booking has read the approval; give how many places are left."""
    id = await an_application(scene.role, person.id, ApplicationState.APPROVED)
    shift = await a_shift(scene.opportunity)
    read = asyncio.Event()

    async def revoke() -> None:
        await read.wait()
        await deciding.revoke(scene.coordinator, id, reason="No.")

    revoking = asyncio.create_task(revoke())
    asked = queries.reasons

    async def slowly(asking: Any) -> Any:
        found = await asked(asking)
        read.set()
        # As long as a guarded one cannot end, an unguarded one has ended.
        await asyncio.wait({revoking}, timeout=1)
        return found

    monkeypatch.setattr(eligibility.applications, "reasons", slowly)
    with suppress(Conflict):
        await bookings.book(person.actor, shift)
    await revoking
    return await db.fetch_value(
        "SELECT count(*) FROM booking WHERE person_id = {} AND state = 'confirmed'", person.id
    )


async def test_nobody_books_on_an_approval_that_is_being_taken_back(
    db: Any, monkeypatch: pytest.MonkeyPatch
):
    assert await race(await a_scene(), await a_person(), monkeypatch) == 0


async def test_the_race_above_finds_an_approval_taken_back_without_the_lock(
    db: Any, monkeypatch: pytest.MonkeyPatch
):
    async def unguarded(person_id: UUID) -> None:
        pass

    monkeypatch.setattr(deciding, "_no_booking_under_way", unguarded)
    assert await race(await a_scene(), await a_person(), monkeypatch) == 1


async def test_two_decisions_at_once_are_one(db: Any):
    scene, person = await a_scene(), await a_person()
    id = await scene.apply(person)

    async def decide(actor: Actor) -> None:
        with suppress(Conflict):
            await deciding.decline(actor, id, reason="No.")

    await asyncio.gather(*(decide(scene.coordinator) for _ in range(5)))
    assert len(await sent.decisions(id)) == 1
