"""The page of the picture of an organisation."""

from typing import Any
from uuid import UUID

from litestar import Request

from marketplace.files import pages
from marketplace.organisations.operations import editable
from marketplace.organisations.pictures import operations
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor


async def _subject(request: Request[Any, Any, Any], actor: Actor, id: UUID) -> pages.Subject:
    organisation = await editable(actor, id)
    return pages.Subject(
        organisation.name,
        f"/manage/{id}",
        organisation.image_id,
        shell(request, actor, organisation, current="Overview"),
    )


HANDLERS: list[Any] = pages.handlers(
    "/manage/{organisation_id:uuid}",
    "workspace",
    _subject,
    operations.set_picture,
    operations.remove_picture,
)
