"""The page of the picture of an organisation: what is shown, another one, other words, or none."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.files import pages
from marketplace.files.forms import MAX_BODY
from marketplace.organisations.operations import editable
from marketplace.organisations.pictures import operations
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.web.render import Page


@get("/manage/{organisation_id:uuid}/picture", name="workspace.picture")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show the picture in use and the form for another one."""
    return await pages.show(request, await _subject(request, actor, organisation_id))


@post(
    "/manage/{organisation_id:uuid}/picture",
    name="workspace.picture.save",
    request_max_body_size=MAX_BODY,
)
async def save(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Take another picture into use, or change its words."""
    of = await _subject(request, actor, organisation_id)
    return await pages.save(request, of, partial(operations.set_picture, actor, organisation_id))


@post("/manage/{organisation_id:uuid}/picture/removal", name="workspace.picture.remove")
async def remove(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show no picture any more."""
    removal = partial(operations.remove_picture, actor, organisation_id)
    return await pages.remove(request, f"/manage/{organisation_id}", removal)


async def _subject(request: Request[Any, Any, Any], actor: Actor, id: UUID) -> pages.Subject:
    organisation = await editable(actor, id)
    return pages.Subject(
        organisation.name,
        f"/manage/{id}",
        organisation.image_id,
        shell(request, actor, organisation, current="Overview"),
    )


HANDLERS: list[Any] = [show, save, remove]
