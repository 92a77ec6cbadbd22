"""The workspace's pages of series: changing and cancelling this and following, or all."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.series import operations, queries
from marketplace.volunteering.series.forms import (
    DAYS,
    DECISION,
    ENDS,
    EVERY,
    NewSeriesForm,
    RepeatForm,
    decisions,
    kept,
    typed,
)
from marketplace.volunteering.series.operations import Undecided
from marketplace.volunteering.series.queries import SeriesView
from marketplace.volunteering.series.steps import Outcome
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.forms import RoleChoice
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


@get("/manage/opportunities/{id:uuid}/series", name="series.new")
async def new(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a new series, with what its role wants."""
    opportunity = await opportunities.to_manage(actor, id)
    asked = RoleChoice.read(request).data
    roles = await opportunities.roles(id)
    role = next((each for each in roles if asked and each.id == asked.role), roles[0])
    form = NewSeriesForm.blank(
        {
            "role": role.id,
            "places": role.wanted,
            "least_needed": role.least_needed,
            "every": "week",
            "ends": "never",
        }
    )
    return await _form(request, actor, None, opportunity, form)


@post("/manage/opportunities/{id:uuid}/series", name="series.plan")
async def plan(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Plan a series and its shifts of the coming weeks."""
    form = await NewSeriesForm.bind(request)
    opportunity = await opportunities.to_manage(actor, id)
    if (data := form.data) is not None:
        home = f"/manage/opportunities/{id}"
        with form.catching():
            _, made = await operations.plan(
                actor, id, data.day, data.terms(data.day), role=data.role, once=form.once(home)
            )
            notice = f"Planned: {_shifts(made, 'added')}."
            if not data.until:
                notice += " Further ones are added as the weeks pass."
            return redirect(request, home, notice=notice)
    return await _form(request, actor, None, opportunity, form, status=422)


@get("/manage/series/{id:uuid}/edit", name="series.edit")
async def edit(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of all that lies ahead of a series."""
    series, opportunity = await queries.to_manage(actor, id)
    return await _form(request, actor, series, opportunity, RepeatForm.blank(typed(series)))


@post("/manage/series/{id:uuid}/edit", name="series.change")
async def change(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Change all that lies ahead of a series."""
    form = await RepeatForm.bind(request)
    series, opportunity = await queries.to_manage(actor, id)
    return await _change(request, actor, series, opportunity, form)


@get("/manage/shifts/{id:uuid}/following", name="series.edit-following")
async def edit_following(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a shift and those that follow it."""
    series, opportunity, shift = await _of(actor, id)
    form = RepeatForm.blank(typed(series))
    return await _form(request, actor, series, opportunity, form, shift=shift)


@post("/manage/shifts/{id:uuid}/following", name="series.change-following")
async def change_following(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Change a shift and those that follow it."""
    form = await RepeatForm.bind(request)
    series, opportunity, shift = await _of(actor, id)
    return await _change(request, actor, series, opportunity, form, shift=shift)


async def _of(actor: Actor, shift_id: UUID) -> tuple[SeriesView, OpportunityView, ShiftView]:
    shift, opportunity = await shifts.to_manage(actor, shift_id)
    series, _ = await operations.of_shift(actor, shift_id)
    return series, opportunity, shift


async def _change(
    request: Request[Any, Any, Any],
    actor: Actor,
    series: SeriesView,
    opportunity: OpportunityView,
    form: Bound[RepeatForm],
    *,
    shift: ShiftView | None = None,
) -> Page:
    if form.data is not None:
        home = f"/manage/opportunities/{opportunity.id}"
        made = decisions(form)
        try:
            with form.catching():
                outcome = await operations.change(
                    actor,
                    series.id,
                    form.data.terms(),
                    since=shift.id if shift else None,
                    decisions=made,
                    once=form.once(home),
                )
                home = doubts.page(opportunity.organisation_id) if outcome.unfit else home
                saved = f"Saved. {_words(outcome)}".strip()
                return redirect(request, home, notice=doubts.notice(saved, outcome.unfit))
        except Undecided as undecided:
            return await _decide(request, actor, series, opportunity, form, undecided, shift=shift)
    return await _form(request, actor, series, opportunity, form, shift=shift, status=422)


async def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    series: SeriesView | None,
    opportunity: OpportunityView,
    form: Bound[Any],
    *,
    shift: ShiftView | None = None,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/manage/series.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        series=series,
        shift=shift,
        form=form,
        roles=[] if series else await opportunities.roles(opportunity.id),
        every=EVERY,
        days=DAYS,
        ends=ENDS,
    )


async def _decide(
    request: Request[Any, Any, Any],
    actor: Actor,
    series: SeriesView,
    opportunity: OpportunityView,
    form: Bound[Any],
    undecided: Undecided,
    *,
    shift: ShiftView | None = None,
    ending: bool = False,
) -> Page:
    """List what people booked, each with what can become of it."""
    made = decisions(form)
    refused = undecided.refused
    if refused and refused.field:
        form.refuse(refused.field, refused.message)
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/manage/decide.html",
        # Not now: nothing is done before somebody decided.
        status=409,
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        series=series,
        shift=shift,
        form=form,
        affected=undecided.affected,
        made={id: decision.value for id, decision in made.items()},
        kept=kept(form),
        field=DECISION,
        ending=ending,
        again=bool(made) and not refused,
    )


@get("/manage/series/{id:uuid}/cancellation", name="series.cancellation")
async def cancellation(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say what cancelling all that lies ahead of a series would do."""
    series, opportunity = await queries.to_manage(actor, id)
    return await _cancellation(request, actor, series, opportunity)


@post("/manage/series/{id:uuid}/cancellation", name="series.end")
async def end(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Cancel all that lies ahead of a series."""
    form = await Form.bind(request)
    series, opportunity = await queries.to_manage(actor, id)
    return await _end(request, actor, series, opportunity, form)


@get("/manage/shifts/{id:uuid}/following/cancellation", name="series.cancellation-following")
async def cancellation_following(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say what cancelling a shift and those that follow it would do."""
    series, opportunity, shift = await _of(actor, id)
    return await _cancellation(request, actor, series, opportunity, shift=shift)


@post("/manage/shifts/{id:uuid}/following/cancellation", name="series.end-following")
async def end_following(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Cancel a shift and those that follow it."""
    form = await Form.bind(request)
    series, opportunity, shift = await _of(actor, id)
    return await _end(request, actor, series, opportunity, form, shift=shift)


async def _cancellation(
    request: Request[Any, Any, Any],
    actor: Actor,
    series: SeriesView,
    opportunity: OpportunityView,
    *,
    shift: ShiftView | None = None,
) -> Page:
    organisation = await workspace(actor, opportunity.organisation_id)
    ahead = await queries.ahead(series.id, shift.series_start if shift else None)
    planned = [row for row in ahead if row.state.value == "planned"]
    return render(
        request,
        "volunteering/manage/series_end.html",
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        series=series,
        shift=shift,
        free=sum(not row.booked for row in planned),
        booked=sum(row.booked for row in planned),
    )


async def _end(
    request: Request[Any, Any, Any],
    actor: Actor,
    series: SeriesView,
    opportunity: OpportunityView,
    form: Bound[Form],
    *,
    shift: ShiftView | None = None,
) -> Page:
    home = f"/manage/opportunities/{opportunity.id}"
    try:
        outcome = await operations.end(
            actor,
            series.id,
            since=shift.id if shift else None,
            decisions=decisions(form),
            once=form.once(home),
        )
    except Undecided as undecided:
        return await _decide(
            request, actor, series, opportunity, form, undecided, shift=shift, ending=True
        )
    return redirect(request, home, notice=f"Cancelled. {_words(outcome)}".strip())


def _words(outcome: Outcome) -> str:
    """Say in a sentence or two what was done."""
    done = [
        _shifts(number, words)
        for number, words in (
            (outcome.changed, "changed"),
            (outcome.added, "added"),
            (outcome.removed, "taken down"),
            (outcome.kept, "kept as it is"),
        )
        if number
    ]
    said = f"{', '.join(done)}." if done else ""
    if outcome.told:
        people = "person is" if outcome.told == 1 else "people are"
        said += f" {outcome.told} {people} told by e-mail."
    return said


def _shifts(number: int, words: str) -> str:
    if words == "kept as it is" and number != 1:
        words = "kept as they are"
    return f"{number} shift{'' if number == 1 else 's'} {words}"


HANDLERS: list[Any] = [
    new,
    plan,
    edit,
    change,
    edit_following,
    change_following,
    cancellation,
    end,
    cancellation_following,
    end_following,
]
