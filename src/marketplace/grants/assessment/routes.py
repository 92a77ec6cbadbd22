"""An assessor's pages: what waits, saying who they have a tie to, and one application."""

from collections.abc import Set
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.errors import Conflict, NotFound
from marketplace.grants.assessment import operations, queries
from marketplace.grants.assessment.forms import (
    TIE_CHOICES,
    TIE_OPTIONS,
    VERSION,
    SheetForm,
    TieForm,
    TiesForm,
    read_sheet,
    read_tie,
    read_ties,
    seen,
    typed_sheet,
)
from marketplace.grants.assessment.queries import Applicant, Judgement, Reading
from marketplace.grants.assessment.rules import Sheet, differing, percent, unfinished
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rules import AssessmentState, RoundState
from marketplace.ids import new_id
from marketplace.permissions import Actor, OrgRole
from marketplace.web.forms import Bound
from marketplace.web.render import NavItem, Page, redirect, render, safe_next

ANOTHER = "another page of yours saved something else. Choose one, or put them together"


@get("/assess", name="assess.list")
async def index(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """List what waits for this assessor, by round."""
    return render(
        request,
        "grants/assessment/desk.html",
        desks=await queries.desks(actor),
        State=RoundState,
    )


# --- ties


async def _round_to_declare(actor: Actor, round_id: UUID) -> list[Applicant]:
    if not await queries.may_read_round(actor, round_id):
        raise NotFound(rounds.NO_SUCH)
    return await queries.undeclared(actor, round_id)


@get("/assess/rounds/{round_id:uuid}/ties", name="assess.ties")
async def ties(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], round_id: FromPath[UUID]
) -> Page:
    """Ask about all applicants of a round that somebody said nothing about yet."""
    applicants = await _round_to_declare(actor, round_id)
    if not applicants:
        return redirect(request, "/assess")
    return await ties_page(request, actor, round_id, applicants, TiesForm.blank())


async def ties_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    round_id: UUID,
    applicants: list[Applicant],
    form: Bound[TiesForm],
    *,
    status: int = 200,
) -> Page:
    """Show the question that comes before everything else."""
    return render(
        request,
        "grants/assessment/ties.html",
        status=status,
        round=await rounds.round(actor, round_id),
        applicants=applicants,
        form=form,
        options=TIE_OPTIONS,
    )


@post("/assess/rounds/{round_id:uuid}/ties", name="assess.declare-many")
async def declare_many(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], round_id: FromPath[UUID]
) -> Page:
    """Write down what somebody said of several applicants."""
    applicants = await _round_to_declare(actor, round_id)
    form = await TiesForm.bind(request)
    home = safe_next(form.value("next"), "/assess")
    with form.catching():
        said = read_ties(form, [each.application_id for each in applicants])
        if not form.errors:
            found = await operations.declare(actor, round_id, said, once=form.once(home))
            return redirect(request, home, notice=_thanks(found))
    return await ties_page(request, actor, round_id, applicants, form, status=422)


def _thanks(found: int) -> str:
    if not found:
        return "Thank you. You can read these applications now."
    hidden = "that application" if found == 1 else f"those {found} applications"
    return f"Thank you. You will not see {hidden} again; the others assess without you."


# --- one application


@get("/assess/{application_id:uuid}", name="assess.show")
async def show(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    application_id: FromPath[UUID],
) -> Page:
    """Ask about a tie first; show the application and take points after that."""
    reading = await queries.reading(actor, application_id)
    if not reading.declared:
        return _declaration(request, reading, TieForm.blank())
    mine = reading.mine
    form = SheetForm.blank(typed_sheet(mine.sheet, mine.comment, mine.version) if mine else {})
    return _page(request, reading, form)


def _declaration(
    request: Request[Any, Any, Any], reading: Reading, form: Bound[TieForm], *, status: int = 200
) -> Page:
    return render(
        request,
        "grants/assessment/declaration.html",
        status=status,
        reading=reading,
        form=form,
        choices=TIE_CHOICES,
    )


