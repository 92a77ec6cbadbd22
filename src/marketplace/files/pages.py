"""The page of a picture: what is shown, another one, other words, or none.

The same for all that have one; a feature asks for the permission, then hands over to these.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from marketplace.db import Once
from marketplace.files import queries
from marketplace.files.forms import MAX_BODY, PictureForm, complete
from marketplace.files.queries import Picture
from marketplace.permissions import Actor
from marketplace.web.buttons import Verb, button
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render


class SetPicture(Protocol):
    """The verb that shows a picture of something."""

    def __call__(
        self, actor: Actor, id: UUID, /, content: bytes | None, alt: str, *, once: Once
    ) -> Awaitable[None]:
        """Show the picture; without `content` only its words change."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What has a picture: its name, its page in the workspace, and what that layout asks for."""

    name: str
    home: str
    image_id: UUID | None
    shell: Mapping[str, Any]


SubjectOf = Callable[[Request[Any, Any, Any], Actor, UUID], Awaitable[Subject]]


def handlers(
    path: str, name: str, subject: SubjectOf, set_picture: SetPicture, remove_picture: Verb
) -> list[HTTPRouteHandler]:
    """Give the handlers of the picture of what has its page at `path`.

    `subject` refuses whoever may not write; `name` begins the names of the routes.
    """

    @get(f"{path}/picture", name=f"{name}.picture")
    async def show(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
        of = await subject(request, actor, _id(request))
        picture = await queries.picture(of.image_id)
        form = PictureForm.blank({"alt": picture.alt if picture else ""})
        return _page(request, of, picture, form)

    @post(f"{path}/picture", name=f"{name}.picture.save", request_max_body_size=MAX_BODY)
    async def save(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
        of = await subject(request, actor, _id(request))
        form = await PictureForm.bind(request)
        picture = await queries.picture(of.image_id)
        if complete(form, has_one=picture is not None) and form.data is not None:
            content = form.data.picture.content if form.data.picture else None
            with form.catching():
                once = form.once(of.home)
                await set_picture(actor, _id(request), content, form.data.alt, once=once)
                return redirect(request, of.home, notice="Picture saved.")
        return _page(request, of, picture, form, status=422)

    remove = button(
        f"{path}/picture/removal",
        remove_picture,
        name=f"{name}.picture.remove",
        back=path.replace(":uuid", ""),
        notice="Picture removed.",
    )
    return [show, save, remove]


def _id(request: Request[Any, Any, Any]) -> UUID:
    (id,) = request.path_params.values()
    return id


def _page(
    request: Request[Any, Any, Any],
    of: Subject,
    picture: Picture | None,
    form: Bound[PictureForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "files/picture.html",
        status=status,
        **of.shell,
        form=form,
        picture=picture,
        home=of.home,
        of=of.name,
    )
