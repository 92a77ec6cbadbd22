"""Deciding about places of young people that do not fit any more."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.desk.routes import SECTION
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.guardians.forms import KeepForm
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]


@get("/manage/{organisation_id:uuid}/young-people", name="doubts.show")
async def show(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """List the places in question, each with what can be done."""
    return await _page(request, actor, organisation_id)


@post("/manage/doubts/{id:uuid}/release", name="doubts.release")
async def release(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Give a place back that does not fit."""
    form = await Form.bind(request)
    home = doubts.page(await doubts.organisation_of(actor, id))
    doubt = await doubts.release(actor, id, once=form.once(home))
    return redirect(request, home, notice=f"{doubt.name} is off this shift, and is told why.")


@post("/manage/doubts/{id:uuid}/keeping", name="doubts.keep")
async def keep(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Keep a place for somebody younger than the role asks."""
    form = await KeepForm.bind(request)
    organisation_id = await doubts.organisation_of(actor, id)
    home = doubts.page(organisation_id)
    if form.data is not None:
        with form.catching():
            doubt = await doubts.keep(actor, id, form.data.because, once=form.once(home))
            return redirect(request, home, notice=f"{doubt.name} keeps the place, and is told.")
    return await _page(request, actor, organisation_id, form, chosen=id, status=422)


async def _page(
    request: Req,
    actor: Actor,
    organisation_id: UUID,
    form: Bound[KeepForm] | None = None,
    *,
    chosen: UUID | None = None,
    status: int = 200,
) -> Page:
    found = await doubts.look(actor, organisation_id)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "volunteering/guardians/doubts.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        open_ones=[each for each in found if each.kept_at is None],
        kept=[each for each in found if each.kept_at is not None],
        form=form,
        blank=KeepForm.blank(),
        chosen=chosen,
    )


HANDLERS: list[Any] = [show, release, keep]
