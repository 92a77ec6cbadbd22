"""The workspace's pages of rounds: writing the terms, seeing them as others will, publishing."""

from datetime import time
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, taxonomies
from marketplace.grants.applications import queries as applications
from marketplace.grants.funds import queries as funds
from marketplace.grants.funds.manage_routes import SECTION
from marketplace.grants.funds.queries import FundView
from marketplace.grants.rounds import operations, queries
from marketplace.grants.rounds.forms import RoundForm, typed
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import FundState, Phase, RoundState
from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.rules import KIND_LABELS
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.places import queries as places
from marketplace.questions.rules import KIND_LABELS as QUESTION_KINDS
from marketplace.web.buttons import button
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render


@get("/manage/funds/{id:uuid}/rounds/new", name="rounds.new")
async def new(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a new round."""
    fund = await funds.to_manage(actor, id)
    form = RoundForm.blank(
        {
            "opens_day": clock.today(),
            "opens_time": time(9),
            "deadline_time": time(12),
            "approved_only": True,
        }
    )
    return await _form(request, actor, form, fund=fund)


@post("/manage/funds/{id:uuid}/rounds/new", name="rounds.draft")
async def draft(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Keep a new round as a draft."""
    fund = await funds.to_manage(actor, id)
    form = await RoundForm.bind(request)
    if form.data is not None:
        with form.catching():
            round_id = await operations.draft(
                actor, id, form.data.terms(), once=form.once(f"/manage/funds/{id}")
            )
            return redirect(
                request,
                f"/manage/rounds/{round_id}",
                notice="Saved. Now say what you ask, and what you judge by.",
            )
    return await _form(request, actor, form, fund=fund, status=422)


@get("/manage/rounds/{id:uuid}", name="rounds.manage")
async def manage(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show where a round stands: what it lacks, asks and judges by, and what came in."""
    round = await queries.of_funder(actor, id)
    organisation = await workspace(actor, round.organisation_id)
    now = clock.now()
    return render(
        request,
        "grants/manage/round.html",
        **shell(request, actor, organisation, current=SECTION),
        round=round,
        phase=round.phase(now),
        lacks=round.lacks(now),
        submitted=[] if _unread(round) else await applications.submitted(actor, id),
        committed=await queries.committed_to(actor, id),
        may_write=actor.can(Permission.WRITE_FUNDS, organisation.id),
        may_decide=actor.can(Permission.DECIDE_AWARDS, organisation.id),
        kind_words=QUESTION_KINDS,
        not_approved=operations.not_approved(organisation.name),
        Phase=Phase,
        State=RoundState,
    )


def _unread(round: RoundView) -> bool:
    return round.state is RoundState.DRAFT


@get("/manage/rounds/{id:uuid}/edit", name="rounds.edit")
async def edit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a round."""
    round = await queries.to_manage(actor, id)
    fund = await funds.to_manage(actor, round.fund_id)
    return await _form(request, actor, RoundForm.blank(typed(round)), fund=fund, round=round)


@post("/manage/rounds/{id:uuid}/edit", name="rounds.change")
async def change(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Replace the terms of a round."""
    round = await queries.to_manage(actor, id)
    fund = await funds.to_manage(actor, round.fund_id)
    form = await RoundForm.bind(request)
    if form.data is not None:
        home = f"/manage/rounds/{id}"
        with form.catching():
            await operations.change(actor, id, form.data.terms(), once=form.once(home))
            return redirect(request, home, notice="Saved.")
    return await _form(request, actor, form, fund=fund, round=round, status=422)


@get("/manage/rounds/{id:uuid}/preview", name="rounds.preview")
async def preview(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show a round as everybody will see it."""
    round = await queries.of_funder(actor, id)
    fund = await funds.fund(actor, round.fund_id)
    return render(
        request,
        "grants/funds/fund.html",
        fund=fund,
        live=[round],
        past=[],
        awards={},
        given=0,
        given_times=0,
        now_at=clock.now(),
        causes=[taxonomies.label(slug) for slug in fund.causes],
        picture=taxonomies.icon(fund.causes[0]) if fund.causes else "hand-coins",
        works_on_it=True,
        preview=True,
        kind_words=QUESTION_KINDS,
        Phase=Phase,
        State=FundState,
    )


publish = button(
    "/manage/rounds/{id:uuid}/publication",
    operations.publish,
    name="rounds.publish",
    back="/manage/rounds/{id}",
    notice="Published. Everybody can read it now.",
    known=queries.to_manage,
)


@get("/manage/rounds/{id:uuid}/cancellation", name="rounds.cancellation")
async def cancellation(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say what would happen, and ask once."""
    round = await queries.to_manage(actor, id)
    organisation = await workspace(actor, round.organisation_id)
    return render(
        request,
        "grants/manage/cancellation.html",
        **shell(request, actor, organisation, current=SECTION),
        round=round,
        submitted=len(await applications.submitted(actor, id)),
        State=RoundState,
    )


cancel = button(
    "/manage/rounds/{id:uuid}/cancellation",
    operations.cancel,
    name="rounds.cancel",
    back="/manage/rounds/{id}",
    notice="Cancelled. Nobody can apply to this round.",
    known=queries.to_manage,
)


async def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    form: Bound[RoundForm],
    *,
    fund: FundView,
    round: RoundView | None = None,
    status: int = 200,
) -> Page:
    organisation: Organisation = await workspace(actor, fund.organisation_id)
    return render(
        request,
        "grants/manage/round_form.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        fund=fund,
        round=round,
        kinds=[(kind.value, label) for kind, label in KIND_LABELS.items()],
        districts=[(area.gss, area.name) for area in await places.areas(clock.today())],
    )


HANDLERS: list[Any] = [
    new,
    draft,
    manage,
    edit,
    change,
    preview,
    publish,
    cancellation,
    cancel,
]
