"""The roster of a shift, checking in and out, walk-ins, and who is trusted with the list."""

from typing import Any
from uuid import UUID

import segno
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from marketplace import clock, settings
from marketplace.errors import BadInput, Conflict
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.attendance import leaders, operations, queries, rules, walk_ins
from marketplace.volunteering.attendance.forms import (
    JoinForm,
    LeaderForm,
    MarkForm,
    RemoveLeaderForm,
    WalkInForm,
)
from marketplace.volunteering.attendance.queries import Arrival
from marketplace.volunteering.groups import queries as groups
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import BookingState, duration_words
from marketplace.volunteering.safeguarding import clearance as safeguarding
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]


async def _shell(request: Req, actor: Actor, opportunity: OpportunityView) -> dict[str, Any]:
    """Give the layout: the workspace for its people, a plain page for a trusted volunteer."""
    if not actor.can(Permission.VIEW_WORKSPACE, opportunity.organisation_id):
        return {"layout": "layouts/base.html"}
    organisation = await workspace(actor, opportunity.organisation_id)
    return {
        "layout": "layouts/manage.html",
        **shell(request, actor, organisation, current=SECTION),
    }


# --- the list


@get("/manage/shifts/{id:uuid}", name="roster.show")
async def show(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show a shift's roster; that it was looked at is written down."""
    return await roster_page(request, actor, id)


async def roster_page(
    request: Req,
    actor: Actor,
    id: UUID,
    *,
    form: Bound[Any] | None = None,
    booking_id: UUID | None = None,
) -> Page:
    """Show a roster, with the form of one person's hours where it was filled in wrongly."""
    roster = await operations.look_at_roster(actor, id)
    shift, opportunity = roster.shift, roster.opportunity
    now = clock.now()
    return render(
        request,
        "volunteering/manage/roster.html",
        status=422 if form else 200,
        **await _shell(request, actor, opportunity),
        roster=roster,
        shift=shift,
        opportunity=opportunity,
        started=shift.started(now),
        opened=now >= rules.opens_at(shift.starts_at),
        opens_at=rules.opens_at(shift.starts_at),
        over=now >= shift.ends_at,
        not_clear=set[UUID]()
        if now >= shift.ends_at
        else await safeguarding.on_the_day(
            shift.role_id, opportunity.organisation_id, shift.ends_at, roster.expected
        ),
        in_question=await doubts.in_question(id)
        if now < shift.ends_at and any(row.doubted for row in roster.rows)
        else set[UUID](),
        decide=doubts.page(opportunity.organisation_id)
        if actor.can(Permission.VIEW_ROSTER, opportunity.organisation_id)
        else "",
        groups=await groups.on_shift(id),
        may_check=actor.can(Permission.RECORD_CHECKS, opportunity.organisation_id),
        may_confirm=actor.can(Permission.CONFIRM_HOURS, opportunity.organisation_id),
        may_write=actor.can(Permission.WRITE_OPPORTUNITIES, opportunity.organisation_id),
        hours_form=form,
        hours_of=booking_id,
        duration=duration_words,
        Mark=BookingState,
    )


@post("/manage/shifts/{id:uuid}/attendance", name="roster.mark")
async def mark(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Mark who came, or take a mark back."""
    form = await MarkForm.bind(request)
    if form.data is None:
        raise BadInput("We could not tell whom you marked. Reload the roster and try again.")
    home = f"/manage/shifts/{id}"
    marked = await operations.mark(
        actor,
        id,
        form.data.state(),
        booking_id=form.data.booking,
        excused=form.data.mark == "excused",
        once=form.once(home),
    )
    return redirect(request, home, notice="Marked." if marked else "Nobody was left to mark.")


@post("/manage/bookings/{id:uuid}/check-out", name="roster.check-out")
async def check_out(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Note on the list that somebody leaves now."""
    form = await Form.bind(request)
    home = f"/manage/shifts/{await operations.shift_of(actor, id)}"
    await operations.check_out(actor, id, once=form.once(home))
    return redirect(request, home, notice="Checked out.")


# --- the code


@get("/manage/shifts/{id:uuid}/check-in", name="check-in.screen")
async def screen(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show the address to check in at as a QR code, a new one every minute."""
    shift, opportunity = await queries.to_mark(actor, id)
    closed = rules.closed(shift.starts_at, shift.ends_at, clock.now())
    address = f"{settings.current().base_url}/check-in/{operations.code(id)}"
    return render(
        request,
        "volunteering/manage/check_in.html",
        fragment="volunteering/manage/_code.html",
        **await _shell(request, actor, opportunity),
        shift=shift,
        opportunity=opportunity,
        closed="This shift was cancelled." if shift.cancelled else closed,
        opens_at=rules.opens_at(shift.starts_at),
        early=clock.now() < rules.opens_at(shift.starts_at),
        address=address,
        picture=qr(address),
        here=await queries.here(id),
        seconds=rules.NEW_CODE_SECONDS,
    )


def qr(address: str) -> Markup:
    """Draw an address as a QR code, for pages and for PDF."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704


@get("/check-in/{token:str}", name="check-in.page")
async def arriving(request: Req, actor: NamedDependency[Actor], token: FromPath[str]) -> Page:
    """Show the shift that a code is of, and what its reader can do."""
    shift_id = operations.shift_of_code(token)
    return await _arrival_page(
        request, actor, token, await queries.arrival(actor, shift_id), JoinForm.blank()
    )


async def _arrival_page(
    request: Req,
    actor: Actor,
    token: str,
    arrival: Arrival,
    form: Bound[JoinForm],
    *,
    status: int = 200,
) -> Page:
    shift = arrival.shift
    if arrival.is_in and arrival.booking_id and status == 200:
        return redirect(request, f"/bookings/{arrival.booking_id}/attendance")
    return render(
        request,
        "volunteering/check_in.html",
        status=status,
        arrival=arrival,
        shift=shift,
        opportunity=arrival.opportunity,
        closed=rules.closed(shift.starts_at, shift.ends_at, clock.now()),
        minimum_age=await queries.ticked_age(shift.role_id, actor.person_id),
        token=token,
        form=form,
    )


@post("/check-in/{token:str}", name="check-in.arrive")
async def arrive(request: Req, actor: NamedDependency[Actor], token: FromPath[str]) -> Page:
    """Check in, taking a free place first where somebody has none and asks for one."""
    form = await JoinForm.bind(request)
    shift_id = operations.shift_of_code(token, reading=True)
    arrival = await queries.arrival(actor, shift_id)
    if form.data is None:
        return await _arrival_page(request, actor, token, arrival, form, status=422)
    once = form.once(f"/check-in/{token}")
    with form.catching():
        if form.data.join and arrival.booking_id is None:
            booking = await walk_ins.join(actor, token, old_enough=form.data.old_enough, once=once)
        else:
            booking = await operations.check_in(actor, token, once=once)
        return redirect(request, f"/bookings/{booking}/attendance", notice="You are checked in.")
    return await _arrival_page(request, actor, token, arrival, form, status=422)


@get("/bookings/{id:uuid}/attendance", name="attendance.own")
async def own(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show a volunteer since when they are here, and the button for leaving."""
    arrival = await queries.arrival_of_booking(actor, id)
    return render(
        request,
        "volunteering/attendance.html",
        arrival=arrival,
        shift=arrival.shift,
        opportunity=arrival.opportunity,
        started=arrival.shift.started(clock.now()),
    )


@post("/bookings/{id:uuid}/check-out", name="attendance.leave")
async def leave(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Note that one leaves now."""
    form = await Form.bind(request)
    home = f"/bookings/{id}/attendance"
    await operations.leave(actor, id, once=form.once(home))
    return redirect(request, home, notice="You are checked out. Thank you for your time.")


# --- walk-ins


@get("/manage/shifts/{id:uuid}/walk-in", name="walk-in.new")
async def walk_in(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show the form for somebody at the door."""
    return await _walk_in_page(request, actor, id, WalkInForm.blank())


@post("/manage/shifts/{id:uuid}/walk-in", name="walk-in.add")
async def add_walk_in(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Give somebody at the door a free place."""
    form = await WalkInForm.bind(request)
    await queries.to_mark(actor, id)
    home = f"/manage/shifts/{id}"
    if form.data is None:
        return await _walk_in_page(request, actor, id, form, status=422)
    given = form.data
    try:
        with form.catching():
            if given.email:
                await walk_ins.add_known(
                    actor, id, given.email, old_enough=given.old_enough, once=form.once(home)
                )
            elif given.name:
                await walk_ins.add_named(actor, id, given.name, once=form.once(home))
            else:
                raise Conflict("Enter their e-mail address, or their name", field="name")
            return redirect(request, home, notice="Added, and marked as here.")
    except Conflict as conflict:
        form.refuse("", conflict.message)
    return await _walk_in_page(request, actor, id, form, status=422)


async def _walk_in_page(
    request: Req, actor: Actor, id: UUID, form: Bound[WalkInForm], *, status: int = 200
) -> Page:
    shift, opportunity = await queries.to_mark(actor, id)
    return render(
        request,
        "volunteering/manage/walk_in.html",
        status=status,
        **await _shell(request, actor, opportunity),
        shift=shift,
        opportunity=opportunity,
        form=form,
        closed=rules.closed(shift.starts_at, shift.ends_at, clock.now()),
        minimum_age=await queries.ticked_age(shift.role_id),
        may_search=actor.can(Permission.CONFIRM_HOURS, opportunity.organisation_id),
        days=rules.NAMES_KEPT.days,
    )


@post("/manage/walk-ins/{id:uuid}/removal", name="walk-in.remove")
async def remove_walk_in(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Undo a walk-in that was added by mistake."""
    form = await Form.bind(request)
    home = f"/manage/shifts/{await walk_ins.shift_of(actor, id)}"
    await walk_ins.remove_named(actor, id, once=form.once(home))
    return redirect(request, home, notice="Removed.")


# --- who is trusted with the list


@get("/manage/shifts/{id:uuid}/leaders", name="leaders.show")
async def show_leaders(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show who is trusted with a shift, and the form to trust somebody."""
    return await _leaders_page(request, actor, id, LeaderForm.blank({"scope": "shift"}))


@post("/manage/shifts/{id:uuid}/leaders", name="leaders.name")
async def name_leader(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Trust somebody with a shift, or with all of its role."""
    form = await LeaderForm.bind(request)
    await leaders.to_lead(actor, id)
    home = f"/manage/shifts/{id}/leaders"
    if form.data is not None:
        with form.catching():
            await leaders.name_leader(
                actor,
                id,
                form.data.person,
                all_shifts=form.data.scope == "role",
                once=form.once(home),
            )
            return redirect(request, home, notice="They can mark who came, and have been told.")
    return await _leaders_page(request, actor, id, form, status=422)


async def _leaders_page(
    request: Req, actor: Actor, id: UUID, form: Bound[LeaderForm], *, status: int = 200
) -> Page:
    shift, opportunity = await leaders.to_lead(actor, id)
    return render(
        request,
        "volunteering/manage/leaders.html",
        status=status,
        **await _shell(request, actor, opportunity),
        shift=shift,
        opportunity=opportunity,
        leaders=await queries.leaders(shift),
        people=await queries.may_lead(shift),
        form=form,
    )


@post("/manage/shift-leaders/{id:uuid}/removal", name="leaders.remove")
async def remove_leader(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """End somebody's trust with a list."""
    form = await RemoveLeaderForm.bind(request)
    home = f"/manage/{await leaders.organisation_of(actor, id)}/opportunities"
    if form.data is not None and form.data.shift:
        home = f"/manage/shifts/{form.data.shift}/leaders"
    await leaders.remove_leader(actor, id, once=form.once(home))
    return redirect(request, home, notice="They can no longer mark who came.")


@get("/my/leading", name="leaders.mine")
async def leading(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show a volunteer the shifts they are trusted with."""
    return render(request, "volunteering/leading.html", led=await queries.led(actor))


HANDLERS: list[Any] = [
    show,
    mark,
    check_out,
    screen,
    arriving,
    arrive,
    own,
    leave,
    walk_in,
    add_walk_in,
    remove_walk_in,
    show_leaders,
    name_leader,
    remove_leader,
    leading,
]
