"""The public pages of campaigns, setting one up, and taking part."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import Section, shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.campaigns import charts, operations, queries
from marketplace.volunteering.campaigns.forms import CampaignForm, ItemsForm, TeamForm
from marketplace.volunteering.campaigns.rules import (
    LEAST_PEOPLE,
    POPULATION_SOURCE,
    populations,
)
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
SECTION = "Campaigns"


@get("/campaigns", name="campaigns.list", opt=PUBLIC)
async def index(request: Req, actor: NamedDependency[Actor]) -> Page:
    """List campaigns."""
    return render(
        request,
        "volunteering/campaigns/list.html",
        campaigns=await queries.campaigns(),
        runs=actor.can(Permission.RUN_CAMPAIGNS),
    )


@get("/campaigns/{id:uuid}", name="campaigns.show", opt=PUBLIC)
async def show(request: Req, id: FromPath[UUID]) -> Page:
    """Show how far a campaign is: the way to double, the league, the teams."""
    campaign = await queries.campaign(id)
    days = await queries.days(id)
    return render(
        request,
        "volunteering/campaigns/show.html",
        campaign=campaign,
        days=days,
        chart=charts.line(days, campaign.first_day, campaign.last_day, campaign.baseline or 0),
        league=await queries.places(campaign),
        teams=await queries.teams(campaign),
        share=charts.share,
        source=POPULATION_SOURCE,
        least=LEAST_PEOPLE,
    )


@get("/campaigns/{id:uuid}/opportunities", name="campaigns.items", opt=PUBLIC)
async def items(request: Req, id: FromPath[UUID]) -> Page:
    """List what the figures of a campaign count."""
    campaign = await queries.campaign(id)
    asked = ItemsForm.read(request).data or ItemsForm()
    start = asked.which == "start"
    return render(
        request,
        "volunteering/campaigns/items.html",
        campaign=campaign,
        items=await queries.items(campaign, start=start, gss=asked.place, page=asked.page),
        start=start,
        place=populations().get(asked.place, ("", 0))[0],
    )


@get("/campaigns/{id:uuid}/hours", name="campaigns.hours", opt=PUBLIC)
async def hours(request: Req, id: FromPath[UUID]) -> Page:
    """Say what the hours of the teams count, in totals only."""
    campaign = await queries.campaign(id)
    return render(
        request,
        "volunteering/campaigns/hours.html",
        campaign=campaign,
        teams=await queries.teams(campaign),
        least=LEAST_PEOPLE,
    )


@get("/broker/campaigns", name="campaigns.manage")
async def manage(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show those who run campaigns the form for a new one."""
    return await _new(request, actor, CampaignForm.blank())


@post("/broker/campaigns", name="campaigns.start")
async def start(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Set a campaign up."""
    form = await CampaignForm.bind(request)
    actor.require_to_know(Permission.RUN_CAMPAIGNS)
    if form.data is not None:
        with form.catching():
            id = await operations.start(
                actor,
                name=form.data.name,
                summary=form.data.summary,
                place_id=form.data.place,
                first_day=form.data.first_day,
                last_day=form.data.last_day,
                once=form.once("/campaigns"),
            )
            return redirect(request, f"/campaigns/{id}", notice="The campaign is set up.")
    return await _new(request, actor, form, status=422)


async def _new(request: Req, actor: Actor, form: Bound[CampaignForm], *, status: int = 200) -> Page:
    actor.require_to_know(Permission.RUN_CAMPAIGNS)
    return render(
        request,
        "volunteering/campaigns/manage.html",
        status=status,
        form=form,
        campaigns=await queries.campaigns(),
        places=await operations.choices(),
    )


@get("/manage/{organisation_id:uuid}/campaigns", name="campaigns.own")
async def own(request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]) -> Page:
    """Show the campaigns an organisation can take part in."""
    return await _own(request, actor, organisation_id)


@post("/manage/{organisation_id:uuid}/campaigns/{campaign_id:uuid}/team", name="campaigns.join")
async def join(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    campaign_id: FromPath[UUID],
) -> Page:
    """Take part with verified hours, or change the goal."""
    form = await TeamForm.bind(request)
    home = f"/manage/{organisation_id}/campaigns"
    await queries.of_organisation(actor, organisation_id)
    if form.data is None:
        return await _own(request, actor, organisation_id, form=form, at=campaign_id)
    await operations.join(
        actor, organisation_id, campaign_id, form.data.goal_hours, once=form.once(home)
    )
    return redirect(request, home, notice="You take part.")


@post(
    "/manage/{organisation_id:uuid}/campaigns/{campaign_id:uuid}/team/end", name="campaigns.leave"
)
async def leave(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    campaign_id: FromPath[UUID],
) -> Page:
    """Take part no more."""
    form = await Form.bind(request)
    home = f"/manage/{organisation_id}/campaigns"
    await operations.leave(actor, organisation_id, campaign_id, once=form.once(home))
    return redirect(request, home, notice="You do not take part any more.")


async def _own(
    request: Req,
    actor: Actor,
    organisation_id: UUID,
    *,
    form: Bound[TeamForm] | None = None,
    at: UUID | None = None,
) -> Page:
    found = await queries.of_organisation(actor, organisation_id)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "volunteering/campaigns/own.html",
        status=422 if form else 200,
        **shell(request, actor, organisation),
        own=found,
        forms={
            each.campaign.id: form
            if form and each.campaign.id == at
            else TeamForm.blank({"goal_hours": each.goal_hours})
            for each in found
        },
        broken=form,
        least=LEAST_PEOPLE,
    )


HANDLERS: list[Any] = [
    index,
    show,
    items,
    hours,
    manage,
    start,
    own,
    join,
    leave,
]
WORKSPACE: list[Section] = [
    Section(SECTION, "/manage/{id}/campaigns", Permission.EDIT_ORGANISATION, "trophy", 29),
]
