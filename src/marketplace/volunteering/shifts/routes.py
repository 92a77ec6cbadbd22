"""The workspace's pages of shifts: adding, changing and cancelling them."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.manage_routes import SECTION, told
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.shifts import operations, queries
from marketplace.volunteering.shifts.forms import PlacesForm, RoleChoice, ShiftForm, typed
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


@get("/manage/opportunities/{id:uuid}/shifts", name="shifts.new")
async def new(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a new shift, with what its role wants."""
    opportunity = await opportunities.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    asked = RoleChoice.read(request).data
    roles = await opportunities.roles(id)
    role = next((each for each in roles if asked and each.id == asked.role), roles[0])
    form = ShiftForm.blank(
        {"role": role.id, "places": role.wanted, "least_needed": role.least_needed}
    )
    return await _form(request, actor, organisation, opportunity, form)


@post("/manage/opportunities/{id:uuid}/shifts", name="shifts.plan")
async def plan(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Add a shift."""
    form = await ShiftForm.bind(request)
    opportunity = await opportunities.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    if form.data is not None:
        home = f"/manage/opportunities/{id}"
        with form.catching():
            await operations.plan(actor, id, form.data.plan(), once=form.once(home))
            return redirect(request, home, notice="Shift added.")
    return await _form(request, actor, organisation, opportunity, form, status=422)


@get("/manage/shifts/{id:uuid}/edit", name="shifts.edit")
async def edit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a shift."""
    shift, opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    form = ShiftForm.blank(typed(shift))
    return await _form(request, actor, organisation, opportunity, form, shift=shift)


@post("/manage/shifts/{id:uuid}/edit", name="shifts.change")
async def change(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Change when a shift is and how many it needs."""
    form = await ShiftForm.bind(request)
    shift, opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    if form.data is not None:
        home = f"/manage/opportunities/{opportunity.id}"
        with form.catching():
            unfit = await operations.change(actor, id, form.data.plan(), once=form.once(home))
            home = doubts.page(organisation.id) if unfit else home
            return redirect(request, home, notice=doubts.notice("Shift saved.", unfit))
    return await _form(request, actor, organisation, opportunity, form, shift=shift, status=422)


@get("/manage/shifts/{id:uuid}/cancellation", name="shifts.cancellation")
async def cancellation(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say who would be affected, and ask once."""
    shift, opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/manage/cancellation.html",
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        shift=shift,
        people=shift.taken,
    )


@post("/manage/shifts/{id:uuid}/cancellation", name="shifts.cancel")
async def cancel(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Cancel a shift and its bookings."""
    form = await Form.bind(request)
    shift, opportunity = await queries.to_manage(actor, id)
    home = f"/manage/opportunities/{opportunity.id}"
    people = await operations.cancel(actor, shift.id, once=form.once(home))
    return redirect(request, home, notice=f"Shift cancelled.{told(people)}")


@get("/manage/shifts/{id:uuid}/places", name="shifts.places")
async def places(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Name who has a place, to choose who gives theirs up."""
    shift, opportunity = await _to_cut(actor, id)
    asked = PlacesForm.read(request).data
    fewer = asked.places if asked and asked.places < shift.places else max(shift.places - 1, 1)
    form = PlacesForm.blank({"places": fewer})
    return await _places(request, actor, shift, opportunity, form)


@post("/manage/shifts/{id:uuid}/places", name="shifts.cut")
async def cut(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take away places with the bookings that were chosen."""
    form = await PlacesForm.bind(request)
    shift, opportunity = await _to_cut(actor, id)
    if (data := form.data) is not None:
        home = f"/manage/opportunities/{opportunity.id}"
        with form.catching():
            people = await operations.cut(
                actor, id, data.places, data.people, reason=data.reason, once=form.once(home)
            )
            return redirect(request, home, notice=f"Saved.{told(people)}")
    return await _places(request, actor, shift, opportunity, form, status=422)


async def _to_cut(actor: Actor, id: UUID) -> tuple[ShiftView, OpportunityView]:
    shift, opportunity = await queries.to_manage(actor, id)
    actor.require_to_know(Permission.VIEW_ROSTER, opportunity.organisation_id)
    return shift, opportunity


async def _places(
    request: Request[Any, Any, Any],
    actor: Actor,
    shift: ShiftView,
    opportunity: OpportunityView,
    form: Bound[PlacesForm],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/manage/places.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        shift=shift,
        form=form,
        people=[
            (str(row["id"]), row["name"])
            for row in await operations.look_at_booked(actor, shift.id)
        ],
    )


async def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    opportunity: OpportunityView,
    form: Bound[ShiftForm],
    *,
    shift: ShiftView | None = None,
    status: int = 200,
) -> Page:
    return render(
        request,
        "volunteering/manage/shift.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        form=form,
        shift=shift,
        roles=[] if shift else await opportunities.roles(opportunity.id),
    )


HANDLERS: list[Any] = [new, plan, edit, change, cancellation, cancel, places, cut]
