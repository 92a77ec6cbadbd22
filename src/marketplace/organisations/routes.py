"""The public pages of organisations; the handlers of all its nouns are gathered here."""

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import files, taxonomies
from marketplace.accounts.leaving.steps import Part
from marketplace.finding import asked
from marketplace.organisations import leaving, queries, rules
from marketplace.organisations.dashboard import routes as dashboard
from marketplace.organisations.moderation import routes as moderation
from marketplace.organisations.people import invitation_routes
from marketplace.organisations.people import routes as people
from marketplace.organisations.pictures import routes as pictures
from marketplace.organisations.registration import routes as registration
from marketplace.organisations.safeguarding_leads import routes as safeguarding_leads
from marketplace.organisations.workspace import Section
from marketplace.permissions import Actor, Permission
from marketplace.web.guards import PUBLIC
from marketplace.web.render import NavItem, Page, render


@get("/organisations", name="organisations.list", opt=PUBLIC)
async def search(request: Request[Any, Any, Any]) -> Page:
    """Find organisations by words and by nearness."""
    question = asked(request)
    return question.remember(
        render(
            request,
            "organisations/list.html",
            fragment="organisations/_results.html",
            asked=question,
            found=await question.find(["organisation"]),
        )
    )


@get("/organisations/{organisation_id:uuid}", name="organisations.show", opt=PUBLIC)
async def show(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show an organisation to the public, or to its own people before it is public."""
    organisation = await queries.organisation(actor, organisation_id)
    return render(
        request,
        "organisations/show.html",
        organisation=organisation,
        picture=await files.picture(organisation.image_id),
        offers=await queries.offers(organisation_id),
        kind=rules.KIND_LABELS[organisation.kind],
        label=taxonomies.label,
        emblem_name=taxonomies.icon(organisation.causes[0]) if organisation.causes else "users",
    )


HANDLERS: list[Any] = [
    search,
    show,
    *registration.HANDLERS,
    *dashboard.HANDLERS,
    *pictures.HANDLERS,
    *people.HANDLERS,
    *invitation_routes.HANDLERS,
    *moderation.HANDLERS,
    *safeguarding_leads.HANDLERS,
]
LEAVING: list[Part] = [leaving.LEAVING]
WORKSPACE: list[Section] = [safeguarding_leads.SECTION]
NAV: list[NavItem] = [
    NavItem("Organisations", "/organisations"),
    NavItem(
        "Moderation",
        "/moderation",
        shown=lambda actor: actor.can(Permission.MODERATE_ORGANISATIONS),
    ),
    NavItem(
        "Safeguarding",
        "/admin/safeguarding",
        shown=lambda actor: actor.can(Permission.GRANT_PLATFORM_ROLES),
    ),
]
