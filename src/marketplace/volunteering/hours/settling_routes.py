"""One record of hours, from either side: agreeing, disputing, correcting and taking it back.

`organisation_id` None is the volunteer's side.
"""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.errors import NotFound
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.hours import claims, queries
from marketplace.volunteering.hours.forms import (
    CorrectForm,
    DisputeForm,
)
from marketplace.volunteering.hours.queries import NO_SUCH, HoursView
from marketplace.volunteering.hours.rules import Side, Verb
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
MINE = "/my/hours"


@get(f"{MINE}/{{hours_id:uuid}}", name="hours.own")
async def own(request: Req, actor: NamedDependency[Actor], hours_id: FromPath[UUID]) -> Page:
    """Show one record of one's hours and what can be done with it."""
    return await _one(request, actor, hours_id, None)


@post(f"{MINE}/{{hours_id:uuid}}/agreement", name="hours.own.agree")
async def own_agree(request: Req, actor: NamedDependency[Actor], hours_id: FromPath[UUID]) -> Page:
    """Stand by what the organisation says."""
    return await _agree(request, actor, hours_id, None)


@post(f"{MINE}/{{hours_id:uuid}}/dispute", name="hours.own.dispute")
async def own_dispute(
    request: Req, actor: NamedDependency[Actor], hours_id: FromPath[UUID]
) -> Page:
    """Say that it was another time, and why."""
    return await _dispute(request, actor, hours_id, None)


@post(f"{MINE}/{{hours_id:uuid}}/correction", name="hours.own.correct")
async def own_correct(
    request: Req, actor: NamedDependency[Actor], hours_id: FromPath[UUID]
) -> Page:
    """Propose another time."""
    return await _correct(request, actor, hours_id, None)


@post(f"{MINE}/{{hours_id:uuid}}/withdrawal", name="hours.own.withdraw")
async def own_withdraw(
    request: Req, actor: NamedDependency[Actor], hours_id: FromPath[UUID]
) -> Page:
    """Take back one's claim."""
    form = await Form.bind(request)
    await _known(actor, hours_id, None)
    await claims.withdraw(actor, hours_id, once=form.once(MINE))
    return redirect(request, MINE, notice="Withdrawn.")


@get("/manage/{organisation_id:uuid}/hours/{hours_id:uuid}", name="hours.settling")
async def settling(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    hours_id: FromPath[UUID],
) -> Page:
    """Show one record of hours and what can be done with it."""
    return await _one(request, actor, hours_id, organisation_id)


@post("/manage/{organisation_id:uuid}/hours/{hours_id:uuid}/agreement", name="hours.agree")
async def agree(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    hours_id: FromPath[UUID],
) -> Page:
    """Stand by what the volunteer says."""
    return await _agree(request, actor, hours_id, organisation_id)


@post("/manage/{organisation_id:uuid}/hours/{hours_id:uuid}/dispute", name="hours.dispute")
async def dispute(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    hours_id: FromPath[UUID],
) -> Page:
    """Say that it was another time, and why."""
    return await _dispute(request, actor, hours_id, organisation_id)


@post("/manage/{organisation_id:uuid}/hours/{hours_id:uuid}/correction", name="hours.correct")
async def correct(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    hours_id: FromPath[UUID],
) -> Page:
    """Propose another time."""
    return await _correct(request, actor, hours_id, organisation_id)


@post("/manage/{organisation_id:uuid}/hours/{hours_id:uuid}/withdrawal", name="hours.withdraw")
async def withdraw(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    hours_id: FromPath[UUID],
) -> Page:
    """Take back what the organisation said."""
    form = await Form.bind(request)
    await _known(actor, hours_id, organisation_id)
    home = _home(organisation_id)
    await claims.withdraw(actor, hours_id, once=form.once(home))
    return redirect(request, home, notice="Withdrawn. They have been told.")


async def _known(actor: Actor, hours_id: UUID, organisation_id: UUID | None) -> HoursView:
    if organisation_id is not None:
        actor.require_to_know(Permission.CONFIRM_HOURS, organisation_id)
    view, side = await queries.one(actor, hours_id)
    theirs = view.organisation_id == organisation_id if organisation_id else side is Side.VOLUNTEER
    if not theirs:
        raise NotFound(NO_SUCH)
    return view


def _home(organisation_id: UUID | None) -> str:
    return f"/manage/{organisation_id}/hours" if organisation_id else MINE


async def _agree(request: Req, actor: Actor, hours_id: UUID, organisation_id: UUID | None) -> Page:
    form = await Form.bind(request)
    await _known(actor, hours_id, organisation_id)
    home = _home(organisation_id)
    await claims.agree(actor, hours_id, once=form.once(home))
    return redirect(request, home, notice="Agreed.")


async def _dispute(
    request: Req, actor: Actor, hours_id: UUID, organisation_id: UUID | None
) -> Page:
    form = await DisputeForm.bind(request)
    await _known(actor, hours_id, organisation_id)
    home = _home(organisation_id)
    if form.data is not None:
        with form.catching():
            await claims.dispute(
                actor, hours_id, form.data.total(), form.data.words, once=form.once(home)
            )
            return redirect(request, home, notice="Said. The other side has been told.")
    return await _one(request, actor, hours_id, organisation_id, dispute=form)


async def _correct(
    request: Req, actor: Actor, hours_id: UUID, organisation_id: UUID | None
) -> Page:
    form = await CorrectForm.bind(request)
    await _known(actor, hours_id, organisation_id)
    home = _home(organisation_id)
    if form.data is not None:
        with form.catching():
            await claims.correct(
                actor, hours_id, form.data.total(), form.data.note, once=form.once(home)
            )
            return redirect(request, home, notice="Saved. The other side has been asked.")
    return await _one(request, actor, hours_id, organisation_id, correct=form)


async def _one(
    request: Req,
    actor: Actor,
    hours_id: UUID,
    organisation_id: UUID | None,
    *,
    dispute: Bound[DisputeForm] | None = None,
    correct: Bound[CorrectForm] | None = None,
) -> Page:
    view = await _known(actor, hours_id, organisation_id)
    side = Side.VOLUNTEER if actor.is_self(view.person_id) else Side.ORGANISATION
    around: dict[str, Any] = {"layout": "layouts/narrow.html"}
    if organisation_id is not None:
        organisation = await workspace(actor, organisation_id)
        around = {"layout": "layouts/manage.html", **shell(request, actor, organisation)}
    typed = {"hours": str(view.minutes // 60), "minutes": str(view.minutes % 60)}
    return render(
        request,
        "volunteering/hours/one.html",
        status=422 if dispute or correct else 200,
        **around,
        view=view,
        verbs=view.may(side) if side is Side.VOLUNTEER or organisation_id else frozenset[Verb](),
        home=_home(organisation_id),
        side=side,
        dispute=dispute or DisputeForm.blank(typed),
        correct=correct or CorrectForm.blank({**typed, "note": view.note}),
        form=dispute or correct,
        Verb=Verb,
        Side=Side,
    )


HANDLERS: list[Any] = [
    own,
    own_agree,
    own_dispute,
    own_correct,
    own_withdraw,
    settling,
    agree,
    dispute,
    correct,
    withdraw,
]
