"""Pages on which organisations and administrators name who looks after safeguarding."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations import queries as organisations
from marketplace.organisations.safeguarding_leads import operations, queries
from marketplace.organisations.safeguarding_leads.forms import LeadsForm, PlaceLeadForm
from marketplace.organisations.safeguarding_leads.rules import Part
from marketplace.organisations.workspace import Section, shell
from marketplace.permissions import Actor, Permission
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
_PLACE = "/admin/safeguarding"


@get("/manage/{organisation_id:uuid}/safeguarding-leads", name="safeguarding-leads.show")
async def show(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show who is told of a concern, and to those who may, the form to name them."""
    organisation = await organisations.workspace(actor, organisation_id)
    leads = await queries.of_organisation(organisation.id)
    form = LeadsForm.blank({lead.part.value: lead.person_id for lead in leads if lead.part})
    return await _leads(request, actor, organisation, form)


@post("/manage/{organisation_id:uuid}/safeguarding-leads", name="safeguarding-leads.name")
async def name(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Name them."""
    organisation = await organisations.workspace(actor, organisation_id)
    actor.require(Permission.EDIT_ORGANISATION, organisation_id)
    form = await LeadsForm.bind(request)
    home = f"/manage/{organisation_id}/safeguarding-leads"
    if form.data is not None:
        with form.catching():
            await operations.name(
                actor,
                organisation_id,
                form.data.lead,
                form.data.deputy,
                once=form.once(home),
            )
            return redirect(request, home, notice="Saved. They are told by e-mail.")
    return await _leads(request, actor, organisation, form, status=422)


async def _leads(
    request: Req,
    actor: Actor,
    organisation: organisations.Organisation,
    form: Bound[LeadsForm],
    *,
    status: int = 200,
) -> Page:
    edits = actor.can(Permission.EDIT_ORGANISATION, organisation.id)
    leads = await queries.of_organisation(organisation.id)
    return render(
        request,
        "organisations/manage/safeguarding_leads.html",
        status=status,
        **shell(request, actor, organisation),
        leads=leads,
        mine=any(actor.is_self(lead.person_id) for lead in leads),
        edits=edits,
        people=await queries.members(organisation.id) if edits else [],
        form=form,
        Part=Part,
    )


@get(_PLACE, name="place-leads.show")
async def place(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show administrators who hears of concerns for the place."""
    return await _place(request, actor, PlaceLeadForm.blank())


@post(_PLACE, name="place-leads.name")
async def name_for_place(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Name one more."""
    await queries.for_administrators(actor)
    form = await PlaceLeadForm.bind(request)
    if form.data is not None:
        with form.catching():
            await operations.name_for_place(actor, form.data.email, once=form.once(_PLACE))
            return redirect(request, _PLACE, notice="Named. They are told by e-mail.")
    return await _place(request, actor, form, status=422)


@post(_PLACE + "/{person_id:uuid}/removal", name="place-leads.remove")
async def remove_from_place(
    request: Req, actor: NamedDependency[Actor], person_id: FromPath[UUID]
) -> Page:
    """Let somebody hear of concerns no more."""
    form = await Form.bind(request)
    await operations.remove_from_place(actor, person_id, once=form.once(_PLACE))
    return redirect(request, _PLACE, notice="They hear of no more concerns.")


async def _place(
    request: Req, actor: Actor, form: Bound[PlaceLeadForm], *, status: int = 200
) -> Page:
    return render(
        request,
        "organisations/place_leads.html",
        status=status,
        leads=await queries.for_administrators(actor),
        form=form,
    )


HANDLERS: list[Any] = [show, name, place, name_for_place, remove_from_place]
SECTION = Section(
    "Safeguarding leads", "/manage/{id}/safeguarding-leads", Permission.VIEW_WORKSPACE, "shield", 85
)
