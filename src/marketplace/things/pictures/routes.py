"""The page of the picture of a thing: what is shown, another one, other words, or none."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.files import pages
from marketplace.files.forms import MAX_BODY
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.things.catalogue import queries
from marketplace.things.pictures import operations
from marketplace.things.sites.routes import SECTION
from marketplace.web.render import Page


@get("/manage/things/{id:uuid}/picture", name="things.picture")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the picture in use and the form for another one."""
    return await pages.show(request, await _subject(request, actor, id))


@post(
    "/manage/things/{id:uuid}/picture",
    name="things.picture.save",
    request_max_body_size=MAX_BODY,
)
async def save(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take another picture into use, or change its words."""
    of = await _subject(request, actor, id)
    return await pages.save(request, of, partial(operations.set_picture, actor, id))


@post("/manage/things/{id:uuid}/picture/removal", name="things.picture.remove")
async def remove(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show no picture any more."""
    removal = partial(operations.remove_picture, actor, id)
    return await pages.remove(request, f"/manage/things/{id}", removal)


async def _subject(request: Request[Any, Any, Any], actor: Actor, id: UUID) -> pages.Subject:
    thing = await queries.to_manage(actor, id)
    organisation = await workspace(actor, thing.organisation_id)
    return pages.Subject(
        thing.title,
        f"/manage/things/{id}",
        thing.image_id,
        shell(request, actor, organisation, current=SECTION),
    )


HANDLERS: list[Any] = [show, save, remove]
