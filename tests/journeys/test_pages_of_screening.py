"""Every page of applying for a role in every state, looked at as in `test_pages`."""

from typing import Any
from uuid import UUID

from tests.factories import a_person, a_role
from tests.factories_screening import (
    a_question,
    a_referee,
    a_rule,
    a_screening,
    an_application,
)
from tests.journeys.looking import State, look, report
from tests.journeys.post import Post
from tests.journeys.town import LONG
from tests.volunteering.applications.test_applying import Scene, a_scene

from marketplace import db
from marketplace.permissions import ANONYMOUS
from marketplace.questions.rules import Kind
from marketplace.signing import sign
from marketplace.volunteering.applications import deciding, operations, queries, references
from marketplace.volunteering.applications.operations import Typed
from marketplace.volunteering.applications.references import Reference
from marketplace.volunteering.applications.rules import (
    ApplicationState,
    Effect,
    Recommends,
    RefereeState,
)


async def a_long_scene() -> Scene:
    """Give a role that asks in every kind, with rules and references."""
    scene = await a_scene(references=2, by_rules=True, good_for_months=12)
    await a_question(
        scene.role, f"Which days? {LONG}", Kind.CHOICES, options=("Saturday", LONG), required=False
    )
    await a_question(scene.role, "How many hours a week?", Kind.NUMBER, required=False)
    await a_rule(scene.role, scene.lift)
    await a_rule(scene.role, scene.lift, effect=Effect.APPROVE, value="yes")
    return scene


async def test_pages_of_whoever_applies(enter: Any, db: Any, site: Post) -> None:
    scene, kim = await a_long_scene(), await a_person(name="Kim Osei")
    plain = await a_screening(await a_role(scene.opportunity, title="Van driver"))
    path = f"/opportunities/{scene.opportunity}/roles/{plain}/application"
    waiting = await an_application(scene.role, kim.id)
    asked = await a_referee(waiting)
    await a_referee(waiting, RefereeState.DECLINED, position=2, name=LONG[:80])
    given = await a_referee(waiting, RefereeState.GIVEN, position=3)
    declined = await an_application(
        plain, kim.id, ApplicationState.DECLINED, by_rule=True, reason="You would carry boxes."
    )
    ready = await a_screening(await a_role(scene.opportunity, title="Cook"))
    role = await queries.role(ready)
    await operations.keep(kim.actor, role, Typed(answers={}))
    held = await an_application(
        await a_role(scene.opportunity, title="Cashier"), kim.id, ApplicationState.APPROVED
    )
    sheet = "Check your answers"
    found = await look(
        enter,
        [
            State("apply", scene.path, says="without an account"),
            State("apply errors", scene.path, {}, sheet, 422, "Your answers are kept"),
            State("check visitor", path, {}, sheet, says="Join and send"),
            State("opportunity to apply for", f"/opportunities/{scene.opportunity}"),
            State("reference", f"/references/{sign('reference', asked)}"),
            State("reference errors", f"/references/{sign('reference', asked)}", {}, "Send", 422),
            State("reference given", f"/references/{sign('reference', given)}", says="Thank you"),
            State("reference broken link", "/references/nonsense", status=404),
        ],
    )
    found += await look(
        enter,
        [
            State("check", f"{role.path}/check", says="Send to"),
            State("applications", "/my/applications"),
            State("application waiting", f"/my/applications/{waiting}", says="Would rather not"),
            State("application declined", f"/my/applications/{declined}", says="Ask a person"),
            State("application approved", f"/my/applications/{held}", says="Choose a shift"),
            State("another referee", f"/my/applications/{waiting}/referees/{asked}"),
            State(
                "another referee errors",
                f"/my/applications/{waiting}/referees/{asked}",
                {},
                "Ask them",
                422,
            ),
        ],
        kim.id,
    )
    report(found)


async def test_pages_of_whoever_decides(enter: Any, db: Any, site: Post) -> None:
    scene, kim, bo = await a_long_scene(), await a_person(name=LONG[:80]), await a_person()
    home = f"/manage/roles/{scene.role}"
    empty = await a_role(scene.opportunity, title="Empty")
    waiting = await an_application(scene.role, kim.id, by_hand_only=True)
    referee = await a_referee(waiting)
    await references.give(
        sign("reference", referee), Reference(known="Years", recommends=Recommends.NO)
    )
    await a_referee(waiting, position=2)
    blocked = await _blocked(scene, bo.id)
    await deciding.approve(scene.coordinator, blocked, reason="Welcome after all.")
    report(
        await look(
            enter,
            [
                State("screening", f"{home}/questions"),
                State(
                    "screening errors",
                    f"{home}/questions",
                    {"good_for_months": "999"},
                    "Save",
                    422,
                ),
                State("role's question errors", f"{home}/questions/new", {}, "Add", 422),
                State("rule errors", f"{home}/questions/{scene.lift}/rule", {}, "Add", 422),
                State("rule refused", f"{home}/questions/{scene.why}/rule", says="No rule may"),
                State("applicants of a role", f"{home}/applications"),
                State("applicants none", f"/manage/roles/{empty}/applications"),
                State("volunteers", f"/manage/{scene.organisation.id}/volunteers"),
                State("to decide", f"/manage/applications/{waiting}", says="asks you to look"),
                State("to decide errors", f"/manage/applications/{waiting}", {}, "Decline", 422),
                State("decided", f"/manage/applications/{blocked}", says="Welcome after all"),
            ],
            scene.organisation.owner.id,
        )
    )


async def _blocked(scene: Scene, person: UUID) -> UUID:
    """Give an application that a rule declined."""
    token = await operations.keep(
        ANONYMOUS, await queries.role(scene.role), Typed(answers={scene.lift: "no"})
    )
    await operations.adopt(person, token=token)
    await db.execute(
        "UPDATE role_application SET state = 'submitted', submitted_at = now(), expires_at = NULL"
        " WHERE person_id = {}",
        person,
    )
    id = await db.fetch_value("SELECT id FROM role_application WHERE person_id = {}", person)
    async with db.transaction():
        await deciding.by_rules(id)
    return id
