"""Hours: confirming those of a roster, claiming, agreeing and disputing, and the totals."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from marketplace import clock
from marketplace.errors import BadInput, NotFound
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.attendance.routes import roster_page
from marketplace.volunteering.hours import claims, exporting, operations, queries
from marketplace.volunteering.hours.forms import (
    ClaimForm,
    CorrectForm,
    DisputeForm,
    FilterForm,
    HoursForm,
    PeopleForm,
    ProposeForm,
)
from marketplace.volunteering.hours.queries import NO_SUCH, HoursView
from marketplace.volunteering.hours.rules import FURTHEST_BACK, Side, Verb
from marketplace.volunteering.rules import duration_words
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
MINE = "/my/hours"


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
    return render(request, "volunteering/hours/choose.html", roles=await queries.roles_of(actor))


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
        role=await queries.role(role_id),
        form=form,
        today=clock.today(),
        earliest=clock.today() - FURTHEST_BACK,
    )


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
    home = _home(organisation_id)
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
    people = await queries.people_here(actor, organisation_id, find.data.q if find.data else "")
    await claims.note_look(actor, organisation_id)
    return render(
        request,
        "volunteering/manage/hours_new.html",
        status=status,
        **shell(request, actor, organisation),
        form=form,
        find=find,
        home=_home(organisation_id),
        people=people[: queries.PEOPLE_SHOWN],
        more=len(people) > queries.PEOPLE_SHOWN,
        roles=[(role.id, role.what) for role in await queries.roles_here(organisation_id)],
        today=clock.today(),
        earliest=clock.today() - FURTHEST_BACK,
    )


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


# --- what both sides share; `organisation_id` None is the volunteer's side


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
    confirm_all,
    confirm,
    mine,
    choose_role,
    new,
    claim,
    own,
    own_agree,
    own_dispute,
    own_correct,
    own_withdraw,
    manage,
    export,
    proposing,
    propose,
    settling,
    agree,
    dispute,
    correct,
    withdraw,
]
