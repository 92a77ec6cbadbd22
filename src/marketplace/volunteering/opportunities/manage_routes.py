"""The workspace's pages of opportunities: the list, writing one, and its state."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import files, taxonomies
from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities import operations, queries, steps
from marketplace.volunteering.opportunities import own as own_list
from marketplace.volunteering.opportunities.forms import OpportunityForm, OwnForm, typed
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.opportunities.rules import ACCESS, EXPENSES_WORDS, SUPPORT
from marketplace.volunteering.rules import OpportunityState
from marketplace.volunteering.series import queries as series
from marketplace.volunteering.series.rules import WEEKS_AHEAD
from marketplace.volunteering.shifts import queries as shifts
from marketplace.web.buttons import button
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

SECTION = "Opportunities"


@get("/manage/{organisation_id:uuid}/opportunities", name="opportunities.own")
async def own(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """List an organisation's own opportunities with their state and how full they are."""
    organisation = await workspace(actor, organisation_id)
    form = OwnForm.read(request)
    asked = form.data or OwnForm()
    return render(
        request,
        "volunteering/manage/opportunities.html",
        **shell(request, actor, organisation),
        form=form,
        own=await own_list.of_organisation(actor, organisation_id, asked.wanted(), asked.page),
    )


@get("/manage/{organisation_id:uuid}/opportunities/new", name="opportunities.new")
async def new(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show the form of a new opportunity, with what the organisation is known for filled in."""
    organisation = await workspace(actor, organisation_id)
    actor.require(Permission.WRITE_OPPORTUNITIES, organisation_id)
    form = OpportunityForm.blank(
        {
            "minimum_age": 18,
            "where": "site",
            "timing": "shifts",
            "causes": organisation.causes,
            "postcode": organisation.postcode,
            "contact_name": actor.name,
        }
    )
    return _form(request, actor, organisation, form)


@post("/manage/{organisation_id:uuid}/opportunities/new", name="opportunities.draft")
async def draft(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Keep a new opportunity as a draft."""
    form = await OpportunityForm.bind(request)
    organisation = await workspace(actor, organisation_id)
    actor.require(Permission.WRITE_OPPORTUNITIES, organisation_id)
    if form.data is not None:
        with form.catching():
            id = await operations.draft(
                actor,
                organisation_id,
                form.data.details(),
                once=form.once(f"/manage/{organisation_id}/opportunities"),
            )
            return redirect(request, f"/manage/opportunities/{id}", notice="Draft saved.")
    return _form(request, actor, organisation, form, status=422)


@get("/manage/opportunities/{id:uuid}", name="opportunities.manage")
async def manage(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show where an opportunity stands, what it lacks, and its shifts."""
    opportunity = await queries.opportunity(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    actor.require(Permission.VIEW_DRAFTS, opportunity.organisation_id)
    ahead = await shifts.ahead(id)
    planned = sum(not shift.cancelled for shift in ahead)
    roles = await queries.roles(id, retired=True)
    return render(
        request,
        "volunteering/manage/opportunity.html",
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        roles=roles,
        role_titles={role.id: role.title for role in roles},
        ahead=ahead,
        series=await series.of_opportunity(id),
        weeks_ahead=WEEKS_AHEAD,
        past=await shifts.past(id),
        lacks=opportunity.lacks(planned),
        picture=await files.picture(opportunity.image_id),
        not_approved=steps.not_approved(organisation.name),
        may_write=actor.can(Permission.WRITE_OPPORTUNITIES, organisation.id),
        may_see_people=actor.can(Permission.VIEW_ROSTER, organisation.id),
        State=OpportunityState,
    )


@get("/manage/opportunities/{id:uuid}/edit", name="opportunities.edit")
async def edit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of an opportunity."""
    opportunity, organisation = await _to_manage(actor, id)
    form = OpportunityForm.blank(typed(opportunity))
    return _form(request, actor, organisation, form, opportunity=opportunity)


@post("/manage/opportunities/{id:uuid}/edit", name="opportunities.change")
async def change(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Replace what an opportunity says."""
    form = await OpportunityForm.bind(request)
    opportunity, organisation = await _to_manage(actor, id)
    if form.data is not None:
        home = f"/manage/opportunities/{id}"
        with form.catching():
            unfit = await operations.change(actor, id, form.data.details(), once=form.once(home))
            home = doubts.page(organisation.id) if unfit else home
            return redirect(request, home, notice=doubts.notice("Saved.", unfit))
    return _form(request, actor, organisation, form, opportunity=opportunity, status=422)


publish = button(
    "/manage/opportunities/{id:uuid}/publication",
    operations.publish,
    name="opportunities.publish",
    back="/manage/opportunities/{id}",
    notice="Published. People can find and book it now.",
)


submit = button(
    "/manage/opportunities/{id:uuid}/submission",
    operations.submit,
    name="opportunities.submit",
    back="/manage/opportunities/{id}",
    notice="Sent. A moderator looks at it, and you are told.",
)


take_back = button(
    "/manage/opportunities/{id:uuid}/submission/removal",
    operations.take_back,
    name="opportunities.take_back",
    back="/manage/opportunities/{id}",
    notice="Taken back. It is a draft again.",
)


pause = button(
    "/manage/opportunities/{id:uuid}/pause",
    operations.pause,
    name="opportunities.pause",
    back="/manage/opportunities/{id}",
    notice="Paused. Nobody new can book until you open it again.",
)


close = button(
    "/manage/opportunities/{id:uuid}/closure",
    operations.close,
    name="opportunities.close",
    back="/manage/opportunities/{id}",
    notice="Closed. Nobody else can book; those who have a place keep it.",
)


@get("/manage/opportunities/{id:uuid}/cancellation", name="opportunities.cancellation")
async def cancellation(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say who would be affected, and ask once."""
    opportunity, organisation = await _to_manage(actor, id)
    ahead = [shift for shift in await shifts.ahead(id) if not shift.cancelled]
    return render(
        request,
        "volunteering/manage/cancellation.html",
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        shifts=ahead,
        people=sum(shift.taken for shift in ahead),
    )


@post("/manage/opportunities/{id:uuid}/cancellation", name="opportunities.cancel")
async def cancel(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Cancel an opportunity with all its shifts to come."""
    form = await Form.bind(request)
    home = f"/manage/opportunities/{id}"
    people = await operations.cancel(actor, id, once=form.once(home))
    return redirect(request, home, notice=f"Cancelled.{told(people)}")


def told(people: int) -> str:
    """Say who is told, as the end of a notice."""
    if not people:
        return ""
    return f" {people} {'person is' if people == 1 else 'people are'} told by e-mail."


async def _to_manage(actor: Actor, id: UUID) -> tuple[OpportunityView, Organisation]:
    opportunity = await queries.to_manage(actor, id)
    return opportunity, await workspace(actor, opportunity.organisation_id)


def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    form: Bound[OpportunityForm],
    *,
    opportunity: OpportunityView | None = None,
    status: int = 200,
) -> Page:
    return render(
        request,
        "volunteering/manage/form.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        opportunity=opportunity,
        causes=taxonomies.choices(taxonomies.CAUSES),
        skills=taxonomies.choices(taxonomies.SKILLS),
        access=[(fact.slug, fact.label) for fact in ACCESS.values()],
        support=[(fact.slug, fact.label) for fact in SUPPORT.values()],
        expenses=[(each.value, words) for each, words in EXPENSES_WORDS.items() if each],
    )


HANDLERS: list[Any] = [
    own,
    new,
    draft,
    manage,
    edit,
    change,
    publish,
    submit,
    take_back,
    pause,
    close,
    cancellation,
    cancel,
]
