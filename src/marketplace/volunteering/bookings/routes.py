"""Booking a shift, giving the place back, and one's own volunteering."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, signing
from marketplace.accounts.consents import queries as consents
from marketplace.accounts.consents.rules import BOOKING_WORDING, WORDINGS, Purpose
from marketplace.errors import Conflict
from marketplace.messages import inboxes
from marketplace.permissions import Actor
from marketplace.volunteering.bookings import operations, queries
from marketplace.volunteering.bookings.forms import BookingForm
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.eligibility.rules import OF_THE_SHIFT, hopeless
from marketplace.volunteering.guardians import queries as guardians
from marketplace.volunteering.lone import queries as lone
from marketplace.volunteering.rules import duration_words
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.waitlist import queries as waitlist
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

MINE = "/my/volunteering"


@get("/shifts/{id:uuid}/booking", name="bookings.new")
async def new(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show what somebody is about to promise, or every reason why they cannot."""
    return await _page(request, actor, id, BookingForm.blank())


@post("/shifts/{id:uuid}/booking", name="bookings.book")
async def book(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Win a place on a shift."""
    form = await BookingForm.bind(request)
    shift, opportunity = await shifts.shift(actor, id)
    address = f"/opportunities/{opportunity.id}"
    if form.data is None:
        return await _page(request, actor, id, form, status=422)
    try:
        with form.catching():
            await operations.book(
                actor,
                id,
                form.once(address),
                old_enough=form.data.old_enough,
                seen=form.data.seen,
                may_ask=form.data.may_ask,
            )
            return redirect(
                request,
                address,
                notice=f"You have a place: {shift.period}. The details are in your e-mail.",
            )
    except Conflict as conflict:
        # Lost while the page was open: the same page says why, and leads to the next best thing.
        return await _page(request, actor, id, form, status=409, refused=conflict.message)
    return await _page(request, actor, id, form, status=422)


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    form: Bound[BookingForm],
    *,
    status: int = 200,
    refused: str = "",
) -> Page:
    shift, opportunity = await shifts.shift(actor, id)
    person = actor.require_person()
    answer = await eligibility.ask(person, id)
    agreed = await consents.agreed(Purpose.FILL_SHIFT, opportunity.organisation_id, [person])
    return render(
        request,
        "volunteering/booking.html",
        status=status,
        shift=shift,
        tight=None if answer.reasons else await shifts.tight(person, id),
        opportunity=opportunity,
        form=form,
        reasons=answer.reasons,
        facts=answer.facts,
        # Another shift of the same role asks the same of its people.
        another=answer.codes <= OF_THE_SHIFT,
        hopeless=hopeless(answer.reasons),
        refused=refused,
        asks=not agreed,
        wording=WORDINGS[BOOKING_WORDING],
    )


@post("/bookings/{id:uuid}/cancellation", name="bookings.cancel")
async def cancel(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Give one's place back."""
    form = await Form.bind(request)
    booking = await operations.cancel(actor, id, once=form.once(MINE))
    return redirect(
        request,
        MINE,
        notice=f"Cancelled: {booking.title}, {booking.period}. Your place is free for others.",
    )


@get("/bookings/cancel/{token:str}", name="bookings.link", opt=PUBLIC)
async def link(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Show the booking that a link in a message names, with a button to cancel it."""
    signed = signing.unsign(operations.LINK_PURPOSE, token, within=operations.LINK_LIFE)
    booking = await queries.booking_of_link(signed.id)
    return render(
        request,
        "volunteering/cancel.html",
        booking=booking,
        token=token,
        open=booking.may_be_cancelled(clock.now()),
    )


@post("/bookings/cancel/{token:str}", name="bookings.cancel-by-link", opt=PUBLIC)
async def cancel_by_link(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Give back the place that a link in a message names."""
    form = await Form.bind(request)
    address = f"/bookings/cancel/{token}"
    await operations.cancel_by_link(token, once=form.once(address))
    return redirect(request, address, notice="Cancelled. Thank you for telling us.")


@get(MINE, name="bookings.mine")
async def mine(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Show one's bookings to come, and what one has given."""
    found = await queries.mine(actor)
    consents_asked = await guardians.of_person(actor.require_person())
    return render(
        request,
        "volunteering/mine.html",
        mine=found,
        waiting=await waitlist.mine(actor),
        guardian_asked=[each for each in consents_asked if each.open],
        alone=await lone.mine(actor),
        unread=await inboxes.unread(actor),
        total=duration_words(found.minutes),
        duration=duration_words,
        at=clock.now(),
    )


HANDLERS: list[Any] = [new, book, cancel, link, cancel_by_link, mine]
