"""The overview of a workspace, the details of its organisation, and its end."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import files
from marketplace.organisations import operations, queries, rules
from marketplace.organisations.forms import DetailsForm, require_complete, typed_details
from marketplace.organisations.queries import Organisation
from marketplace.organisations.safeguarding_leads.queries import has_lead
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.taxonomies import CAUSES, choices
from marketplace.web.buttons import button
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render


@get("/manage/{organisation_id:uuid}", name="workspace.show")
async def show(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show where the registration stands and what comes next."""
    organisation = await queries.workspace(actor, organisation_id)
    return render(
        request,
        "organisations/manage/overview.html",
        **shell(request, actor, organisation),
        counts=await queries.counts(organisation_id),
        has_lead=await has_lead(organisation_id),
        picture=await files.picture(organisation.image_id),
        missing=[rules.NEEDED[field][0] for field in rules.missing(organisation.details)],
        State=rules.State,
        labels=rules.STATE_LABELS,
    )


@get("/manage/{organisation_id:uuid}/details", name="workspace.details")
async def details(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show the details in a form."""
    organisation = await queries.workspace(actor, organisation_id)
    actor.require(Permission.EDIT_ORGANISATION, organisation_id)
    form = DetailsForm.blank(typed_details(organisation.details))
    return _details(request, actor, organisation, form)


@post("/manage/{organisation_id:uuid}/details", name="workspace.details.save")
async def save(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Save the details; the public page follows at once."""
    form = await DetailsForm.bind(request)
    organisation = await queries.workspace(actor, organisation_id)
    actor.require(Permission.EDIT_ORGANISATION, organisation_id)
    ready = organisation.state not in rules.COMPLETE or require_complete(form)
    if ready and form.data is not None:
        home = f"/manage/{organisation_id}"
        with form.catching():
            await operations.edit(actor, organisation_id, form.data.details, once=form.once(home))
            return redirect(request, home, notice="Details saved.")
    return _details(request, actor, organisation, form, status=422)


submit = button(
    "/manage/{organisation_id:uuid}/submission",
    operations.submit,
    name="workspace.submit",
    back="/manage/{organisation_id}",
    notice="Sent. A moderator will look at it.",
)


@get("/manage/{organisation_id:uuid}/closure", name="workspace.closure")
async def closure(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Say what closing would do, and ask once."""
    organisation = await queries.workspace(actor, organisation_id)
    actor.require(Permission.EDIT_ORGANISATION, organisation_id)
    return render(
        request,
        "organisations/manage/closure.html",
        **shell(request, actor, organisation),
        counts=await queries.counts(organisation_id),
    )


close = button(
    "/manage/{organisation_id:uuid}/closure",
    operations.close,
    name="workspace.close",
    back="/manage/{organisation_id}",
    notice="Closed. Nothing of it is public any more.",
)


def _details(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    form: Bound[DetailsForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "organisations/manage/details.html",
        status=status,
        **shell(request, actor, organisation),
        form=form,
        causes=choices(CAUSES),
    )


HANDLERS: list[Any] = [show, details, save, submit, closure, close]
