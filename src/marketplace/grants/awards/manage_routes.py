"""The workspace's pages of decisions: the ranked list, one application, and the release."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import money
from marketplace.grants.assessment import operations as assessment
from marketplace.grants.assessment.forms import TiesForm
from marketplace.grants.assessment.routes import ties_page
from marketplace.grants.assessment.rules import percent
from marketplace.grants.awards import operations, queries
from marketplace.grants.awards.forms import AwardForm, DeclineForm, proposed
from marketplace.grants.awards.queries import Board
from marketplace.grants.awards.rules import MOST_NOTE, MOST_TITLE, Outcome, amount_problem
from marketplace.grants.funds.manage_routes import SECTION
from marketplace.grants.rules import RoundState
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

HOME = "/manage/{organisation_id:uuid}/rounds/{round_id:uuid}"


def _home(organisation_id: UUID, round_id: UUID) -> str:
    return f"/manage/{organisation_id}/rounds/{round_id}/decision"


@get(f"{HOME}/decision", name="decision.board")
async def board(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
) -> Page:
    """Rank the applications of a round, beside its budget."""
    found = await queries.board(actor, organisation_id, round_id)
    if found.undeclared:
        form = TiesForm.blank({"next": request.url.path})
        return await ties_page(request, actor, round_id, found.undeclared, form)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "grants/awards/board.html",
        **shell(request, actor, organisation, current=SECTION),
        board=found,
        round=found.round,
        home=_home(organisation_id, round_id),
        percent=percent,
        State=RoundState,
        Outcome=Outcome,
    )


@get(f"{HOME}/decision/{{application_id:uuid}}", name="decision.show")
async def show(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
    application_id: FromPath[UUID],
) -> Page:
    """Show what the assessors said of one application, and decide."""
    return await _page(request, actor, organisation_id, round_id, application_id)


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation_id: UUID,
    round_id: UUID,
    application_id: UUID,
    *,
    award_form: Bound[AwardForm] | None = None,
    decline_form: Bound[DeclineForm] | None = None,
) -> Page:
    found = await queries.board(actor, organisation_id, round_id)
    if found.undeclared:
        return redirect(request, _home(organisation_id, round_id))
    row = found.row(application_id)
    organisation = await workspace(actor, organisation_id)
    wrong = award_form or decline_form
    return render(
        request,
        "grants/awards/decide.html",
        status=422 if wrong else 200,
        **shell(request, actor, organisation, current=SECTION),
        board=found,
        round=found.round,
        row=row,
        form=wrong,
        award_form=award_form or AwardForm.blank(proposed(row, found.round)),
        decline_form=decline_form or DeclineForm.blank(),
        home=_home(organisation_id, round_id),
        percent=percent,
        may_decide=found.round.state is RoundState.ASSESSING and not row.decided,
        most_title=MOST_TITLE,
        most_note=MOST_NOTE,
        State=RoundState,
        Outcome=Outcome,
    )


async def _seen(actor: Actor, organisation_id: UUID, round_id: UUID, application_id: UUID) -> Board:
    """Refuse whoever may not decide before their form is looked at."""
    found = await queries.board(actor, organisation_id, round_id)
    found.row(application_id)
    return found


@post(f"{HOME}/decision/{{application_id:uuid}}/award", name="decision.award")
async def award(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
    application_id: FromPath[UUID],
) -> Page:
    """Decide to award."""
    found = await _seen(actor, organisation_id, round_id, application_id)
    form = await AwardForm.bind(request)
    # Also where something else is wrong, so that all is said at once.
    amount = money.parse(form.value("amount"))
    limits = queries.limits_of(found, found.row(application_id))
    if amount is not None and (problem := amount_problem(amount, limits)):
        form.errors.setdefault("amount", problem)
    if form.data is not None and not form.errors:
        home = _home(organisation_id, round_id)
        with form.catching():
            grant = form.data.grant()
            await operations.award(
                actor, organisation_id, round_id, application_id, grant, once=form.once(home)
            )
            return redirect(
                request,
                home,
                notice=f"{money.pounds(grant.amount)} set aside. Nobody is told before you"
                " release the decisions.",
            )
    return await _page(request, actor, organisation_id, round_id, application_id, award_form=form)


@post(f"{HOME}/decision/{{application_id:uuid}}/refusal", name="decision.decline")
async def decline(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
    application_id: FromPath[UUID],
) -> Page:
    """Decide not to award."""
    await _seen(actor, organisation_id, round_id, application_id)
    form = await DeclineForm.bind(request)
    if form.data is not None:
        home = _home(organisation_id, round_id)
        with form.catching():
            await operations.decline(
                actor,
                organisation_id,
                round_id,
                application_id,
                form.data.reason,
                once=form.once(home),
            )
            return redirect(
                request, home, notice="Declined. Nobody is told before you release the decisions."
            )
    return await _page(request, actor, organisation_id, round_id, application_id, decline_form=form)


@post(f"{HOME}/decision/{{application_id:uuid}}/withdrawal", name="decision.take-back")
async def take_back(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
    application_id: FromPath[UUID],
) -> Page:
    """Undo a decision nobody outside knows of."""
    await _seen(actor, organisation_id, round_id, application_id)
    form = await Form.bind(request)
    home = f"{_home(organisation_id, round_id)}/{application_id}"
    await operations.take_back(
        actor, organisation_id, round_id, application_id, once=form.once(home)
    )
    return redirect(request, home, notice="Taken back. You can decide again.")


@post(
    f"{HOME}/decision/{{application_id:uuid}}/assessments/{{person_id:uuid}}/reopening",
    name="decision.reopen",
)
async def reopen(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
    application_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Let an assessor change what they finished."""
    await _seen(actor, organisation_id, round_id, application_id)
    form = await Form.bind(request)
    home = f"{_home(organisation_id, round_id)}/{application_id}"
    await assessment.reopen(actor, application_id, person_id, once=form.once(home))
    return redirect(request, home, notice="Open again. It counts once they finish it.")


@get(f"{HOME}/release", name="decision.release-page")
async def release_page(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
) -> Page:
    """Say who would be told what, and ask once."""
    found = await queries.board(actor, organisation_id, round_id)
    if found.undeclared:
        return redirect(request, _home(organisation_id, round_id))
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "grants/awards/release.html",
        **shell(request, actor, organisation, current=SECTION),
        board=found,
        round=found.round,
        home=_home(organisation_id, round_id),
        Outcome=Outcome,
        State=RoundState,
    )


@post(f"{HOME}/release", name="decision.release")
async def release(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    round_id: FromPath[UUID],
) -> Page:
    """Tell everybody, and publish."""
    await queries.board(actor, organisation_id, round_id)
    form = await Form.bind(request)
    home = _home(organisation_id, round_id)
    await operations.release(actor, organisation_id, round_id, once=form.once(home))
    return redirect(request, home, notice="Released. The applicants are being told by e-mail.")


HANDLERS: list[Any] = [
    board,
    show,
    award,
    decline,
    take_back,
    reopen,
    release_page,
    release,
]
