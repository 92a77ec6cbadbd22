"""What check a role asks for: the wizard that advises, the decision, and asking to be looked at."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.credentials.rules import TRAINING, WORKFORCE_LABELS
from marketplace.errors import BadInput, Conflict
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import Section, shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.safeguarding import clearance, operations, people_routes, queries
from marketplace.volunteering.safeguarding.forms import (
    AskForm,
    DecisionForm,
    QuestionForm,
    RoleTrainingForm,
    typed,
)
from marketplace.volunteering.safeguarding.rulebook import notes, rules
from marketplace.volunteering.safeguarding.rules import (
    DUTIES,
    FREQUENCIES,
    Advice,
    Nation,
    Question,
    advise,
)
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

_CHOICES = {
    "nations": [(nation.value, nation.label) for nation in Nation],
    "workforces": list(WORKFORCE_LABELS.items()),
    "duties": [(duty, *words) for duty, words in DUTIES.items()],
    "frequencies": list(FREQUENCIES.items()),
    "training": [(kind, kind.label) for kind in TRAINING],
}


@get("/manage/roles/{id:uuid}/safeguarding", name="safeguarding.role")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Ask what the role is, and answer which check it may ask for."""
    form: Bound[QuestionForm] | None = None
    if not QuestionForm.model_fields.keys().isdisjoint(request.query_params):
        form = QuestionForm.read(request)
    question = form.data.question() if form and form.data else None
    return await _page(request, actor, id, form=form, question=question)


@post("/manage/roles/{id:uuid}/safeguarding", name="safeguarding.decide")
async def decide(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Record what a named person decided."""
    form = await DecisionForm.bind(request)
    await queries.role_to_decide(actor, id)
    if form.data is not None:
        home = f"/manage/roles/{id}/safeguarding"
        with form.catching():
            await operations.decide(
                actor,
                id,
                form.data.question(),
                form.data.check(),
                form.data.why,
                once=form.once(home),
            )
            return redirect(request, home, notice="Your decision is recorded, and is enforced.")
    said = _said(form)
    asked = QuestionForm.blank(typed(said))
    return await _page(request, actor, id, form=asked, question=said, decision=form)


def _said(form: Bound[DecisionForm]) -> Question:
    """Give what was said about the role, which stands in hidden fields of the decision."""
    if any(form.error(name) for name in QuestionForm.model_fields):
        raise BadInput("We could not tell what you said about the role. Go back and answer again.")
    return QuestionForm.model_validate(
        {
            name: form.values(name) if name == "duties" else form.value(name)
            for name in QuestionForm.model_fields
        }
    ).question()


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    *,
    form: Bound[QuestionForm] | None = None,
    question: Question | None = None,
    decision: Bound[DecisionForm] | None = None,
    training: Bound[RoleTrainingForm] | None = None,
) -> Page:
    role, opportunity = await queries.role_to_decide(actor, id)
    organisation = await workspace(actor, role.organisation_id)
    made = await queries.decisions(id)
    today = clock.today()
    if form is None:
        form = QuestionForm.blank(typed(made[0].question) if made else {"nation": "england"})
    advice, unanswered = _advice(question)
    latest = made[0] if made else None
    now_advised, _ = _advice(latest.question if latest else None)
    if training is None:
        training = RoleTrainingForm.blank({"kinds": await queries.training(id)})
    wrong = next((each for each in (decision, training, form) if each and each.errors), None)
    return render(
        request,
        "volunteering/safeguarding/role.html",
        status=422 if wrong else 200,
        **shell(request, actor, organisation, current=SECTION),
        role=role,
        opportunity=opportunity,
        form=wrong,
        question_form=form,
        decision_form=decision or DecisionForm.blank(),
        question=question,
        advice=advice,
        unanswered=unanswered,
        notes=[note for note in notes() if question and question.nation in note.nations],
        decisions=made,
        # The law may have changed since: then somebody has to look again.
        overtaken=now_advised
        if latest and now_advised and now_advised.check != latest.advised
        else None,
        training_form=training,
        choices=_CHOICES,
        today=today,
    )


def _advice(question: Question | None) -> tuple[Advice | None, str]:
    if question is None:
        return None, ""
    try:
        return advise(rules(), question, clock.today()), ""
    except Conflict as conflict:
        return None, conflict.message


@post("/manage/roles/{id:uuid}/training", name="safeguarding.training")
async def ask_for_training(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Choose the training that a role asks for."""
    form = await RoleTrainingForm.bind(request)
    await queries.role_to_decide(actor, id)
    home = f"/manage/roles/{id}/safeguarding"
    if form.data is None:
        return await _page(request, actor, id, training=form)
    await operations.ask_for_training(actor, id, form.data.kinds, once=form.once(home))
    return redirect(request, home, notice="Saved. It is asked for from the next booking on.")


@get("/roles/{id:uuid}/check", name="safeguarding.ask")
async def ask(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show somebody what a role asks for and how they stand to it."""
    return await _ask(request, actor, id, AskForm.blank())


@post("/roles/{id:uuid}/check", name="safeguarding.ask-to-be-seen")
async def ask_to_be_seen(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Ask an organisation to look at what a role asks for."""
    form = await AskForm.bind(request)
    home = f"/roles/{id}/check"
    with form.catching():
        await operations.ask_to_be_seen(
            actor, id, of_age=form.data is not None and form.data.of_age, once=form.once(home)
        )
        return redirect(request, home, notice="Asked. They will tell you how to show it to them.")
    return await _ask(request, actor, id, form, status=422)


async def _ask(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    form: Bound[AskForm],
    *,
    status: int = 200,
) -> Page:
    role = await queries.role(actor, id)
    return render(
        request,
        "volunteering/safeguarding/ask.html",
        status=status,
        role=role,
        own=await clearance.own(actor, role),
        form=form,
    )


HANDLERS: list[Any] = [
    show,
    decide,
    ask_for_training,
    ask,
    ask_to_be_seen,
    *people_routes.HANDLERS,
]
WORKSPACE: list[Section] = [
    Section(
        people_routes.SECTION,
        "/manage/{id}/credentials",
        Permission.RECORD_CHECKS,
        "shield",
        25,
    ),
]
