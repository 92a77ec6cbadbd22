"""Reporting a message, and the moderators' pages of reports."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.messages.reports import operations, queries
from marketplace.messages.reports.forms import OutcomeForm, QueueForm, ReportForm
from marketplace.messages.rules import REASONS, ReportState, Side
from marketplace.permissions import Actor
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
_TABS = ((ReportState.OPEN, "Open"), (ReportState.DEALT_WITH, "Dealt with"))


@get("/messages/{message_id:uuid}/report", name="reports.new")
async def new(request: Req, actor: NamedDependency[Actor], message_id: FromPath[UUID]) -> Page:
    """Ask what is wrong with a message."""
    found = await queries.reportable(actor, message_id)
    return _new(request, found, ReportForm.blank())


@post("/messages/{message_id:uuid}/report", name="reports.report", status_code=200)
async def report(request: Req, actor: NamedDependency[Actor], message_id: FromPath[UUID]) -> Page:
    """Show a message to the moderators."""
    found = await queries.reportable(actor, message_id)
    form = await ReportForm.bind(request)
    if form.data is None:
        return _new(request, found, form, status=422)
    await operations.report(
        actor, message_id, form.data.reason, form.data.note, once=form.once(found.back)
    )
    return redirect(request, found.back, notice="Reported. A moderator will look at it.")


def _new(
    request: Req, found: queries.Reportable, form: Bound[ReportForm], *, status: int = 200
) -> Page:
    return render(
        request, "messages/report.html", status=status, message=found, form=form, reasons=REASONS
    )


@get("/moderation/reports", name="reports.queue")
async def queue(request: Req, actor: NamedDependency[Actor]) -> Page:
    """List what people reported."""
    asked = QueueForm.read(request).data or QueueForm()
    return render(
        request,
        "messages/moderation/queue.html",
        queue=await queries.queue(actor, asked.state, asked.page),
        state=asked.state,
        tabs=_TABS,
        reasons=dict(REASONS),
        OPEN=ReportState.OPEN,
    )


@get("/moderation/reports/{report_id:uuid}", name="reports.show")
async def show(request: Req, actor: NamedDependency[Actor], report_id: FromPath[UUID]) -> Page:
    """Show one report."""
    return await _show(request, actor, report_id, OutcomeForm.blank())


@post("/moderation/reports/{report_id:uuid}", name="reports.deal_with", status_code=200)
async def deal_with(request: Req, actor: NamedDependency[Actor], report_id: FromPath[UUID]) -> Page:
    """Note what was done about it."""
    await queries.report(actor, report_id)
    form = await OutcomeForm.bind(request)
    if form.data is None:
        return await _show(request, actor, report_id, form, status=422)
    await operations.deal_with(
        actor,
        report_id,
        form.data.outcome,
        take_down=form.data.take_down,
        once=form.once("/moderation/reports"),
    )
    return redirect(request, "/moderation/reports", notice="The report is dealt with.")


async def _show(
    request: Req, actor: Actor, id: UUID, form: Bound[OutcomeForm], *, status: int = 200
) -> Page:
    found = await queries.report(actor, id)
    return render(
        request,
        "messages/moderation/report.html",
        status=status,
        report=found,
        form=form,
        reasons=dict(REASONS),
        conflict=queries.has_a_stake(actor, found),
        OPEN=ReportState.OPEN,
        Side=Side,
    )


HANDLERS: list[Any] = [new, report, queue, show, deal_with]