def _page(
    request: Request[Any, Any, Any],
    reading: Reading,
    form: Bound[SheetForm],
    *,
    status: int = 200,
    unsaved: str = "",
    typed: Judgement | None = None,
    differ: Set[UUID] = frozenset(),
) -> Page:
    return render(
        request,
        "grants/assessment/application.html",
        status=status,
        reading=reading,
        form=form,
        percent=percent,
        choices=TIE_CHOICES[1:],
        State=RoundState,
        unsaved=unsaved,
        typed=typed,
        differ=differ,
    )


@post("/assess/{application_id:uuid}/declaration", name="assess.declare")
async def declare(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    application_id: FromPath[UUID],
) -> Page:
    """Write down whether somebody has a tie to this applicant."""
    reading = await queries.reading(actor, application_id)
    form = await TieForm.bind(request)
    home = f"/assess/{application_id}"
    with form.catching():
        tie = read_tie(form)
        said = {application_id: tie}
        if tie is not None:
            home = "/assess"
        await operations.declare(actor, reading.round.id, said, once=form.once(home))
        return redirect(request, home, notice=_thanks(1) if tie else None)
    return _declaration(request, reading, form, status=422)


@post("/assess/{application_id:uuid}", name="assess.save")
async def save(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    application_id: FromPath[UUID],
) -> Page:
    """Keep points and reasons, or finish."""
    reading = await queries.reading(actor, application_id)
    if not reading.declared:
        raise NotFound(queries.NO_SUCH)
    form = await SheetForm.bind(request)
    sheet = read_sheet(form, reading.criteria)
    if form.data is not None and form.data.finish:
        for field, sentence in unfinished(reading.criteria, sheet).items():
            form.errors.setdefault(field, sentence)
    if form.data is not None and not form.errors:
        finish = form.data.finish
        home = "/assess" if finish else f"/assess/{application_id}"
        try:
            with form.catching():
                await operations.save(
                    actor,
                    application_id,
                    sheet,
                    seen=seen(form),
                    comment=form.data.comment,
                    finish=finish,
                    once=form.once(home),
                )
                done = f"Finished: {reading.applicant}." if finish else "Saved."
                return redirect(request, home, notice=done)
        except Conflict as refused:
            # Another page of theirs, or somebody else, was quicker: what was typed is shown again.
            now = await queries.reading(actor, application_id)
            return _again(request, now, form, sheet, refused.message)
    return _page(request, reading, form, status=422)


def _again(
    request: Request[Any, Any, Any],
    reading: Reading,
    form: Bound[SheetForm],
    sheet: Sheet,
    unsaved: str,
) -> Page:
    """Show what was typed beside what is saved; whoever saves from here has seen both."""
    mine, comment = reading.mine, form.data.comment if form.data else ""
    stored = mine.sheet if mine else {}
    differ = differing(reading.criteria, sheet, stored)
    for criterion in reading.criteria:
        if criterion.id in differ:
            form.refuse(f"points-{criterion.id}", f"{criterion.label}: {ANOTHER}")
    if comment != (mine.comment if mine else ""):
        form.refuse("comment", f"Anything else: {ANOTHER}")
    form.raw[VERSION] = [str(mine.version if mine else 0)]
    form.key = str(new_id())
    return _page(
        request,
        reading,
        form,
        status=409,
        unsaved=unsaved,
        typed=Judgement(
            person_id=new_id(),
            name="typed",
            state=AssessmentState.STARTED,
            sheet=sheet,
            comment=comment,
        ),
        differ=differ,
    )


_ASSESS = frozenset({OrgRole.ASSESSOR, OrgRole.GRANTS_OFFICER})
NAV: list[NavItem] = [
    NavItem(
        "Assess", "/assess", shown=lambda actor: not _ASSESS.isdisjoint(actor.memberships.values())
    ),
]
HANDLERS: list[Any] = [index, ties, declare_many, show, declare, save]
