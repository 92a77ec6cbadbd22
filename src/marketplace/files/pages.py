"""The page of a picture: what is shown, another one, other words, or none.

The same for all that have one; a feature asks for the permission, then hands over to these.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from litestar import Request

from marketplace.db import Once
from marketplace.files import queries
from marketplace.files.forms import PictureForm, complete
from marketplace.files.queries import Picture
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


class SetPicture(Protocol):
    """The verb that shows a picture, its actor and what it is of given already."""

    def __call__(self, content: bytes | None, alt: str, *, once: Once) -> Awaitable[None]:
        """Show the picture; without `content` only its words change."""
        ...


class RemovePicture(Protocol):
    """The verb that shows none any more, its actor and what it was of given already."""

    def __call__(self, *, once: Once) -> Awaitable[None]:
        """Show no picture."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What has a picture: its name, its page in the workspace, and what that layout asks for."""

    name: str
    home: str
    image_id: UUID | None
    shell: Mapping[str, Any]


async def show(request: Request[Any, Any, Any], of: Subject) -> Page:
    """Show the picture in use and the form for another one."""
    picture = await queries.picture(of.image_id)
    form = PictureForm.blank({"alt": picture.alt if picture else ""})
    return _page(request, of, picture, form)


async def save(request: Request[Any, Any, Any], of: Subject, set_picture: SetPicture) -> Page:
    """Take another picture into use, or change its words."""
    form = await PictureForm.bind(request)
    picture = await queries.picture(of.image_id)
    if complete(form, has_one=picture is not None) and form.data is not None:
        sent = form.data.picture
        with form.catching():
            await set_picture(
                sent.content if sent else None, form.data.alt, once=form.once(of.home)
            )
            return redirect(request, of.home, notice="Picture saved.")
    return _page(request, of, picture, form, status=422)


async def remove(request: Request[Any, Any, Any], home: str, remove_picture: RemovePicture) -> Page:
    """Show no picture any more."""
    form = await Form.bind(request)
    await remove_picture(once=form.once(home))
    return redirect(request, home, notice="Picture removed.")


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
