"""The workspace's pages of what a round asks and what it judges by."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.errors import NotFound
from marketplace.grants.funds.manage_routes import SECTION
from marketplace.grants.rounds import asking, queries
from marketplace.grants.rounds.forms import CriterionForm, typed_criterion
from marketplace.grants.rounds.queries import CriterionView, RoundView
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.questions.asking_routes import Asks, Sheet, handlers
from marketplace.questions.forms import MoveForm
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


def _questions(id: UUID) -> str:
    return f"/manage/rounds/{id}#questions"


def _criteria(id: UUID) -> str:
    return f"/manage/rounds/{id}#criteria"


async def _sheet(actor: Actor, id: UUID) -> Sheet:
    round = await queries.to_manage(actor, id)
    return Sheet(
        organisation_id=round.organisation_id, title=round.title, questions=round.questions
    )


ASKS = Asks(
    root="/manage/rounds",
    name="rounds",
    section=SECTION,
    home=_questions,
    see=_sheet,
    verbs=asking,
)


@get("/manage/rounds/{id:uuid}/criteria/new", name="rounds.criteria.new")
async def new_criterion(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a new criterion."""
    round = await queries.to_manage(actor, id)
    form = CriterionForm.blank({"weight": 1, "most": 5})
    return await _criterion_form(request, actor, round, form)


@post("/manage/rounds/{id:uuid}/criteria/new", name="rounds.criteria.add")
async def add_criterion(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Judge by one more criterion."""
    round = await queries.to_manage(actor, id)
    form = await CriterionForm.bind(request)
    if form.data is not None:
        with form.catching():
            await asking.add_criterion(
                actor, id, form.data.measure(), once=form.once(_criteria(id))
            )
            return redirect(request, _criteria(id), notice="Criterion added.")
    return await _criterion_form(request, actor, round, form, status=422)


@get("/manage/rounds/{id:uuid}/criteria/{criterion_id:uuid}", name="rounds.criteria.edit")
async def edit_criterion(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    criterion_id: FromPath[UUID],
) -> Page:
    """Show the form of a criterion."""
    round = await queries.to_manage(actor, id)
    criterion = _criterion(round, criterion_id)
    form = CriterionForm.blank(typed_criterion(criterion))
    return await _criterion_form(request, actor, round, form, criterion=criterion)


@post("/manage/rounds/{id:uuid}/criteria/{criterion_id:uuid}", name="rounds.criteria.change")
async def change_criterion(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    criterion_id: FromPath[UUID],
) -> Page:
    """Judge by a criterion in other words."""
    round = await queries.to_manage(actor, id)
    criterion = _criterion(round, criterion_id)
    form = await CriterionForm.bind(request)
    if form.data is not None:
        with form.catching():
            await asking.change_criterion(
                actor, id, criterion_id, form.data.measure(), once=form.once(_criteria(id))
            )
            return redirect(request, _criteria(id), notice="Criterion saved.")
    return await _criterion_form(request, actor, round, form, criterion=criterion, status=422)


@post(
    "/manage/rounds/{id:uuid}/criteria/{criterion_id:uuid}/position",
    name="rounds.criteria.move",
)
async def move_criterion(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    criterion_id: FromPath[UUID],
) -> Page:
    """Show a criterion earlier or later."""
    await queries.to_manage(actor, id)
    form = await MoveForm.bind(request)
    by = -1 if form.data and form.data.up else 1
    await asking.move_criterion(actor, id, criterion_id, by, once=form.once(_criteria(id)))
    return redirect(request, _criteria(id), notice="Moved.")


@post(
    "/manage/rounds/{id:uuid}/criteria/{criterion_id:uuid}/removal",
    name="rounds.criteria.remove",
)
async def remove_criterion(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    criterion_id: FromPath[UUID],
) -> Page:
    """Judge by a criterion no more."""
    await queries.to_manage(actor, id)
    form = await Form.bind(request)
    await asking.remove_criterion(actor, id, criterion_id, once=form.once(_criteria(id)))
    return redirect(request, _criteria(id), notice="Criterion removed.")


def _criterion(round: RoundView, id: UUID) -> CriterionView:
    for criterion in round.criteria:
        if criterion.id == id:
            return criterion
    raise NotFound(asking.NO_CRITERION)


async def _criterion_form(
    request: Request[Any, Any, Any],
    actor: Actor,
    round: RoundView,
    form: Bound[CriterionForm],
    *,
    criterion: CriterionView | None = None,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, round.organisation_id)
    return render(
        request,
        "grants/manage/criterion_form.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        round=round,
        criterion=criterion,
    )


HANDLERS: list[Any] = [
    *handlers(ASKS),
    new_criterion,
    add_criterion,
    edit_criterion,
    change_criterion,
    move_criterion,
    remove_criterion,
]
