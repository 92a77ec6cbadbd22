"""The applicant's pages: whether to apply, the task list, checking, submitting, withdrawing."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.errors import Conflict
from marketplace.grants.applications import eligibility, operations, queries
from marketplace.grants.applications.eligibility import Candidate, Other
from marketplace.grants.applications.forms import StartForm, moment
from marketplace.grants.applications.operations import Incomplete
from marketplace.grants.applications.snapshot import living
from marketplace.grants.awards import queries as awards
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rules import ApplicationState, Need, Phase
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.web.forms import Bound, Form
from marketplace.web.gate import received_at
from marketplace.web.render import Page, redirect, render

SECTION = "Our applications"


@get("/rounds/{id:uuid}/application", name="applications.new")
async def new(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say of each organisation of the actor whether it can apply, why not, and what else fits."""
    return await _start_page(request, actor, id, StartForm.blank())


@post("/rounds/{id:uuid}/application", name="applications.start")
async def start(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Start a draft, or go to the one there is."""
    form = await StartForm.bind(request)
    if form.data is None:
        return await _start_page(request, actor, id, form, status=422)
    try:
        application_id = await operations.start(
            actor,
            id,
            form.data.organisation,
            received=received_at(request),
            once=form.once(f"/rounds/{id}/application"),
        )
    except Conflict as conflict:
        return await _start_page(request, actor, id, form, status=409, refused=conflict.message)
    return redirect(request, f"/applications/{application_id}")


async def _start_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    form: Bound[StartForm],
    *,
    status: int = 200,
    refused: str = "",
) -> Page:
    round = await rounds.round(actor, id)
    found = await eligibility.of_actor(actor, id, round.rules)
    return render(
        request,
        "grants/applications/start.html",
        status=status,
        form=form,
        round=round,
        phase=round.phase(clock.now()),
        candidates=found,
        others=await _others(found, round.fund_id),
        belongs=bool(actor.memberships),
        refused=refused,
        Phase=Phase,
        Need=Need,
    )


async def _others(found: list[Candidate], fund_id: UUID) -> dict[UUID, list[Other]]:
    """Give, for the first three organisations that do not fit, what else they could apply to."""
    unfit = [each for each in found if not each.eligibility.fits][:3]
    return {
        each.id: await eligibility.others(each.applicant, each.id, besides=fund_id)
        for each in unfit
    }


@get("/manage/{organisation_id:uuid}/applications", name="applications.own")
async def own(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """List what an organisation applies for."""
    actor.require_to_know(Permission.VIEW_OWN_APPLICATIONS, organisation_id)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "grants/applications/own.html",
        **shell(request, actor, organisation),
        rows=await queries.of_organisation(actor, organisation_id, clock.now()),
        may_write=actor.can(Permission.WRITE_APPLICATIONS, organisation_id),
        State=ApplicationState,
        Phase=Phase,
    )


@get("/applications/{id:uuid}", name="applications.show")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show what is still to do in a draft, or what was submitted."""
    application = await queries.application(actor, id)
    organisation = await workspace(actor, application.organisation_id)
    now = clock.now()
    context = {
        **shell(request, actor, organisation, current=SECTION),
        "application": application,
        "phase": application.phase(now),
        "now_at": now,
        "may_write": actor.can(Permission.WRITE_APPLICATIONS, application.organisation_id),
        "State": ApplicationState,
        "Phase": Phase,
    }
    if application.state is not ApplicationState.DRAFT:
        told = await awards.told(id)
        return render(request, "grants/applications/submitted.html", **context, told=told)
    round = await rounds.asked_in(application.round_id)
    answers = await queries.answers(id)
    return render(
        request,
        "grants/applications/tasks.html",
        **context,
        round=round,
        answers=answers,
        wrong=operations.problems(round, answers),
    )


@get("/applications/{id:uuid}/check", name="applications.check")
async def check(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show all answers once more before they are submitted."""
    return await _check_page(request, actor, id)


@post("/applications/{id:uuid}/submission", name="applications.submit")
async def submit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Hand an application in."""
    await queries.to_write(actor, id)
    form = await Form.bind(request)
    home = f"/applications/{id}"
    try:
        done = await operations.submit(
            actor, id, received=received_at(request), once=form.once(home)
        )
    except Incomplete as incomplete:
        return await _check_page(
            request, actor, id, status=422, refused=incomplete.message, incomplete=True
        )
    except Conflict as conflict:
        return await _check_page(request, actor, id, status=409, refused=conflict.message)
    assert done.submitted_at is not None
    return redirect(
        request,
        home,
        notice=f"Submitted {moment(done.submitted_at)}. A copy is on its way to you by e-mail.",
    )


async def _check_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    *,
    status: int = 200,
    refused: str = "",
    incomplete: bool = False,
) -> Page:
    application = await queries.application(actor, id)
    if application.state is not ApplicationState.DRAFT:
        return redirect(request, f"/applications/{id}")
    organisation = await workspace(actor, application.organisation_id)
    round = await rounds.asked_in(application.round_id)
    answers = await queries.answers(id)
    now = clock.now()
    (found,) = await eligibility.candidates(
        [application.organisation_id], round.id, round.rules, today=clock.today()
    )
    return render(
        request,
        "grants/applications/check.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        application=application,
        round=round,
        answered=living(round.questions, answers),
        wrong=operations.problems(round, answers),
        labels={asked.id: asked.label for asked in round.questions},
        found=found,
        phase=round.phase(now),
        may_write=actor.can(Permission.WRITE_APPLICATIONS, application.organisation_id),
        refused=refused,
        incomplete=incomplete,
        Phase=Phase,
        Need=Need,
    )


@get("/applications/{id:uuid}/withdrawal", name="applications.withdrawal")
async def withdrawal(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say what withdrawing means, and ask once."""
    application = await queries.to_write(actor, id)
    organisation = await workspace(actor, application.organisation_id)
    return render(
        request,
        "grants/applications/withdrawal.html",
        **shell(request, actor, organisation, current=SECTION),
        application=application,
        possible=application.may_be_withdrawn(clock.now()),
        open=application.phase(clock.now()) is Phase.OPEN,
        State=ApplicationState,
    )


@post("/applications/{id:uuid}/withdrawal", name="applications.withdraw")
async def withdraw(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take an application back."""
    await queries.to_write(actor, id)
    form = await Form.bind(request)
    home = f"/applications/{id}"
    await operations.withdraw(actor, id, received=received_at(request), once=form.once(home))
    return redirect(request, home, notice="Withdrawn. Your answers stay readable here.")


HANDLERS: list[Any] = [new, start, own, show, check, submit, withdrawal, withdraw]
