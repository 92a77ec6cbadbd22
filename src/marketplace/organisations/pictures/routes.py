"""The page of the picture of an organisation: what is shown, another one, other words, or none."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import files
from marketplace.files.forms import MAX_BODY, PictureForm, complete
from marketplace.files.queries import Picture
from marketplace.organisations.operations import editable
from marketplace.organisations.pictures import operations
from marketplace.organisations.queries import Organisation
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


@get("/manage/{organisation_id:uuid}/picture", name="workspace.picture")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show the picture in use and the form for another one."""
    organisation = await editable(actor, organisation_id)
    picture = await files.picture(organisation.image_id)
    form = PictureForm.blank({"alt": picture.alt if picture else ""})
    return _page(request, actor, organisation, picture, form)


@post(
    "/manage/{organisation_id:uuid}/picture",
    name="workspace.picture.save",
    request_max_body_size=MAX_BODY,
)
async def save(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Take another picture into use, or change its words."""
    organisation = await editable(actor, organisation_id)
    form = await PictureForm.bind(request)
    picture = await files.picture(organisation.image_id)
    if complete(form, has_one=picture is not None) and form.data is not None:
        sent = form.data.picture
        with form.catching():
            await operations.set_picture(
                actor,
                organisation_id,
                sent.content if sent else None,
                form.data.alt,
                once=form.once(f"/manage/{organisation_id}"),
            )
            return redirect(request, f"/manage/{organisation_id}", notice="Picture saved.")
    return _page(request, actor, organisation, picture, form, status=422)


@post("/manage/{organisation_id:uuid}/picture/removal", name="workspace.picture.remove")
async def remove(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show no picture any more."""
    form = await Form.bind(request)
    home = f"/manage/{organisation_id}"
    await operations.remove_picture(actor, organisation_id, once=form.once(home))
    return redirect(request, home, notice="Picture removed.")


def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    picture: Picture | None,
    form: Bound[PictureForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "files/picture.html",
        status=status,
        **shell(request, actor, organisation, current="Overview"),
        form=form,
        picture=picture,
        home=f"/manage/{organisation.id}",
        of=organisation.name,
    )


HANDLERS: list[Any] = [show, save, remove]
