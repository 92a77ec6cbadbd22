"""Waiting for a place on a full shift, and answering the offer of one."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.errors import BadInput, Conflict
from marketplace.offers.rules import EntryState
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.bookings.routes import MINE
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.eligibility.rules import may_wait
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.waitlist import operations, queries
from marketplace.volunteering.waitlist.forms import (
    AnswerForm,
    Choice,
    ChosenForm,
    ModeForm,
    WaitForm,
)
from marketplace.volunteering.waitlist.operations import Answered
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render


@get("/shifts/{id:uuid}/waiting", name="waitlist.show")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show how waiting works, or where on the list somebody is."""
    return await _page(request, actor, id, WaitForm.blank())


@post("/shifts/{id:uuid}/waiting", name="waitlist.join")
async def join(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Join the list of a full shift."""
    form = await WaitForm.bind(request)
    await shifts.shift(actor, id)
    address = f"/shifts/{id}/waiting"
    if form.data is not None:
        try:
            with form.catching():
                await operations.join(
                    actor, id, old_enough=form.data.old_enough, once=form.once(address)
                )
                return redirect(
                    request, address, notice="Done. We write to you when a place is yours."
                )
        except Conflict as conflict:
            # What changed while the page was open: the same page says what is best now.
            return await _page(request, actor, id, form, status=409, refused=conflict.message)
    return await _page(request, actor, id, form, status=422)


@post("/shifts/{id:uuid}/waiting/end", name="waitlist.leave")
async def leave(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Leave the list of a shift."""
    form = await Form.bind(request)
    await operations.leave(actor, id, once=form.once(MINE))
    return redirect(request, MINE, notice="You are off the waitlist.")


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    form: Bound[WaitForm],
    *,
    status: int = 200,
    refused: str = "",
) -> Page:
    shift, opportunity = await shifts.shift(actor, id)
    answer = await eligibility.ask(actor.require_person(), id)
    return render(
        request,
        "volunteering/waiting.html",
        status=status,
        shift=shift,
        opportunity=opportunity,
        form=form,
        waiting=await queries.waiting_for(actor, id),
        reasons=answer.reasons,
        facts=answer.facts,
        may_wait=may_wait(answer.reasons),
        chosen=await queries.chosen(id),
        refused=refused,
    )


@get("/my/offers/{id:uuid}", name="waitlist.offer")
async def offer(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show an offer of a place, or what has become of it."""
    return await _offer(request, actor, id, f"/my/offers/{id}")


@post("/my/offers/{id:uuid}", name="waitlist.answer")
async def answer(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take the place or let it go."""
    return await _answer(request, actor, id, f"/my/offers/{id}")


@get("/shift-offers/{token:str}", name="waitlist.link", opt=PUBLIC)
async def link(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Show the offer that a link in a message names, with buttons to answer it."""
    person, id = await operations.of_link(token)
    return await _offer(request, person, id, f"/shift-offers/{token}")


@post("/shift-offers/{token:str}", name="waitlist.answer-by-link", opt=PUBLIC)
async def answer_by_link(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Take the place that a link in a message names, or let it go."""
    person, id = await operations.of_link(token)
    return await _answer(request, person, id, f"/shift-offers/{token}")


async def _answer(request: Request[Any, Any, Any], person: Actor, id: UUID, address: str) -> Page:
    form = await AnswerForm.bind(request)
    await queries.waiting(person, id)
    if form.data is None:
        return await _offer(request, person, id, address, form=form, status=422)
    if form.data.answer is Choice.ACCEPT:
        notice = _notice(await operations.accept(person, id, once=form.once(address)))
    else:
        state = await operations.decline(person, id, once=form.once(address))
        notice = _notice(Answered(state, []))
    return redirect(request, address, notice=notice)


def _notice(answered: Answered) -> str:
    match answered.state:
        case EntryState.ACCEPTED:
            return "The place is yours. The details are in your e-mail."
        case EntryState.DECLINED if not answered.reasons:
            return "Thank you for telling us. The place is offered to the next."
        case _:
            return ""


async def _offer(
    request: Request[Any, Any, Any],
    person: Actor,
    id: UUID,
    address: str,
    *,
    form: Bound[AnswerForm] | None = None,
    status: int = 200,
) -> Page:
    waiting = await queries.waiting(person, id)
    if waiting.waiting:
        return redirect(request, f"/shifts/{waiting.shift_id}/waiting")
    reasons = []
    if waiting.offered:
        reasons = await eligibility.why_not(person.require_person(), waiting.shift_id, offered=True)
    return render(
        request,
        "volunteering/offer.html",
        status=status,
        waiting=waiting,
        reasons=reasons,
        form=form or AnswerForm.blank(),
        address=address,
        State=EntryState,
    )


@get("/manage/shifts/{id:uuid}/waitlist", name="waitlist.list")
async def waitlist(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show a shift's list; that it was looked at is written down."""
    return await _list(request, actor, id)


@post("/manage/shifts/{id:uuid}/waitlist", name="waitlist.mode")
async def set_mode(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say whether free places go by order or to whom the organisation chooses."""
    form = await ModeForm.bind(request)
    await shifts.to_manage(actor, id)
    if form.data is None:
        return await _list(request, actor, id, form=form)
    home = f"/manage/shifts/{id}/waitlist"
    await operations.set_mode(actor, id, form.data.mode, once=form.once(home))
    return redirect(request, home, notice="Saved.")


async def _list(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    *,
    form: Bound[ModeForm] | None = None,
) -> Page:
    shift, opportunity, found = await operations.look_at_waitlist(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/manage/waitlist.html",
        status=422 if form else 200,
        **shell(request, actor, organisation, current=SECTION),
        shift=shift,
        opportunity=opportunity,
        waitlist=found,
        form=form or ModeForm.blank({"mode": found.mode.value}),
        may_write=actor.can(Permission.WRITE_OPPORTUNITIES, organisation.id),
        may_screen=actor.can(Permission.SCREEN_VOLUNTEERS, organisation.id),
    )


@post("/manage/shifts/{id:uuid}/offers", name="waitlist.choose")
async def choose(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Offer a free place to one person on the list."""
    form = await ChosenForm.bind(request)
    await shifts.to_manage(actor, id)
    if form.data is None:
        raise BadInput("We could not tell whom you chose. Reload the roster and try again.")
    home = f"/manage/shifts/{id}/waitlist"
    await operations.choose(actor, id, form.data.entry, once=form.once(home))
    return redirect(request, home, notice="Offered. They are asked by e-mail.")


HANDLERS: list[Any] = [
    show,
    join,
    leave,
    offer,
    answer,
    link,
    answer_by_link,
    waitlist,
    set_mode,
    choose,
]
