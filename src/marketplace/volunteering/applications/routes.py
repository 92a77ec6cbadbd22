"""Applying for a role, with or without an account, and one's own applications."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, settings
from marketplace.accounts.queries import contact
from marketplace.accounts.sessions import hash_of, new_token
from marketplace.permissions import Actor
from marketplace.questions.rules import Asked
from marketplace.signing import LinkBroken, LinkExpired, sign, unsign
from marketplace.volunteering.applications import operations, queries, sent
from marketplace.volunteering.applications.forms import (
    ApplicationForm,
    Asking,
    answers,
    as_typed,
    refuse_gaps,
)
from marketplace.volunteering.applications.operations import Typed
from marketplace.volunteering.applications.queries import Draft, Screened
from marketplace.volunteering.applications.rules import (
    DRAFT_LINK,
    VISITORS_DRAFT,
    ApplicationState,
    Outcome,
    RefereeState,
    misnamed,
    unfinished,
)
from marketplace.web.client import client_address
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

MINE = "/my/applications"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def _cookie_name() -> str:
    return "__Host-application" if settings.current().secure else "application"


def _token(cookies: Mapping[str, str]) -> str:
    kept = cookies.get(_cookie_name(), "")
    return kept if _TOKEN.fullmatch(kept) else ""


def _remember(page: Page, token: str) -> Page:
    """Have the browser of a visitor keep the token of what they typed."""
    if token:
        page.set_cookie(
            Cookie(
                key=_cookie_name(),
                value=token,
                path="/",
                max_age=int(VISITORS_DRAFT.total_seconds()),
                secure=settings.current().secure,
                httponly=True,
                samesite="lax",
            )
        )
    return page


async def adopt_drafts(person_id: UUID, onward: str, cookies: Mapping[str, str]) -> None:
    """Hand what a visitor typed to whoever they turn out to be."""
    token = _token(cookies)
    named = parse_qs(urlsplit(onward).query).get("draft", [""])[-1]
    draft_id = None
    if named:
        with suppress(LinkExpired, LinkBroken):
            draft_id = unsign(DRAFT_LINK, named, within=VISITORS_DRAFT).id
    if token or draft_id:
        await operations.adopt(person_id, token=token, draft_id=draft_id)


@get(
    "/opportunities/{id:uuid}/roles/{role_id:uuid}/application",
    name="role-applications.new",
    opt=PUBLIC,
)
async def new(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    role_id: FromPath[UUID],
) -> Page:
    """Show what a role asks, with what was typed before."""
    role = await queries.to_apply(id, role_id)
    if there := await _applied(actor, role):
        return redirect(request, there)
    questions = await queries.asked(role_id)
    draft = await _draft(request, actor, role_id)
    remembered = await queries.remembered(actor.person_id, role_id) if actor.person_id else {}
    form, fields = as_typed(questions, draft, remembered)
    page = _sheet(request, role, form, fields, draft)
    # Before anything is kept, so that two presses of the button keep one draft.
    return page if actor.signed_in else _remember(page, _token(request.cookies) or new_token())


@post(
    "/opportunities/{id:uuid}/roles/{role_id:uuid}/application",
    name="role-applications.keep",
    opt=PUBLIC,
)
async def keep(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    role_id: FromPath[UUID],
) -> Page:
    """Keep what was typed, whatever is missing, and go on once nothing is."""
    role = await queries.to_apply(id, role_id)
    if there := await _applied(actor, role):
        return redirect(request, there)
    form = await ApplicationForm.bind(request)
    questions = await queries.asked(role_id)
    given, fine = answers(form, questions)
    later = form.value("then") == "later"
    token = await operations.keep(
        actor,
        role,
        Typed(
            answers=given,
            referees=form.data.named(role.references_wanted) if form.data else None,
        ),
        token=_token(request.cookies),
        client=client_address(request),
    )
    if not later:
        own = await _own_email(actor)
        refuse_gaps(form, questions, given, role.references_wanted, own)
    if form.errors or not fine:
        fields = [Asking(asked) for asked in questions]
        draft = await _draft(request, actor, role_id, token)
        return _remember(_sheet(request, role, form, fields, draft, status=422), token)
    if later:
        return _remember(redirect(request, role.path, notice="Your answers are kept."), token)
    return _remember(redirect(request, f"{role.path}/check"), token)


@get(
    "/opportunities/{id:uuid}/roles/{role_id:uuid}/application/check",
    name="role-applications.check",
    opt=PUBLIC,
)
async def check(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    role_id: FromPath[UUID],
) -> Page:
    """Show what would be sent; a visitor is asked to sign in or to join first."""
    role = await queries.to_apply(id, role_id)
    if there := await _applied(actor, role):
        return redirect(request, there)
    questions = await queries.asked(role_id)
    draft = await _draft(request, actor, role_id)
    if draft is None or _gaps(role, questions, draft, await _own_email(actor)):
        return redirect(request, role.path)
    return render(
        request,
        "volunteering/applications/check.html",
        role=role,
        draft=draft,
        answered=[sent.Answered(each, draft.answers.get(each.id, "")) for each in questions],
        onward=f"{role.path}/check?draft={sign(DRAFT_LINK, draft.id)}",
    )


@post(
    "/opportunities/{id:uuid}/roles/{role_id:uuid}/application/submission",
    name="role-applications.submit",
)
async def submit(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    role_id: FromPath[UUID],
) -> Page:
    """Send an application."""
    role = await queries.to_apply(id, role_id)
    form = await Form.bind(request)
    sent_id, outcome = await operations.submit(
        actor, role, own_email=await _own_email(actor), once=form.once(MINE)
    )
    match outcome:
        case Outcome.APPROVED:
            notice = "You are approved. Choose a shift."
        case None:
            notice = f"Sent to {role.organisation_name}. We have written to you."
        case _:
            notice = None
    return redirect(request, f"{MINE}/{sent_id}", notice=notice)


@get(MINE, name="role-applications.mine")
async def mine(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Show what one has applied for."""
    drafts, applications = await sent.mine(actor)
    return render(
        request, "volunteering/applications/mine.html", drafts=drafts, applications=applications
    )


