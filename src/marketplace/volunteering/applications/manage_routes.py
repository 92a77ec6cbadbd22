"""The workspace's pages of who applied, and deciding on one."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.accounts.queries import names
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.applications import deciding, lists, queries, sent
from marketplace.volunteering.applications.forms import ApprovalForm, ReasonForm
from marketplace.volunteering.applications.rules import (
    RECOMMENDS_WORDS,
    ApplicationState,
    Outcome,
    RefereeState,
)
from marketplace.volunteering.applications.sent import ApplicationView
from marketplace.web.bodies import read_query
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

SECTION = "Volunteers"


def _page_number(request: Request[Any, Any, Any]) -> int:
    typed = (read_query(request).get("page") or ["1"])[-1]
    return min(int(typed), 10_000) if typed.isascii() and typed.isdecimal() and int(typed) else 1


@get("/manage/{organisation_id:uuid}/volunteers", name="role-applications.organisation")
async def of_organisation(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """List who applied to an organisation, with what waits for a decision first."""
    actor.require_to_know(Permission.SCREEN_VOLUNTEERS, organisation_id)
    organisation = await workspace(actor, organisation_id)
    found = await lists.of_organisation(actor, organisation_id, page=_page_number(request))
    return render(
        request,
        "volunteering/applications/manage/list.html",
        **shell(request, actor, organisation, current=SECTION),
        found=found,
        role=None,
    )


@get("/manage/roles/{id:uuid}/applications", name="role-applications.role")
async def of_role(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """List who applied for a role."""
    role, found = await lists.of_role(actor, id, page=_page_number(request))
    organisation = await workspace(actor, role.organisation_id)
    return render(
        request,
        "volunteering/applications/manage/list.html",
        **shell(request, actor, organisation, current=SECTION),
        found=found,
        role=role,
    )


@get("/manage/applications/{id:uuid}", name="role-applications.decide")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show an application to whoever decides on it."""
    application = await deciding.look_at(actor, id)
    return await _page(request, actor, application, ReasonForm.blank())


@post("/manage/applications/{id:uuid}/approval", name="role-applications.approve")
async def approve(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Let somebody book the shifts of a role."""
    application = await sent.to_decide(actor, id)
    form = await ApprovalForm.bind(request)
    if form.data is None:
        return await _page(request, actor, application, form, status=422)
    home = _home(application)
    await deciding.approve(actor, id, reason=form.data.welcome, once=form.once(home))
    return redirect(request, home, notice="Approved. They are told by e-mail.")


@post("/manage/applications/{id:uuid}/refusal", name="role-applications.decline")
async def decline(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say no, and why."""
    application = await sent.to_decide(actor, id)
    form = await ReasonForm.bind(request)
    if form.data is None:
        return await _page(request, actor, application, form, status=422)
    home = _home(application)
    await deciding.decline(actor, id, reason=form.data.reason, once=form.once(home))
    return redirect(request, home, notice="Declined. They are told why by e-mail.")


@post("/manage/applications/{id:uuid}/revocation", name="role-applications.revoke")
async def revoke(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take an approval back, with the places on shifts to come."""
    application = await sent.to_decide(actor, id)
    form = await ReasonForm.bind(request)
    if form.data is None:
        return await _page(request, actor, application, form, status=422)
    home = _home(application)
    places = await deciding.revoke(actor, id, reason=form.data.reason, once=form.once(home))
    freed = f" {places} {'place is' if places == 1 else 'places are'} free again." if places else ""
    return redirect(request, home, notice=f"Approval taken back.{freed}")


def _home(application: ApplicationView) -> str:
    return f"/manage/roles/{application.role_id}/applications"


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    application: ApplicationView,
    form: Bound[Any],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, application.organisation_id)
    decisions = await sent.decisions(application.id)
    people = [application.person_id, *(each.by for each in decisions if each.by)]
    return render(
        request,
        "volunteering/applications/manage/application.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        application=application,
        form=form,
        approval=form if form.shape is ApprovalForm else ApprovalForm.blank(),
        refusal=form if form.shape is ReasonForm else ReasonForm.blank(),
        names=await names(people),
        answered=await sent.answered(application.id),
        referees=await sent.referees(application.id),
        decisions=decisions,
        role=await queries.role(application.role_id),
        own=actor.is_self(application.person_id),
        recommends=RECOMMENDS_WORDS,
        State=ApplicationState,
        RefereeState=RefereeState,
        Outcome=Outcome,
    )


HANDLERS: list[Any] = [of_organisation, of_role, show, approve, decline, revoke]
