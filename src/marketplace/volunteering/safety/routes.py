"""One's own emergency contact and needs, and what a shift's leader sees of others'."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.accounts.account.links import AccountLink
from marketplace.errors import BadInput
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.lone import queries as lone
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.safety import operations, queries
from marketplace.volunteering.safety.forms import DetailsForm, ShareForm
from marketplace.volunteering.safety.queries import Details
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
MINE = "/account/safety"


@get(MINE, name="safety.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show what one wrote, who may see it, and who looked."""
    details = await queries.mine(actor)
    return await _mine(request, actor, DetailsForm.blank(asdict(details or Details())))


@post(MINE, name="safety.write", status_code=200)
async def write(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Keep it."""
    form = await DetailsForm.bind(request)
    if form.data is None:
        return await _mine(request, actor, form, status=422)
    await operations.write(actor, form.data.details(), once=form.once(MINE))
    return redirect(request, MINE, notice="Saved. Nobody sees it until you share it below.")


@post(MINE + "/sharing", name="safety.share")
async def share(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Let leaders see it, or stop."""
    form = await ShareForm.bind(request)
    if form.data is None:
        raise BadInput("We could not tell which booking you meant. Reload the page and try again.")
    asked = form.data
    await operations.share(
        actor, asked.booking, asked.shared, everywhere=asked.everywhere, once=form.once(MINE)
    )
    return redirect(
        request, MINE, notice="The leader of the shift sees it." if asked.shared else "Not shared."
    )


async def _mine(request: Req, actor: Actor, form: Bound[DetailsForm], *, status: int = 200) -> Page:
    return render(
        request,
        "volunteering/safety/mine.html",
        status=status,
        form=form,
        written=await queries.mine(actor) is not None,
        choices=await queries.choices(actor),
        looks=await queries.looks(actor),
    )


@get("/manage/shifts/{id:uuid}/safety", name="safety.sheet")
async def sheet(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show a shift's leader what was shared for it, and whether people are on their own there."""
    found = await operations.look(actor, id)
    organisation_id = found.opportunity.organisation_id
    layout: dict[str, Any] = {"layout": "layouts/base.html"}
    if actor.can(Permission.VIEW_WORKSPACE, organisation_id):
        organisation = await workspace(actor, organisation_id)
        layout = {
            "layout": "layouts/manage.html",
            **shell(request, actor, organisation, current=SECTION),
        }
    return render(
        request,
        "volunteering/safety/sheet.html",
        **layout,
        sheet=found,
        lone=await lone.is_lone(id),
        marks=actor.can(Permission.WRITE_OPPORTUNITIES, organisation_id),
    )


HANDLERS: list[Any] = [mine, write, share, sheet]
ACCOUNT: list[AccountLink] = [
    AccountLink(
        "In an emergency", MINE, "Whom to ring, what you need, and which leaders see it", 42
    ),
]
