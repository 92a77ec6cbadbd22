"""Answering: all questions on one page or one at a time, saved while people write."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.accounts.queries import names
from marketplace.errors import NotFound
from marketplace.grants.applications import operations, queries
from marketplace.grants.applications.forms import Sheet, again_name, sent, sheet, sheet_again
from marketplace.grants.applications.operations import Sent, unkept
from marketplace.grants.applications.queries import ApplicationView
from marketplace.grants.applications.routes import SECTION
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import Phase
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.questions.operations import Saved
from marketplace.questions.rules import Asked, Stored
from marketplace.web.forms import Bound, Form
from marketplace.web.gate import received_at
from marketplace.web.render import Page, redirect, render

PAGE = "grants/applications/answer.html"
FIELD = "grants/applications/_answer.html"
STATE = "grants/applications/_state.html"


@get("/applications/{id:uuid}/answers", name="applications.answers")
async def every(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show all questions on one page."""
    application = await queries.to_write(actor, id)
    if not application.draft:
        return redirect(request, f"/applications/{id}")
    round = await rounds.asked_in(application.round_id)
    return await _page(request, actor, application, round, await _first(id, round, round.questions))


@post("/applications/{id:uuid}/answers", name="applications.save")
async def save_every(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Save all answers of a page."""
    application = await queries.to_write(actor, id)
    form = await Form.bind(request)
    round = await rounds.asked_in(application.round_id)
    received = received_at(request)
    _, again = await _save(actor, id, form, round.questions, request)
    if again is not None:
        return await _page(request, actor, application, round, again, status=409)
    if form.value("then") == "check":
        return redirect(request, f"/applications/{id}/check")
    return redirect(
        request, f"/applications/{id}/answers", notice=f"Saved at {clock.time_words(received)}."
    )


@get("/applications/{id:uuid}/answers/{asked_id:uuid}", name="applications.answer")
async def one(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    asked_id: FromPath[UUID],
) -> Page:
    """Show one question."""
    application = await queries.to_write(actor, id)
    if not application.draft:
        return redirect(request, f"/applications/{id}")
    round = await rounds.asked_in(application.round_id)
    asked = _asked(round, asked_id)
    return await _page(
        request, actor, application, round, await _first(id, round, [asked]), only=asked
    )


@post("/applications/{id:uuid}/answers/{asked_id:uuid}", name="applications.save-answer")
async def save_one(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    asked_id: FromPath[UUID],
) -> Page:
    """Save one answer: while it is written, or to go on to the next question."""
    application = await queries.to_write(actor, id)
    form = await Form.bind(request)
    round = await rounds.asked_in(application.round_id)
    asked = _asked(round, asked_id)
    saved, again = await _save(actor, id, form, [asked], request)
    if request.headers.get("hx-request-type") == "partial":
        stood = bool(form.value(again_name(asked_id)))
        return _part(request, application, round, asked, saved.get(asked_id), again, whole=stood)
    if again is not None:
        return await _page(request, actor, application, round, again, only=asked, status=409)
    order = [each.id for each in round.questions]
    later = order[order.index(asked_id) + 1 :]
    if form.value("then") == "list" or not later:
        return redirect(request, f"/applications/{id}", notice="Saved.")
    return redirect(request, f"/applications/{id}/answers/{later[0]}", notice="Saved.")


async def _save(
    actor: Actor,
    id: UUID,
    form: Bound[Form],
    questions: Sequence[Asked],
    request: Request[Any, Any, Any],
) -> tuple[dict[UUID, Saved], Sheet | None]:
    """Save what a page sent; give the page again where not all of it could be saved."""
    answers = sent(form.raw, questions)
    saved = await operations.save(actor, id, answers, received=received_at(request))
    bad = _unkept(answers)
    if not bad and not any(each.clash for each in saved.values()):
        return saved, None
    return saved, sheet_again(form, questions, saved, bad, await _names(_stored(saved)))


def _unkept(answers: Sequence[Sent]) -> dict[UUID, str]:
    return {each.question_id: why for each in answers if (why := unkept(each)) is not None}


def _stored(saved: Mapping[UUID, Saved]) -> dict[UUID, Stored]:
    return {id: each.stored for id, each in saved.items()}


async def _names(answers: Mapping[UUID, Stored]) -> dict[UUID, str]:
    people = {each.answered_by for each in answers.values() if each.answered_by}
    return await names(sorted(people)) if people else {}


async def _first(id: UUID, round: RoundView, questions: Sequence[Asked]) -> Sheet:
    answers = await queries.answers(id)
    return sheet(questions, answers, await _names(answers), operations.problems(round, answers))


def _part(
    request: Request[Any, Any, Any],
    application: ApplicationView,
    round: RoundView,
    asked: Asked,
    saved: Saved | None,
    again: Sheet | None,
    *,
    whole: bool,
) -> Page:
    """Answer an autosave: when it was saved, or the question again with what stands in it now.

    `whole` where the page shows an error that may be gone now.
    """
    stored = {asked.id: saved.stored} if saved else {}
    shown = again or sheet([asked], stored, {}, operations.problems(round, stored))
    same = saved is None or saved.stored.value == saved.typed
    if again is None and same and not whole:
        return render(request, PAGE, fragment=STATE, field=shown.fields[0])
    page = render(
        request,
        PAGE,
        fragment=FIELD,
        status=200 if again is None else 409 if shown.fields[0].theirs is not None else 422,
        application=application,
        field=shown.fields[0],
        form=shown.form,
    )
    page.headers |= {"HX-Retarget": f"#field-{asked.id}", "HX-Reswap": "outerHTML"}
    return page


def _asked(round: RoundView, id: UUID) -> Asked:
    for asked in round.questions:
        if asked.id == id:
            return asked
    raise NotFound("This question is no longer asked.")


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    application: ApplicationView,
    round: RoundView,
    shown: Sheet,
    *,
    only: Asked | None = None,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, application.organisation_id)
    order = [asked.id for asked in round.questions]
    return render(
        request,
        PAGE if only else "grants/applications/answers.html",
        fragment=FIELD if only else None,
        field=shown.fields[0],
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        application=application,
        round=round,
        phase=round.phase(clock.now()),
        sheet=shown,
        form=shown.form,
        number=order.index(only.id) + 1 if only else 0,
        before=order[order.index(only.id) - 1] if only and order.index(only.id) else None,
        last=bool(only) and order[-1] == only.id,
        Phase=Phase,
    )


HANDLERS: list[Any] = [every, save_every, one, save_one]
