"""The page of the picture of an opportunity."""

from typing import Any
from uuid import UUID

from litestar import Request

from marketplace.files import pages
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.opportunities import queries
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.pictures import operations


async def _subject(request: Request[Any, Any, Any], actor: Actor, id: UUID) -> pages.Subject:
    opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    return pages.Subject(
        opportunity.title,
        f"/manage/opportunities/{id}",
        opportunity.image_id,
        shell(request, actor, organisation, current=SECTION),
    )


HANDLERS: list[Any] = pages.handlers(
    "/manage/opportunities/{id:uuid}",
    "opportunities",
    _subject,
    operations.set_picture,
    operations.remove_picture,
)
