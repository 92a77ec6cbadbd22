"""A coordinator's day, asking somebody, and the page on which they answer."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.errors import BadInput
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import Section, shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.desk import operations
from marketplace.volunteering.desk.forms import AnswerForm, AskForm, AwayForm
from marketplace.volunteering.desk.queries import AskView
from marketplace.volunteering.desk.rules import MOST_A_WEEK, Answer
from marketplace.volunteering.eligibility.rules import Reason
from marketplace.volunteering.shifts import queries as shifts
from marketplace.web.forms import Bound
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
SECTION = "Today"


@get("/manage/{organisation_id:uuid}/today", name="desk.today")
async def today(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show what needs an answer and which shifts are short."""
    return await _today(request, actor, organisation_id)


@post("/manage/{organisation_id:uuid}/away", name="desk.away", status_code=200)
async def away(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Say until when nobody answers."""
    form = await AwayForm.bind(request)
    actor.require_to_know(Permission.VIEW_ROSTER, organisation_id)
    home = f"/manage/{organisation_id}/today"
    if form.data is not None:
        with form.catching():
            until = form.data.until
            await operations.go_away(actor, organisation_id, until, once=form.once(home))
            notice = "Volunteers are told until when you are away." if until else "Welcome back."
            return redirect(request, home, notice=notice)
    return await _today(request, actor, organisation_id, form=form)


async def _today(
    request: Req, actor: Actor, organisation_id: UUID, *, form: Bound[AwayForm] | None = None
) -> Page:
    actor.require_to_know(Permission.VIEW_ROSTER, organisation_id)
    organisation = await workspace(actor, organisation_id)
    found = await operations.look(actor, organisation_id)
    until = organisation.away_until
    if until is not None and until < clock.today():
        until = None
    return render(
        request,
        "volunteering/desk/today.html",
        status=422 if form else 200,
        **shell(request, actor, organisation),
        today=found,
        away_until=until,
        form=form or AwayForm.blank({"until": until}),
        most=MOST_A_WEEK,
    )


@post("/manage/shifts/{id:uuid}/asks", name="desk.ask", status_code=200)
async def ask(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Ask somebody whether they can fill a shift."""
    form = await AskForm.bind(request)
    _, opportunity = await shifts.shift(actor, id)
    actor.require_to_know(Permission.VIEW_ROSTER, opportunity.organisation_id)
    if form.data is None:
        raise BadInput("We could not tell whom you chose. Reload the page and try again.")
    home = f"/manage/{opportunity.organisation_id}/today"
    await operations.ask(actor, id, form.data.person, once=form.once(home))
    return redirect(request, home, notice="Asked. They answer with one press.")


@get("/shift-asks/{token:str}", name="desk.link", opt=PUBLIC)
async def link(request: Req, token: FromPath[str]) -> Page:
    """Show the shift that a message asks about, with buttons to answer."""
    return await _ask(request, await operations.of_link(token), token)


@post("/shift-asks/{token:str}", name="desk.answer", opt=PUBLIC, status_code=200)
async def answer(request: Req, token: FromPath[str]) -> Page:
    """Book the shift that a message asks about, or say no."""
    form = await AnswerForm.bind(request)
    found = await operations.of_link(token)
    address = f"/shift-asks/{token}"
    if form.data is not None:
        with form.catching():
            given = await operations.answer(
                token,
                form.data.answer,
                old_enough=form.data.old_enough,
                once=form.once(address),
            )
            if given.reasons:
                return await _ask(request, found, token, reasons=given.reasons, status=409)
            return redirect(request, address)
    return await _ask(request, found, token, form=form, status=422)


async def _ask(
    request: Req,
    found: AskView,
    token: str,
    *,
    form: Bound[AnswerForm] | None = None,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> Page:
    return render(
        request,
        "volunteering/desk/ask.html",
        status=status,
        ask=found,
        reasons=reasons or [],
        form=form or AnswerForm.blank(),
        address=f"/shift-asks/{token}",
        Answer=Answer,
    )


HANDLERS: list[Any] = [today, away, ask, link, answer]
WORKSPACE: list[Section] = [
    Section(SECTION, "/manage/{id}/today", Permission.VIEW_ROSTER, "inbox", 11),
]
