"""The workspace's pages of ties: who has declared which, and lifting one that does not hold."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.grants.assessment import ties
from marketplace.grants.assessment.forms import LiftForm
from marketplace.grants.funds.manage_routes import SECTION
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

HOME = "/manage/{organisation_id:uuid}/rounds/{round_id:uuid}/ties"


@get(HOME, name="ties.list")
async def index(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
) -> Page:
    """List the ties people have to applicants of a round."""
    round, found = await ties.declared(actor, organisation_id, round_id)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "grants/assessment/declared.html",
        **shell(request, actor, organisation, current=SECTION),
        round=round,
        ties=found,
    )


@get(f"{HOME}/{{tie_id:uuid}}", name="ties.show")
async def show(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
    tie_id: FromPath[UUID],
) -> Page:
    """Say what lifting a tie does, and ask why."""
    return await _page(request, actor, organisation_id, round_id, tie_id, LiftForm.blank())


@post(f"{HOME}/{{tie_id:uuid}}", name="ties.lift")
async def lift(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
    tie_id: FromPath[UUID],
) -> Page:
    """Lift a tie."""
    await ties.tie(actor, organisation_id, round_id, tie_id)
    form = await LiftForm.bind(request)
    if form.data is not None:
        home = f"/manage/{organisation_id}/rounds/{round_id}/ties"
        with form.catching():
            found = await ties.lift(
                actor, organisation_id, round_id, tie_id, form.data.reason, once=form.once(home)
            )
            return redirect(
                request, home, notice=f"Lifted. {found.name} can read {found.applicant} again."
            )
    return await _page(request, actor, organisation_id, round_id, tie_id, form, status=422)


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation_id: UUID,
    round_id: UUID,
    tie_id: UUID,
    form: Bound[LiftForm],
    *,
    status: int = 200,
) -> Page:
    round, found = await ties.tie(actor, organisation_id, round_id, tie_id)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "grants/assessment/tie.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        round=round,
        tie=found,
        why_not=found.why_not(round),
        form=form,
    )


HANDLERS: list[Any] = [index, show, lift]
