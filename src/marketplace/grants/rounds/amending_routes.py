"""The workspace's pages of changing a published round: its deadline, its words, its budget."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.grants.funds.manage_routes import SECTION
from marketplace.grants.rounds import amending, queries
from marketplace.grants.rounds.forms import CorrectionForm, ExtensionForm, correction, typed
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rounds.rules import FIXED, Part, Standing, changeable, why_not_extended
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render


@get("/manage/rounds/{id:uuid}/deadline", name="rounds.deadline")
async def deadline(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a later deadline."""
    round = await queries.to_manage(actor, id)
    form = ExtensionForm.blank({"deadline_time": round.deadline_local.time()})
    return await _deadline(request, actor, round, form)


@post("/manage/rounds/{id:uuid}/deadline", name="rounds.extend")
async def extend(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Move the deadline on."""
    round = await queries.to_manage(actor, id)
    form = await ExtensionForm.bind(request)
    if (said := form.data) is not None:
        home = f"/manage/rounds/{id}"
        with form.catching():
            await amending.extend(
                actor,
                id,
                said.deadline_day,
                said.deadline_time,
                said.reason,
                once=form.once(home),
            )
            return redirect(
                request, home, notice="Moved. Everybody who is applying is told by e-mail."
            )
    return await _deadline(request, actor, round, form, status=422)


async def _deadline(
    request: Request[Any, Any, Any],
    actor: Actor,
    round: RoundView,
    form: Bound[ExtensionForm],
    *,
    status: int = 200,
) -> Page:
    standing = Standing(round.state, round.deadline, await queries.judged(round.id))
    return render(
        request,
        "grants/manage/deadline.html",
        status=status,
        **shell(request, actor, await workspace(actor, round.organisation_id), current=SECTION),
        form=form,
        round=round,
        why_not=why_not_extended(standing, clock.now()),
        passed=clock.now() >= round.deadline,
    )


@get("/manage/rounds/{id:uuid}/correction", name="rounds.correction")
async def correction_page(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show what of a published round can be changed, and what not."""
    round = await queries.to_manage(actor, id)
    return await _correction(request, actor, round, CorrectionForm.blank(typed(round)))


@post("/manage/rounds/{id:uuid}/correction", name="rounds.correct")
async def correct(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Correct words, or raise the budget."""
    round = await queries.to_manage(actor, id)
    form = await CorrectionForm.bind(request)
    if form.data is not None:
        home = f"/manage/rounds/{id}"
        with form.catching():
            changed = await amending.correct(actor, id, correction(form), once=form.once(home))
            notice = "Saved. The fund’s page says what changed." if changed else "Nothing changed."
            return redirect(request, home, notice=notice)
    return await _correction(request, actor, round, form, status=422)


async def _correction(
    request: Request[Any, Any, Any],
    actor: Actor,
    round: RoundView,
    form: Bound[CorrectionForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "grants/manage/correction.html",
        status=status,
        **shell(request, actor, await workspace(actor, round.organisation_id), current=SECTION),
        form=form,
        round=round,
        parts=changeable(round.state),
        fixed=FIXED,
        Part=Part,
    )


HANDLERS: list[Any] = [deadline, extend, correction_page, correct]
