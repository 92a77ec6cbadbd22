"""Hours: confirming those of a roster, claiming and proposing, and the totals."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from marketplace import clock
from marketplace.errors import BadInput
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.attendance.routes import roster_page
from marketplace.volunteering.hours import (
    choices,
    claims,
    exporting,
    operations,
    queries,
    settling_routes,
)
from marketplace.volunteering.hours.forms import (
    ClaimForm,
    FilterForm,
    HoursForm,
    PeopleForm,
    ProposeForm,
)
from marketplace.volunteering.hours.rules import FURTHEST_BACK, Side, Verb
from marketplace.volunteering.hours.settling_routes import MINE
from marketplace.volunteering.roles import queries as roles
from marketplace.volunteering.rules import duration_words
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]


# --- those of a roster


@post("/manage/shifts/{id:uuid}/hours", name="roster.confirm-all")
async def confirm_all(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Confirm all hours of a shift as they are proposed."""
    form = await Form.bind(request)
    home = f"/manage/shifts/{id}"
    confirmed = await operations.confirm_all(actor, id, once=form.once(home))
    people = "1 person" if confirmed == 1 else f"{confirmed} people"
    return redirect(request, home, notice=f"Hours confirmed for {people}.")


@post("/manage/bookings/{id:uuid}/hours", name="roster.confirm")
async def confirm(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Confirm the hours of one person."""
    form = await HoursForm.bind(request)
    shift_id = await operations.shift_of(actor, id)
    if form.data is not None:
        home = f"/manage/shifts/{shift_id}"
        with form.catching():
            await operations.confirm(actor, id, form.data.total(), once=form.once(home))
            return redirect(request, home, notice="Hours confirmed.")
    return await roster_page(request, actor, shift_id, form=form, booking_id=id)


# --- one's own


@get(MINE, name="hours.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show one's hours, what waits for one's word, and the totals."""
    found = await queries.mine(actor)
    return render(
        request,
        "volunteering/hours/mine.html",
        mine=found,
        total=duration_words(found.minutes),
        Side=Side,
    )


@get(f"{MINE}/new", name="hours.choose-role")
async def choose_role(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Ask which role the hours were given in."""
    return render(request, "volunteering/hours/choose.html", roles=await choices.roles_of(actor))


@get(f"{MINE}/new/{{role_id:uuid}}", name="hours.new")
async def new(request: Req, actor: NamedDependency[Actor], role_id: FromPath[UUID]) -> Page:
    """Show the form of a claim."""
    form = ClaimForm.blank({"day": clock.today()})
    return await _claim_page(request, role_id, form)


@post(f"{MINE}/new/{{role_id:uuid}}", name="hours.claim")
async def claim(request: Req, actor: NamedDependency[Actor], role_id: FromPath[UUID]) -> Page:
    """Claim hours in a role."""
    form = await ClaimForm.bind(request)
    if form.data is not None:
        given = form.data
        with form.catching():
            await claims.claim(
                actor, role_id, given.day, given.total(), given.note, once=form.once(MINE)
            )
            return redirect(request, MINE, notice="Added. The organisation has been asked.")
    return await _claim_page(request, role_id, form, status=422)


async def _claim_page(
    request: Req, role_id: UUID, form: Bound[ClaimForm], *, status: int = 200
) -> Page:
    return render(
        request,
        "volunteering/hours/claim.html",
        status=status,
        role=await roles.public(role_id),
        form=form,
        today=clock.today(),
        earliest=clock.today() - FURTHEST_BACK,
    )


# --- an organisation's


@get("/manage/{organisation_id:uuid}/hours", name="hours.manage")
async def manage(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show an organisation's hours, filtered, and their totals."""
    actor.require_to_know(Permission.CONFIRM_HOURS, organisation_id)
    form = FilterForm.read(request)
    if form.data is None:
        raise BadInput(f"{next(iter(form.errors.values()))}.")
    wanted, page = form.data.wanted(), form.data.page
    organisation = await workspace(actor, organisation_id)
    given = await claims.look(actor, organisation_id, wanted, page)
    return render(
        request,
        "volunteering/manage/hours.html",
        **shell(request, actor, organisation),
        given=given,
        form=form,
        total=duration_words(given.minutes),
        home=f"/manage/{organisation_id}/hours",
        page=page,
        pages=max(1, -(-given.count // queries.PAGE)),
        Side=Side,
        Verb=Verb,
    )


@get("/manage/{organisation_id:uuid}/hours.csv", name="hours.export")
async def export(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Stream:
    """Give an organisation's hours as a table for other programs."""
    actor.require_to_know(Permission.CONFIRM_HOURS, organisation_id)
    form = FilterForm.read(request)
    if form.data is None:
        raise BadInput(f"{next(iter(form.errors.values()))}.")
    await claims.note_look(actor, organisation_id)
    return Stream(
        exporting.hours(organisation_id, form.data.wanted()),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="hours-{clock.today()}.csv"'},
    )


@get("/manage/{organisation_id:uuid}/hours/new", name="hours.proposing")
async def proposing(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show the form to say how long somebody gave."""
    actor.require_to_know(Permission.CONFIRM_HOURS, organisation_id)
    return await _propose_page(
        request, actor, organisation_id, ProposeForm.blank({"day": clock.today()})
    )


@post("/manage/{organisation_id:uuid}/hours/new", name="hours.propose")
async def propose(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Say how long somebody gave; they are asked whether it is right."""
    actor.require_to_know(Permission.CONFIRM_HOURS, organisation_id)
    form = await ProposeForm.bind(request)
    home = f"/manage/{organisation_id}/hours"
    if form.data is not None:
        given = form.data
        with form.catching():
            await claims.propose(
                actor,
                organisation_id,
                given.person,
                given.role_id,
                given.day,
                given.total(),
                given.note,
                once=form.once(home),
            )
            return redirect(request, home, notice="Added. They are asked whether it is right.")
    return await _propose_page(request, actor, organisation_id, form, status=422)


async def _propose_page(
    request: Req,
    actor: Actor,
    organisation_id: UUID,
    form: Bound[ProposeForm],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, organisation_id)
    find = PeopleForm.read(request)
    people = await choices.people_here(actor, organisation_id, find.data.q if find.data else "")
    await claims.note_look(actor, organisation_id)
    return render(
        request,
        "volunteering/manage/hours_new.html",
        status=status,
        **shell(request, actor, organisation),
        form=form,
        find=find,
        home=f"/manage/{organisation_id}/hours",
        people=people[: choices.PEOPLE_SHOWN],
        more=len(people) > choices.PEOPLE_SHOWN,
        roles=[(role.id, role.what) for role in await choices.roles_here(organisation_id)],
        today=clock.today(),
        earliest=clock.today() - FURTHEST_BACK,
    )


HANDLERS: list[Any] = [
    confirm_all,
    confirm,
    mine,
    choose_role,
    new,
    claim,
    manage,
    export,
    proposing,
    propose,
    *settling_routes.HANDLERS,
]
