"""Arranging visits in the workspace, and answering as the volunteer."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.series.forms import DAYS, ENDS, EVERY
from marketplace.volunteering.visits import operations, queries
from marketplace.volunteering.visits.forms import AgreementForm, ProposalForm, RefusalForm
from marketplace.volunteering.visits.rules import VisitState
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

MINE = "/my/visits"


@get("/manage/opportunities/{id:uuid}/visits", name="visits.list")
async def index(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """List the arrangements of an opportunity."""
    opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/manage/visits.html",
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        visits=await queries.of_opportunity(id),
    )


@get("/manage/opportunities/{id:uuid}/visits/new", name="visits.new")
async def new(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a proposal."""
    opportunity = await queries.to_manage(actor, id)
    form = ProposalForm.blank({"every": "week", "ends": "never"})
    return await _form(request, actor, opportunity, form)


@post("/manage/opportunities/{id:uuid}/visits/new", name="visits.propose")
async def propose(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Ask a volunteer for regular visits."""
    form = await ProposalForm.bind(request)
    opportunity = await queries.to_manage(actor, id)
    if form.data is not None:
        home = f"/manage/opportunities/{id}/visits"
        with form.catching():
            await operations.propose(actor, id, form.data.proposal(), once=form.once(home))
            return redirect(request, home, notice="Sent. You are told when they answer.")
    return await _form(request, actor, opportunity, form, status=422)


async def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    opportunity: OpportunityView,
    form: Bound[ProposalForm],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, opportunity.organisation_id)
    people = await queries.volunteers(opportunity.organisation_id, opportunity.id)
    return render(
        request,
        "volunteering/manage/visit_form.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        form=form,
        people=[(str(id), name) for id, name in people],
        roles=await opportunities.roles(opportunity.id),
        every=EVERY,
        days=DAYS,
        ends=ENDS,
    )


@get("/manage/visits/{id:uuid}", name="visits.manage")
async def manage(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show an arrangement with who is visited and where; that somebody looked is written down."""
    visit = await operations.look(actor, id)
    organisation = await workspace(actor, visit.organisation_id)
    return render(
        request,
        "volunteering/manage/visit.html",
        **shell(request, actor, organisation, current=SECTION),
        visit=visit,
        State=VisitState,
    )


@post("/manage/visits/{id:uuid}/withdrawal", name="visits.withdraw")
async def withdraw(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take a proposal back."""
    form = await Form.bind(request)
    home = f"/manage/visits/{id}"
    await operations.withdraw(actor, id, once=form.once(home))
    return redirect(request, home, notice="Taken back. The volunteer is told.")


@post("/manage/visits/{id:uuid}/end", name="visits.end")
async def end(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """End visits that were agreed on."""
    form = await Form.bind(request)
    home = f"/manage/visits/{id}"
    await queries.visit_to_manage(actor, id)
    await operations.end(actor, id, once=form.once(home))
    return redirect(request, home, notice="Ended. The volunteer is told.")


@get(MINE, name="visits.mine")
async def mine(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """List the visits one is asked for, and those one agreed to."""
    return render(
        request,
        "volunteering/visits.html",
        visits=await queries.mine(actor),
        State=VisitState,
    )


@get("/my/visits/{id:uuid}", name="visits.show")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show what one is asked for; once agreed, who is visited and where."""
    return await _own(request, actor, id, AgreementForm.blank())


async def _own(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    form: Bound[Any],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "volunteering/visit.html",
        status=status,
        visit=await queries.own(actor, id),
        form=form,
        State=VisitState,
    )


@post("/my/visits/{id:uuid}/agreement", name="visits.agree")
async def agree(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Agree to visits."""
    form = await AgreementForm.bind(request)
    await queries.own(actor, id)
    home = f"/my/visits/{id}"
    if form.data is not None:
        with form.catching():
            left = await operations.agree(
                actor, id, old_enough=form.data.old_enough, once=form.once(home)
            )
            notice = "Agreed. The address is below, and the visits are among your bookings."
            if left:
                notice += f" You are elsewhere on {'; '.join(left[:5])}: not booked."
            return redirect(request, home, notice=notice)
    return await _own(request, actor, id, form, status=422)


@post("/my/visits/{id:uuid}/refusal", name="visits.decline")
async def decline(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say no to visits."""
    form = await RefusalForm.bind(request)
    await queries.own(actor, id)
    if form.data is None:
        return await _own(request, actor, id, form, status=422)
    await operations.decline(actor, id, form.data.answer, once=form.once(MINE))
    return redirect(request, MINE, notice="You said no. Thank you for telling them.")


@post("/my/visits/{id:uuid}/end", name="visits.end-own")
async def end_own(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """End visits that one agreed to."""
    form = await Form.bind(request)
    await queries.own(actor, id)
    await operations.end(actor, id, once=form.once(MINE))
    return redirect(request, MINE, notice="Ended. The organisation is told.")


HANDLERS: list[Any] = [
    index,
    new,
    propose,
    manage,
    withdraw,
    end,
    mine,
    show,
    agree,
    decline,
    end_own,
]
