"""The page of the picture of a thing."""

from typing import Any
from uuid import UUID

from litestar import Request

from marketplace.files import pages
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.things.catalogue import queries
from marketplace.things.pictures import operations
from marketplace.things.sites.routes import SECTION


async def _subject(request: Request[Any, Any, Any], actor: Actor, id: UUID) -> pages.Subject:
    thing = await queries.to_manage(actor, id)
    organisation = await workspace(actor, thing.organisation_id)
    return pages.Subject(
        thing.title,
        f"/manage/things/{id}",
        thing.image_id,
        shell(request, actor, organisation, current=SECTION),
    )


HANDLERS: list[Any] = pages.handlers(
    "/manage/things/{id:uuid}",
    "things",
    _subject,
    operations.set_picture,
    operations.remove_picture,
)
