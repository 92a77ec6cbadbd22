"""The workspace's pages of funds: the list, writing one, and where it stands."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, taxonomies
from marketplace.grants.funds import operations, queries
from marketplace.grants.funds.forms import FundForm, typed
from marketplace.grants.funds.queries import FundView
from marketplace.grants.rules import FundState, Phase
from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.web.buttons import button
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

SECTION = "Our funds"


@get("/manage/{organisation_id:uuid}/funds", name="funds.own")
async def own(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """List a funder's own funds with their rounds."""
    actor.require_to_know(Permission.VIEW_APPLICATIONS, organisation_id)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "grants/manage/funds.html",
        **shell(request, actor, organisation),
        funds=await queries.of_organisation(actor, organisation_id, clock.now()),
    )


@get("/manage/{organisation_id:uuid}/funds/new", name="funds.new")
async def new(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show the form of a new fund."""
    organisation = await _may_write(actor, organisation_id)
    return _form(request, actor, organisation, FundForm.blank({"causes": organisation.causes}))


@post("/manage/{organisation_id:uuid}/funds/new", name="funds.draft")
async def draft(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Keep a new fund as a draft."""
    organisation = await _may_write(actor, organisation_id)
    form = await FundForm.bind(request)
    if form.data is not None:
        with form.catching():
            id = await operations.draft(
                actor,
                organisation_id,
                form.data.details(),
                once=form.once(f"/manage/{organisation_id}/funds"),
            )
            return redirect(request, f"/manage/funds/{id}", notice="Saved. Add a round next.")
    return _form(request, actor, organisation, form, status=422)


@get("/manage/funds/{id:uuid}", name="funds.manage")
async def manage(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show where a fund stands, and its rounds."""
    fund = await queries.fund(actor, id)
    actor.require_to_know(Permission.VIEW_APPLICATIONS, fund.organisation_id)
    organisation = await workspace(actor, fund.organisation_id)
    (own,) = await queries.of_organisation(
        actor, fund.organisation_id, clock.now(), fund_id=fund.id
    )
    return render(
        request,
        "grants/manage/fund.html",
        **shell(request, actor, organisation, current=SECTION),
        fund=fund,
        rounds=own.rounds,
        may_write=actor.can(Permission.WRITE_FUNDS, organisation.id),
        State=FundState,
        Phase=Phase,
    )


@get("/manage/funds/{id:uuid}/edit", name="funds.edit")
async def edit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a fund."""
    fund, organisation = await _to_manage(actor, id)
    return _form(request, actor, organisation, FundForm.blank(typed(fund)), fund=fund)


@post("/manage/funds/{id:uuid}/edit", name="funds.change")
async def change(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Replace what a fund says."""
    fund, organisation = await _to_manage(actor, id)
    form = await FundForm.bind(request)
    if form.data is not None:
        home = f"/manage/funds/{id}"
        with form.catching():
            await operations.change(actor, id, form.data.details(), once=form.once(home))
            return redirect(request, home, notice="Saved.")
    return _form(request, actor, organisation, form, fund=fund, status=422)


close = button(
    "/manage/funds/{id:uuid}/closure",
    operations.close,
    name="funds.close",
    back="/manage/funds/{id}",
    notice="Closed. Its page stays, with what it has given. A new round opens it.",
    known=queries.to_manage,
)


async def _may_write(actor: Actor, organisation_id: UUID) -> Organisation:
    actor.require_to_know(Permission.VIEW_APPLICATIONS, organisation_id)
    organisation = await workspace(actor, organisation_id)
    actor.require(Permission.WRITE_FUNDS, organisation_id)
    return organisation


async def _to_manage(actor: Actor, id: UUID) -> tuple[FundView, Organisation]:
    fund = await queries.to_manage(actor, id)
    return fund, await workspace(actor, fund.organisation_id)


def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    form: Bound[FundForm],
    *,
    fund: FundView | None = None,
    status: int = 200,
) -> Page:
    return render(
        request,
        "grants/manage/fund_form.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        fund=fund,
        causes=taxonomies.choices(taxonomies.CAUSES),
    )


HANDLERS: list[Any] = [own, new, draft, manage, edit, change, close]
