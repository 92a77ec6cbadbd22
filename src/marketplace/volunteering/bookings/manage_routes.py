"""Taking one person off a shift, for those who run it."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.accounts.queries import names
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.bookings import operations, queries
from marketplace.volunteering.bookings.forms import RemovalForm
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render


@get("/manage/bookings/{id:uuid}/removal", name="bookings.removal")
async def removal(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say what taking somebody off means, and ask why."""
    return await _page(request, actor, id, RemovalForm.blank())


@post("/manage/bookings/{id:uuid}/removal", name="bookings.take-off")
async def take_off(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take somebody off a shift, and tell them why."""
    form = await RemovalForm.bind(request)
    booking = await queries.booking_to_manage(actor, id)
    if form.data is None:
        return await _page(request, actor, id, form, status=422)
    home = f"/manage/shifts/{booking.shift_id}"
    await operations.take_off(actor, id, form.data.reason, once=form.once(home))
    name = (await names([booking.person_id]))[booking.person_id]
    return redirect(request, home, notice=f"{name} is off this shift, and is told by e-mail.")


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    form: Bound[RemovalForm],
    *,
    status: int = 200,
) -> Page:
    booking = await queries.booking_to_manage(actor, id)
    organisation = await workspace(actor, booking.organisation_id)
    return render(
        request,
        "volunteering/manage/removal.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        booking=booking,
        name=(await names([booking.person_id]))[booking.person_id],
        open=booking.may_be_cancelled(clock.now()),
        form=form,
    )


HANDLERS: list[Any] = [removal, take_off]
