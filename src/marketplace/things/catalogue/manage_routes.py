"""The workspace's pages of things: the list, writing one, its state and its units."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import files
from marketplace.errors import BadInput
from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.things import categories
from marketplace.things.catalogue import operations, queries, units
from marketplace.things.catalogue.forms import (
    ThingForm,
    UnitForm,
    UnitStateForm,
    typed,
    unit_typed,
)
from marketplace.things.catalogue.queries import ThingView, UnitView
from marketplace.things.rules import ThingState, UnitState, left_without, number_words
from marketplace.things.sites import queries as sites
from marketplace.things.sites.routes import SECTION
from marketplace.web.buttons import button
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render


@get("/manage/{organisation_id:uuid}/things", name="things.own")
async def own(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """List an organisation's own things with how many are out."""
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "things/manage/things.html",
        **shell(request, actor, organisation),
        rows=await queries.of_organisation(actor, organisation_id),
        may_write=actor.can(Permission.WRITE_THINGS, organisation_id),
    )


@get("/manage/{organisation_id:uuid}/things/new", name="things.new")
async def new(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show the form of a new thing."""
    organisation = await workspace(actor, organisation_id)
    actor.require(Permission.WRITE_THINGS, organisation_id)
    form = ThingForm.blank(
        {
            "kind": "thing",
            "max_days": 7,
            "notice_days": 0,
            "ahead_days": 90,
            "hours_before": 0,
            "hours_after": 0,
        }
    )
    return await _form(request, actor, organisation, form)


@post("/manage/{organisation_id:uuid}/things/new", name="things.draft")
async def draft(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Keep a new thing as a draft."""
    form = await ThingForm.bind(request)
    organisation = await workspace(actor, organisation_id)
    actor.require(Permission.WRITE_THINGS, organisation_id)
    if form.data is not None:
        home = f"/manage/{organisation_id}/things"
        with form.catching():
            id = await operations.draft(
                actor, organisation_id, form.data.details(), once=form.once(home)
            )
            return redirect(
                request, f"/manage/things/{id}", notice="Draft saved. Now add its units."
            )
    return await _form(request, actor, organisation, form, status=422)


@get("/manage/things/{id:uuid}", name="things.manage")
async def manage(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show where a thing stands, what it lacks, and its units."""
    thing = await queries.thing(actor, id)
    actor.require_to_know(Permission.VIEW_WORKSPACE, thing.organisation_id)
    organisation = await workspace(actor, thing.organisation_id)
    actor.require(Permission.VIEW_DRAFTS, organisation.id)
    return await _page(request, actor, organisation, thing, UnitForm.blank())


@get("/manage/things/{id:uuid}/edit", name="things.edit")
async def edit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a thing."""
    thing, organisation = await _to_manage(actor, id)
    return await _form(request, actor, organisation, ThingForm.blank(typed(thing)), thing=thing)


@post("/manage/things/{id:uuid}/edit", name="things.change")
async def change(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Replace what a thing says."""
    form = await ThingForm.bind(request)
    thing, organisation = await _to_manage(actor, id)
    if form.data is not None:
        home = f"/manage/things/{id}"
        with form.catching():
            await operations.change(actor, id, form.data.details(), once=form.once(home))
            return redirect(request, home, notice="Saved.")
    return await _form(request, actor, organisation, form, thing=thing, status=422)


publish = button(
    "/manage/things/{id:uuid}/publication",
    operations.publish,
    name="things.publish",
    back="/manage/things/{id}",
    notice="Published. People can find and reserve it now.",
)


withdraw = button(
    "/manage/things/{id:uuid}/withdrawal",
    operations.withdraw,
    name="things.withdraw",
    back="/manage/things/{id}",
    notice="Withdrawn. Nobody else can reserve it; reservations made are kept.",
)


@post("/manage/things/{id:uuid}/units", name="units.add")
async def add_unit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Add a unit."""
    form = await UnitForm.bind(request)
    thing, organisation = await _to_manage(actor, id)
    if form.data is not None:
        home = f"/manage/things/{id}"
        with form.catching():
            await units.add(actor, id, form.data.details(), once=form.once(home))
            return redirect(request, home, notice=f"{form.data.label} added.")
    return await _page(request, actor, organisation, thing, form, status=422)


@get("/manage/units/{id:uuid}/edit", name="units.edit")
async def edit_unit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a unit."""
    unit, thing = await queries.unit_to_manage(actor, id)
    return await _unit_page(request, actor, unit, thing, UnitForm.blank(unit_typed(unit)))


@post("/manage/units/{id:uuid}/edit", name="units.change")
async def change_unit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Replace what a unit is called."""
    form = await UnitForm.bind(request)
    unit, thing = await queries.unit_to_manage(actor, id)
    if form.data is not None:
        home = f"/manage/things/{thing.id}"
        with form.catching():
            await units.change(actor, id, form.data.details(), once=form.once(home))
            return redirect(request, home, notice="Saved.")
    return await _unit_page(request, actor, unit, thing, form, status=422)


@post("/manage/units/{id:uuid}/state", name="units.set-state")
async def set_unit_state(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take a unit out of use, or back."""
    form = await UnitStateForm.bind(request)
    unit, thing = await queries.unit_to_manage(actor, id)
    if form.data is None:
        raise BadInput("Choose what becomes of the unit.")
    home = f"/manage/things/{thing.id}"
    unplaced = await units.set_state(actor, id, form.data.state, once=form.once(home))
    said = {
        UnitState.AVAILABLE: f"{unit.label} can be lent again.",
        UnitState.IN_REPAIR: f"{unit.label} is in repair.",
        UnitState.RETIRED: f"{unit.label} is retired.",
    }[form.data.state]
    return redirect(
        request, home, notice=f"{said} {left_without(len(unplaced))}" if unplaced else said
    )


async def _to_manage(actor: Actor, id: UUID) -> tuple[ThingView, Organisation]:
    thing = await queries.to_manage(actor, id)
    return thing, await workspace(actor, thing.organisation_id)


async def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    form: Bound[ThingForm],
    *,
    thing: ThingView | None = None,
    status: int = 200,
) -> Page:
    places = await sites.of_organisation(actor, organisation.id)
    if len(places) == 1 and not form.value("site_id") and thing is None:
        form.raw["site_id"] = [str(places[0].site.id)]
    return render(
        request,
        "things/manage/form.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        thing=thing,
        sites=[(str(each.site.id), each.site.place) for each in places],
        categories=categories.choices(),
    )


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    thing: ThingView,
    form: Bound[UnitForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "things/manage/thing.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        thing=thing,
        units=await queries.units(thing.id),
        unplaced=await queries.unplaced(thing.id),
        picture=await files.picture(thing.image_id),
        form=form,
        not_approved=operations.not_approved(organisation.name),
        may_write=actor.can(Permission.WRITE_THINGS, organisation.id),
        may_lend=actor.can(Permission.LEND_THINGS, organisation.id),
        days=number_words,
        State=ThingState,
        Unit=UnitState,
    )


async def _unit_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    unit: UnitView,
    thing: ThingView,
    form: Bound[UnitForm],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, thing.organisation_id)
    return render(
        request,
        "things/manage/unit.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        unit=unit,
        thing=thing,
    )


HANDLERS: list[Any] = [
    own,
    new,
    draft,
    manage,
    edit,
    change,
    publish,
    withdraw,
    add_unit,
    edit_unit,
    change_unit,
    set_unit_state,
]
