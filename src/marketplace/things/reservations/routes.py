"""Reserving a thing, giving the reservation back, and one's own borrowing."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.errors import Conflict
from marketplace.organisations import queries as organisations
from marketplace.permissions import Actor
from marketplace.things import hours, rules
from marketplace.things.catalogue import queries as catalogue
from marketplace.things.reservations import operations, queries
from marketplace.things.reservations.forms import DaysForm, ReservationForm
from marketplace.things.reservations.refusals import refusals
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

MINE = "/my/borrowing"


@get("/things/{id:uuid}/reservation", name="reservations.new")
async def new(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show what somebody is about to reserve, or every reason why they cannot."""
    days = DaysForm.read(request)
    if days.data is None or days.data.first is None:
        await catalogue.thing(actor, id)
        return redirect(request, f"/things/{id}#days", notice="Choose the days on the calendar.")
    first = days.data.first
    last = days.data.last or first
    form = ReservationForm.blank({"first": first, "last": last})
    return await _page(request, actor, id, first, last, form)


@post("/things/{id:uuid}/reservation", name="reservations.reserve")
async def reserve(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Reserve a thing."""
    form = await ReservationForm.bind(request)
    thing = await catalogue.thing(actor, id)
    if form.data is None:
        if "first" in form.errors or "last" in form.errors:
            return redirect(
                request, f"/things/{id}#days", notice="Choose the days on the calendar."
            )
        days = DaysForm.blank({"first": form.value("first"), "last": form.value("last")})
        return await _page(
            request,
            actor,
            id,
            date.fromisoformat(days.value("first")),
            date.fromisoformat(days.value("last")),
            form,
            status=422,
        )
    first, last = form.data.first, form.data.last
    try:
        with form.catching():
            await operations.reserve(
                actor,
                id,
                first,
                last,
                for_organisation=form.data.for_organisation,
                agreed=form.data.agreed,
                once=form.once(MINE),
            )
            return redirect(
                request,
                MINE,
                notice=f"Reserved: {thing.title}, {rules.days_words(first, last)}."
                " The details are in your e-mail.",
            )
    except Conflict as conflict:
        # Lost while the page was open: the same page says why, and leads to the next days.
        return await _page(
            request, actor, id, first, last, form, status=409, refused=conflict.message
        )
    return await _page(request, actor, id, first, last, form, status=422)


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    first: date,
    last: date,
    form: Bound[ReservationForm],
    *,
    status: int = 200,
    refused: str = "",
) -> Page:
    facts = await queries.in_the_way(actor, id, first, last)
    reasons = refusals(facts)
    yours = [
        loan
        for loan in await queries.mine_of(actor, id)
        if loan.first_day <= last and first <= loan.last_day
    ]
    groups = await organisations.mine(actor) if actor.memberships and not reasons else []
    return render(
        request,
        "things/reservation.html",
        status=status,
        thing=facts.thing,
        first=first,
        last=last,
        loan=facts.loan,
        hours_words=hours.words,
        days=rules.number_words(rules.loan_days(first, last)),
        days_words=rules.days_words(first, last),
        form=form,
        reasons=reasons,
        yours=yours,
        refused="" if refused in {reason.sentence for reason in reasons} else refused,
        groups=[(str(group.id), group.name) for group in groups],
    )


@post("/reservations/{id:uuid}/cancellation", name="reservations.cancel")
async def cancel(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Give one's reservation back."""
    form = await Form.bind(request)
    reservation = await operations.cancel(actor, id, once=form.once(MINE))
    return redirect(
        request,
        MINE,
        notice=f"Cancelled: {reservation.title}, {reservation.days}. It is free for others.",
    )


@get(MINE, name="reservations.mine")
async def mine(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Show what one has, what one will collect, and what is over."""
    return render(request, "things/mine.html", mine=await queries.mine(actor), at=clock.now())


HANDLERS: list[Any] = [new, reserve, cancel, mine]
