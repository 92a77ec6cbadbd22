"""Checking in and out on one's own, saying that somebody is safe, and marking what is lone."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.lone import operations, queries
from marketplace.volunteering.lone.forms import LoneForm, SafeForm
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.visits import queries as visits
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
SAFE = "Good. Nobody worries about you."


@get("/my/lone/{id:uuid}", name="lone.own")
async def own(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show the buttons of somebody who is out on their own."""
    return render(
        request, "volunteering/lone/own.html", out=await queries.own(actor, id), at=clock.now()
    )


@post("/my/lone/{id:uuid}/check-in", name="lone.check-in")
async def check_in(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Check in."""
    notice = "You are checked in. Check out when you leave."
    return await _press(request, actor, id, operations.check_in, notice)


@post("/my/lone/{id:uuid}/check-out", name="lone.check-out")
async def check_out(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Check out."""
    notice = "You are checked out. Thank you."
    return await _press(request, actor, id, operations.check_out, notice)


@post("/my/lone/{id:uuid}/safe", name="lone.safe")
async def safe(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Say that one is safe."""
    await queries.own(actor, id)
    return await _press(request, actor, id, operations.say_safe, SAFE)


async def _press(
    request: Req, actor: Actor, id: UUID, verb: Callable[..., Awaitable[None]], notice: str
) -> Page:
    form = await Form.bind(request)
    home = f"/my/lone/{id}"
    await verb(actor, id, once=form.once(home))
    return redirect(request, home, notice=notice)


@get("/lone/safe/{token:str}", opt=PUBLIC, name="lone.link")
async def link(request: Req, token: FromPath[str]) -> Page:
    """Ask, by the link in a message, whether somebody is safe."""
    return render(
        request, "volunteering/lone/link.html", out=await operations.of_link(token), token=token
    )


@post("/lone/safe/{token:str}", opt=PUBLIC, name="lone.safe-by-link")
async def safe_by_link(request: Req, token: FromPath[str]) -> Page:
    """Say that one is safe, by the link in a message."""
    form = await Form.bind(request)
    home = f"/lone/safe/{token}"
    await operations.say_safe_by_link(token, once=form.once(home))
    return redirect(request, home, notice=SAFE)


@get("/manage/lone/{id:uuid}", name="lone.watched")
async def watched(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show whoever was told what is known, and what to do."""
    return await _watched(request, actor, id, SafeForm.blank())


@post("/manage/lone/{id:uuid}/safe", name="lone.mark-safe", status_code=200)
async def mark_safe(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Say that a volunteer is safe, and how one knows."""
    await queries.watched(actor, id)
    form = await SafeForm.bind(request)
    if form.data is None:
        return await _watched(request, actor, id, form, status=422)
    home = f"/manage/lone/{id}"
    await operations.say_safe(actor, id, form.data.note, once=form.once(home))
    return redirect(request, home, notice="Noted: they are safe.")


async def _watched(
    request: Req, actor: Actor, id: UUID, form: Bound[SafeForm], *, status: int = 200
) -> Page:
    return render(
        request,
        "volunteering/lone/watched.html",
        status=status,
        out=await queries.watched(actor, id),
        form=form,
    )


@post("/manage/shifts/{id:uuid}/lone", name="lone.mark-shift")
async def mark_shift(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Mark a shift, or take the mark away."""
    form = await LoneForm.bind(request)
    lone = form.data is not None and form.data.lone
    home = f"/manage/shifts/{id}/safety"
    await operations.mark_shift(actor, id, lone, once=form.once(home))
    return redirect(request, home, notice="Saved.")


@get("/manage/visits/{id:uuid}/lone", name="lone.visit")
async def visit(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Ask whether the volunteer of an arrangement is on their own."""
    found, opportunity = await visits.visit_to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/lone/visit.html",
        **shell(request, actor, organisation, current=SECTION),
        visit=found,
        lone=await queries.is_lone_visit(id),
    )


@post("/manage/visits/{id:uuid}/lone", name="lone.mark-visit")
async def mark_visit(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Mark an arrangement, or take the mark away."""
    form = await LoneForm.bind(request)
    lone = form.data is not None and form.data.lone
    home = f"/manage/visits/{id}/lone"
    await operations.mark_visit(actor, id, lone, once=form.once(home))
    return redirect(request, home, notice="Saved.")


HANDLERS: list[Any] = [
    own,
    check_in,
    check_out,
    safe,
    link,
    safe_by_link,
    watched,
    mark_safe,
    mark_shift,
    visit,
    mark_visit,
]