@get(MINE + "/{id:uuid}", name="role-applications.own")
async def own(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show one's own application and where it stands."""
    application = await sent.own(actor, id)
    return render(
        request,
        "volunteering/applications/own.html",
        application=application,
        answered=await sent.answered(id),
        referees=await sent.referees(id),
        State=ApplicationState,
        RefereeState=RefereeState,
    )


@post(MINE + "/{id:uuid}/withdrawal", name="role-applications.withdraw")
async def withdraw(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Take one's application back."""
    form = await Form.bind(request)
    await operations.withdraw(actor, id, once=form.once(MINE))
    return redirect(request, MINE, notice="Your application is withdrawn.")


@post(MINE + "/{id:uuid}/review", name="role-applications.review")
async def review(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Have a person look at what a rule decided."""
    form = await Form.bind(request)
    here = f"{MINE}/{id}"
    await operations.ask_review(actor, id, once=form.once(here))
    return redirect(request, here, notice="Somebody will look at your application.")


async def _applied(actor: Actor, role: Screened) -> str:
    """Give the address of an application that stands in the way of another; "" without one."""
    if actor.person_id is None:
        return ""
    standing = await queries.standing(actor.person_id, role.id)
    if standing is None or not (
        standing.state in {ApplicationState.SUBMITTED, ApplicationState.DECLINED}
        or standing.holds(clock.now())
    ):
        return ""
    return f"{MINE}/{standing.id}"


async def _draft(
    request: Request[Any, Any, Any], actor: Actor, role_id: UUID, token: str = ""
) -> Draft | None:
    token = token or _token(request.cookies)
    return await queries.draft_of(
        role_id, person=actor.person_id, token_hash=hash_of(token) if token else None
    )


async def _own_email(actor: Actor) -> str:
    found = await contact(actor.person_id) if actor.person_id else None
    return found.email if found else ""


def _gaps(role: Screened, questions: list[Asked], draft: Draft, own_email: str) -> bool:
    named = [(each.name, each.email, each.relationship) for each in draft.referees]
    return bool(
        unfinished(questions, draft.answers)
        or len(named) < role.references_wanted
        or (role.references_wanted and misnamed(named, own_email))
    )


def _sheet(
    request: Request[Any, Any, Any],
    role: Screened,
    form: Bound[ApplicationForm],
    fields: list[Asking],
    draft: Draft | None,
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "volunteering/applications/form.html",
        status=status,
        role=role,
        form=form,
        fields=fields,
        labels=_labels(role, fields),
        draft=draft,
    )


def _labels(role: Screened, fields: list[Asking]) -> dict[str, str]:
    """Say what each sentence of the error summary is about, where it does not say it itself."""
    questions = {field.name: field.asked.label for field in fields}
    referees = {
        f"{field}_{number}": f"Referee {number}"
        for number in range(1, role.references_wanted + 1)
        for field in ("name", "email", "relationship")
    }
    return questions | (referees if role.references_wanted > 1 else {})


HANDLERS: list[Any] = [new, keep, check, submit, mine, own, withdraw, review]
