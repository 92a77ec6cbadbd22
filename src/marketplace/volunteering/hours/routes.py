"""The roster of a shift: who is coming, who came, and for how long."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.errors import BadInput
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.hours import operations
from marketplace.volunteering.hours.forms import HoursForm, MarkForm
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.rules import BookingState, duration_words
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


@get("/manage/shifts/{id:uuid}", name="roster.show")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show a shift's roster; that it was looked at is written down."""
    return await _page(request, actor, id)


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    *,
    form: Bound[HoursForm] | None = None,
    booking_id: UUID | None = None,
) -> Page:
    roster = await operations.look_at_roster(actor, id)
    organisation = await workspace(actor, roster.opportunity.organisation_id)
    return render(
        request,
        "volunteering/manage/roster.html",
        status=422 if form else 200,
        **shell(request, actor, organisation, current=SECTION),
        roster=roster,
        shift=roster.shift,
        opportunity=roster.opportunity,
        started=roster.shift.started(clock.now()),
        may_confirm=actor.can(Permission.CONFIRM_HOURS, organisation.id),
        may_write=actor.can(Permission.WRITE_OPPORTUNITIES, organisation.id),
        hours_form=form,
        hours_of=booking_id,
        duration=duration_words,
        Mark=BookingState,
    )


@post("/manage/shifts/{id:uuid}/attendance", name="roster.mark")
async def mark(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Mark who came, or take a mark back."""
    form = await MarkForm.bind(request)
    if form.data is None:
        raise BadInput("We could not tell whom you marked. Reload the roster and try again.")
    home = f"/manage/shifts/{id}"
    marked = await operations.mark(
        actor, id, form.data.state(), booking_id=form.data.booking, once=form.once(home)
    )
    return redirect(request, home, notice="Marked." if marked else "Nobody was left to mark.")


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
    return await _page(request, actor, shift_id, form=form, booking_id=id)


HANDLERS: list[Any] = [show, mark, confirm_all, confirm]
