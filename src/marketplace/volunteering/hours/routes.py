"""The roster of a shift: who is coming, who came, and for how long."""

from typing import Any
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.permissions import Actor
from marketplace.volunteering.attendance.routes import roster_page
from marketplace.volunteering.hours import operations
from marketplace.volunteering.hours.forms import HoursForm
from marketplace.web.forms import Form
from marketplace.web.render import Page, redirect


@post("/manage/shifts/{id:uuid}/hours", name="roster.confirm-all")
async def confirm_all(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Confirm all hours of a shift as they are proposed."""
    form = await Form.bind(request)
    home = f"/manage/shifts/{id}"
    confirmed = await operations.confirm_all(actor, id, once=form.once(home))
    people = "1 person" if confirmed == 1 else f"{confirmed} people"
    return redirect(request, home, notice=f"Hours confirmed for {people}.")


@post("/manage/bookings/{id:uuid}/hours", name="roster.confirm")
async def confirm(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Confirm the hours of one person."""
    form = await HoursForm.bind(request)
    shift_id = await operations.shift_of(actor, id)
    if form.data is not None:
        home = f"/manage/shifts/{shift_id}"
        with form.catching():
            await operations.confirm(actor, id, form.data.total(), once=form.once(home))
            return redirect(request, home, notice="Hours confirmed.")
    return await roster_page(request, actor, shift_id, form=form, booking_id=id)


HANDLERS: list[Any] = [confirm_all, confirm]
