"""The workspace's pages of assessment: who assesses a round, and opening it to them."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.errors import NotFound
from marketplace.grants.assessment import operations, panel
from marketplace.grants.assessment.forms import PersonForm
from marketplace.grants.assessment.rules import may_start
from marketplace.grants.funds.manage_routes import SECTION
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import RoundState
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


async def _round(actor: Actor, organisation_id: UUID, round_id: UUID) -> RoundView:
    round = await rounds.to_manage(actor, round_id)
    if round.organisation_id != organisation_id:
        raise NotFound(rounds.NO_SUCH)
    return round


@get("/manage/{organisation_id:uuid}/rounds/{round_id:uuid}/assessors", name="panel.show")
async def show(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
) -> Page:
    """Show who assesses a round and how far they are."""
    await _round(actor, organisation_id, round_id)
    return await _page(request, actor, organisation_id, round_id, PersonForm.blank())


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation_id: UUID,
    round_id: UUID,
    form: Bound[PersonForm],
    *,
    status: int = 200,
) -> Page:
    round, people = await panel.panel(actor, round_id)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "grants/assessment/panel.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        round=round,
        named=[each for each in people if each.named],
        others=[each for each in people if not each.named],
        form=form,
        State=RoundState,
        may_start=may_start(round.state, round.deadline, clock.now()),
        may_invite=actor.can(Permission.INVITE_PEOPLE, organisation_id),
    )


@post("/manage/{organisation_id:uuid}/rounds/{round_id:uuid}/assessors", name="panel.name")
async def name(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
) -> Page:
    """Name an assessor."""
    await _round(actor, organisation_id, round_id)
    form = await PersonForm.bind(request)
    if form.data is not None:
        home = f"/manage/{organisation_id}/rounds/{round_id}/assessors"
        with form.catching():
            await operations.name_assessor(actor, round_id, form.data.person, once=form.once(home))
            return redirect(request, home, notice="Named.")
    return await _page(request, actor, organisation_id, round_id, form, status=422)


@post(
    "/manage/{organisation_id:uuid}/rounds/{round_id:uuid}/assessors/{person_id:uuid}/removal",
    name="panel.remove",
)
async def remove(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Take an assessor off a round."""
    await _round(actor, organisation_id, round_id)
    form = await Form.bind(request)
    home = f"/manage/{organisation_id}/rounds/{round_id}/assessors"
    await operations.remove_assessor(actor, round_id, person_id, once=form.once(home))
    return redirect(request, home, notice="They no longer assess this round.")


@post("/manage/{organisation_id:uuid}/rounds/{round_id:uuid}/assessment", name="panel.start")
async def start(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
) -> Page:
    """Open the applications to the assessors."""
    await _round(actor, organisation_id, round_id)
    form = await Form.bind(request)
    home = f"/manage/{organisation_id}/rounds/{round_id}/assessors"
    await operations.start(actor, round_id, once=form.once(home))
    return redirect(request, home, notice="The applications are open to the assessors.")


HANDLERS: list[Any] = [show, name, remove, start]
