"""The page of the picture of an opportunity: what is shown, another one, other words, or none."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import files
from marketplace.files.forms import MAX_BODY, PictureForm, complete
from marketplace.files.queries import Picture
from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.opportunities import queries
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.pictures import operations
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


@get("/manage/opportunities/{id:uuid}/picture", name="opportunities.picture")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the picture in use and the form for another one."""
    opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    picture = await files.picture(opportunity.image_id)
    form = PictureForm.blank({"alt": picture.alt if picture else ""})
    return _page(request, actor, organisation, opportunity, picture, form)


@post(
    "/manage/opportunities/{id:uuid}/picture",
    name="opportunities.picture.save",
    request_max_body_size=MAX_BODY,
)
async def save(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take another picture into use, or change its words."""
    opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    form = await PictureForm.bind(request)
    picture = await files.picture(opportunity.image_id)
    if complete(form, has_one=picture is not None) and form.data is not None:
        sent = form.data.picture
        with form.catching():
            await operations.set_picture(
                actor,
                id,
                sent.content if sent else None,
                form.data.alt,
                once=form.once(f"/manage/opportunities/{id}"),
            )
            return redirect(request, f"/manage/opportunities/{id}", notice="Picture saved.")
    return _page(request, actor, organisation, opportunity, picture, form, status=422)


@post("/manage/opportunities/{id:uuid}/picture/removal", name="opportunities.picture.remove")
async def remove(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show no picture any more."""
    form = await Form.bind(request)
    home = f"/manage/opportunities/{id}"
    await operations.remove_picture(actor, id, once=form.once(home))
    return redirect(request, home, notice="Picture removed.")


def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    opportunity: OpportunityView,
    picture: Picture | None,
    form: Bound[PictureForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "files/picture.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        form=form,
        picture=picture,
        home=f"/manage/opportunities/{opportunity.id}",
        of=opportunity.title,
    )


HANDLERS: list[Any] = [show, save, remove]
