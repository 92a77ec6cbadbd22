"""The workspace's pages of the desk: today's list, handing over, taking back, cancelling."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.errors import BadInput, IllegalMove
from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.things.desk import operations, queries
from marketplace.things.desk.forms import CancelForm, FindForm, HandOverForm, ReturnForm
from marketplace.things.reservations.queries import ReservationView
from marketplace.things.rules import ReservationState, left_without
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

SECTION = "Desk"


@get("/manage/{organisation_id:uuid}/desk", name="desk.show")
async def show(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show what the desk has to do; a scanned code of something that is out takes it back."""
    organisation = await workspace(actor, organisation_id)
    asked = FindForm.read(request)
    if asked.data is None:
        raise BadInput(f"{next(iter(asked.errors.values()))}.")
    found = await operations.look(actor, organisation_id, asked.data.q)
    if asked.data.q and (loan := await queries.out_by_code(organisation_id, asked.data.q)):
        return redirect(request, f"/manage/reservations/{loan}/return")
    nobodys = asked.data.q and not found.found
    return render(
        request,
        "things/manage/desk.html",
        fragment="things/manage/_desk.html",
        **shell(request, actor, organisation),
        desk=found,
        q=asked.data.q,
        unit=await queries.at_home(organisation_id, asked.data.q) if nobodys else None,
        at=clock.now(),
        State=ReservationState,
    )


@get("/manage/reservations/{id:uuid}/handover", name="desk.handing-over")
async def handing_over(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the units on the shelf, the planned one chosen."""
    reservation, organisation = await _to_lend(actor, id)
    return await _hand_over_page(request, actor, organisation, reservation, None)


@post("/manage/reservations/{id:uuid}/handover", name="desk.hand-over")
async def hand_over(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Lend a named unit out."""
    form = await HandOverForm.bind(request)
    reservation, organisation = await _to_lend(actor, id)
    status = 422
    if form.data is not None:
        home = _desk(reservation)
        try:
            with form.catching():
                label = await operations.hand_over(
                    actor,
                    id,
                    unit_id=form.data.unit_id,
                    code=form.data.code,
                    condition=form.data.condition,
                    once=form.once(home),
                )
                return redirect(
                    request,
                    home,
                    notice=f"Handed over: {label}, to {reservation.person_name},"
                    f" until {clock.date_words(reservation.last_day)}.",
                )
        except IllegalMove:
            # Somebody else at the desk was faster: the same page says how it stands.
            status, reservation = 409, await queries.to_lend(actor, id)
    return await _hand_over_page(request, actor, organisation, reservation, form, status=status)


async def _hand_over_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    reservation: ReservationView,
    form: Bound[HandOverForm] | None,
    *,
    status: int = 200,
) -> Page:
    choices: Sequence[queries.Choice] = await queries.choices(reservation)
    if form is None:
        first = choices[0].unit.id if choices else None
        form = HandOverForm.blank({"unit_id": str(first) if first else ""})
    return render(
        request,
        "things/manage/handover.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        reservation=reservation,
        choices=choices,
        form=form,
        at=clock.now(),
        State=ReservationState,
    )


@get("/manage/reservations/{id:uuid}/return", name="desk.taking-back")
async def taking_back(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Ask how a unit came back."""
    reservation, organisation = await _to_lend(actor, id)
    form = ReturnForm.blank({"condition": "good"})
    return _return_page(request, actor, organisation, reservation, form)


@post("/manage/reservations/{id:uuid}/return", name="desk.take-back")
async def take_back(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take a unit back, or write that it will not come back."""
    form = await ReturnForm.bind(request)
    reservation, organisation = await _to_lend(actor, id)
    status = 422
    if form.data is not None:
        home = _desk(reservation)
        how, note, once = form.data.condition, form.data.note, form.once(home)
        try:
            if how == "lost":
                done = await operations.lose(actor, id, condition=note, once=once)
            else:
                done = await operations.take_back(
                    actor, id, needs_repair=how == "needs_repair", condition=note, once=once
                )
            unplaced = len(done.unplaced)
            return redirect(request, home, notice=_taken_back(reservation, how, unplaced))
        except IllegalMove:
            status, reservation = 409, await queries.to_lend(actor, id)
    return _return_page(request, actor, organisation, reservation, form, status=status)


def _taken_back(reservation: ReservationView, how: str, unplaced: int) -> str:
    said = f"Taken back: {reservation.title}, {reservation.unit}."
    if how == "needs_repair":
        said += " It is in repair and cannot be reserved."
    if how == "lost":
        said = f"Lost: {reservation.title}, {reservation.unit}. The loan is over."
    if unplaced:
        said += f" {left_without(unplaced)}"
    return said


def _return_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    reservation: ReservationView,
    form: Bound[ReturnForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "things/manage/return.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        reservation=reservation,
        form=form,
        at=clock.now(),
        State=ReservationState,
    )


@get("/manage/reservations/{id:uuid}/cancellation", name="desk.cancellation")
async def cancellation(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Ask for the reason, once."""
    reservation, organisation = await _to_lend(actor, id)
    return _cancel_page(request, actor, organisation, reservation, CancelForm.blank())


@post("/manage/reservations/{id:uuid}/cancellation", name="desk.cancel")
async def cancel(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Cancel somebody's reservation."""
    form = await CancelForm.bind(request)
    reservation, organisation = await _to_lend(actor, id)
    if form.data is not None:
        home = _desk(reservation)
        await operations.cancel(actor, id, reason=form.data.reason, once=form.once(home))
        return redirect(
            request,
            home,
            notice=f"Cancelled. {reservation.person_name} is told the reason by e-mail.",
        )
    return _cancel_page(request, actor, organisation, reservation, form, status=422)


def _cancel_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    reservation: ReservationView,
    form: Bound[CancelForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "things/manage/cancellation.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        reservation=reservation,
        form=form,
        State=ReservationState,
    )


@post("/manage/reservations/{id:uuid}/absence", name="desk.not-collected")
async def not_collected(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """End a reservation that nobody came for."""
    form = await Form.bind(request)
    reservation, _ = await _to_lend(actor, id)
    home = _desk(reservation)
    await operations.not_collected(actor, id, once=form.once(home))
    return redirect(
        request, home, notice=f"Not collected: {reservation.title}. It is free for others."
    )


async def _to_lend(actor: Actor, id: UUID) -> tuple[ReservationView, Organisation]:
    reservation = await queries.to_lend(actor, id)
    return reservation, await workspace(actor, reservation.organisation_id)


def _desk(reservation: ReservationView) -> str:
    return f"/manage/{reservation.organisation_id}/desk"


HANDLERS: list[Any] = [
    show,
    handing_over,
    hand_over,
    taking_back,
    take_back,
    cancellation,
    cancel,
    not_collected,
]
