"""The workspace's pages of sites: the list, one with its week, and its dated days."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.errors import BadInput
from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.things import hours
from marketplace.things.sites import operations, queries
from marketplace.things.sites.forms import DayForm, DaysForm, SiteForm, typed
from marketplace.things.sites.queries import SiteView
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

SECTION = "Things"


@get("/manage/{organisation_id:uuid}/sites", name="sites.own")
async def own(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """List an organisation's sites."""
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "things/manage/sites.html",
        **shell(request, actor, organisation, current=SECTION),
        rows=await queries.of_organisation(actor, organisation_id),
        week_words=hours.week_words,
        may_write=actor.can(Permission.WRITE_THINGS, organisation_id),
    )


@get("/manage/{organisation_id:uuid}/sites/new", name="sites.new")
async def new(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show the form of a new site."""
    organisation = await workspace(actor, organisation_id)
    actor.require(Permission.WRITE_THINGS, organisation_id)
    form = SiteForm.blank({"postcode": organisation.postcode})
    return _form(request, actor, organisation, form)


@post("/manage/{organisation_id:uuid}/sites/new", name="sites.add")
async def add(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Add a site."""
    form = await SiteForm.bind(request)
    organisation = await workspace(actor, organisation_id)
    actor.require(Permission.WRITE_THINGS, organisation_id)
    if form.data is not None:
        home = f"/manage/{organisation_id}/sites"
        with form.catching():
            id = await operations.add(
                actor, organisation_id, form.data.details(), once=form.once(home)
            )
            return redirect(request, f"/manage/sites/{id}", notice="Site added.")
    return _form(request, actor, organisation, form, status=422)


@get("/manage/sites/{id:uuid}", name="sites.edit")
async def edit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a site, and the days that differ from its week."""
    site, organisation = await _to_manage(actor, id)
    form = SiteForm.blank(typed(site, await queries.week(id)))
    return await _page(request, actor, organisation, site, form)


@post("/manage/sites/{id:uuid}", name="sites.change")
async def change(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Replace what a site says."""
    form = await SiteForm.bind(request)
    site, organisation = await _to_manage(actor, id)
    if form.data is not None:
        home = f"/manage/sites/{id}"
        with form.catching():
            await operations.change(actor, id, form.data.details(), once=form.once(home))
            return redirect(request, home, notice="Saved.")
    return await _page(request, actor, organisation, site, form, status=422)


@post("/manage/sites/{id:uuid}/days", name="sites.set-days")
async def set_days(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Close a site on some days, or give them other hours."""
    form = await DaysForm.bind(request)
    site, organisation = await _to_manage(actor, id)
    if form.data is not None:
        home = f"/manage/sites/{id}"
        with form.catching():
            met = await operations.set_days(
                actor,
                id,
                first=form.data.first,
                last=form.data.last or form.data.first,
                hours=hours.parse(form.data.hours),
                note=form.data.note,
                once=form.once(home),
            )
            return redirect(request, home, notice=_saved(met))
    week = SiteForm.blank(typed(site, await queries.week(id)))
    return await _page(request, actor, organisation, site, week, days_form=form, status=422)


def _saved(met: int) -> str:
    if not met:
        return "Saved."
    people = "1 reservation begins or ends" if met == 1 else f"{met} reservations begin or end"
    return f"Saved. {people} on these days: tell the borrowers at the desk."


@post("/manage/sites/{id:uuid}/days/removal", name="sites.clear-day")
async def clear_day(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Let a day follow the week again."""
    form = await DayForm.bind(request)
    await _to_manage(actor, id)
    if form.data is None:
        raise BadInput("Choose a day of the list.")
    home = f"/manage/sites/{id}"
    await operations.clear_day(actor, id, form.data.day, once=form.once(home))
    day = clock.date_words(form.data.day)
    return redirect(request, home, notice=f"{day} has its usual hours again.")


async def _to_manage(actor: Actor, id: UUID) -> tuple[SiteView, Organisation]:
    site = await queries.to_manage(actor, id)
    return site, await workspace(actor, site.organisation_id)


def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    form: Bound[SiteForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "things/manage/site.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        site=None,
        weekdays=hours.WEEKDAYS,
        example=hours.EXAMPLE,
    )


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    site: SiteView,
    form: Bound[SiteForm],
    *,
    days_form: Bound[DaysForm] | None = None,
    status: int = 200,
) -> Page:
    return render(
        request,
        "things/manage/site.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        days_form=days_form or DaysForm.blank(),
        site=site,
        dated=await queries.dated(site.id, clock.today(site.tz)),
        hours_words=hours.words,
        weekdays=hours.WEEKDAYS,
        example=hours.EXAMPLE,
        today=clock.today(site.tz),
    )


HANDLERS: list[Any] = [own, new, add, edit, change, set_days, clear_day]
