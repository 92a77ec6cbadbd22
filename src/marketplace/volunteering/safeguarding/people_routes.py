"""The workspace's pages of credentials: whom an organisation saw what of, and writing it down."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import Field

from marketplace import clock
from marketplace.credentials import operations as credentials
from marketplace.credentials import queries as credentials_queries
from marketplace.credentials.forms import CheckForm, TrainingForm
from marketplace.credentials.rules import TRAINING, WORKFORCE_LABELS, Check, Outcome
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.safeguarding import operations, queries
from marketplace.web.forms import Bound, Count, Form
from marketplace.web.render import Page, redirect, render

SECTION = "Checks"
PAGE_SIZE = 50
_CHOICES = {
    "levels": [(check.value, check.label) for check in Check],
    "workforces": list(WORKFORCE_LABELS.items()),
    "training": [(kind.value, kind.label) for kind in TRAINING],
    "outcomes": [
        (Outcome.SATISFACTORY.value, "Satisfactory for this organisation"),
        (Outcome.NOT_SATISFACTORY.value, "Not satisfactory"),
    ],
}


class PageForm(Form):
    """Which page of a list."""

    page: Annotated[Count, Field(ge=1, le=10_000)] = 1


@get("/manage/{organisation_id:uuid}/credentials", name="credentials.list")
async def people(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """List who waits, whose places are not clear, and whom something was seen of."""
    organisation = await workspace(actor, organisation_id)
    actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
    asked = PageForm.read(request)
    page = asked.data.page if asked.data else 1
    seen = await operations.look_at_everybody(actor, organisation_id, page=page)
    return render(
        request,
        "volunteering/safeguarding/people.html",
        **shell(request, actor, organisation),
        holders=seen.holders,
        requests=seen.requests,
        not_clear=seen.not_clear,
        page=page,
        pages=max(1, -(-seen.holders.total // PAGE_SIZE)),
        today=clock.today(),
    )


@get("/manage/{organisation_id:uuid}/credentials/{person_id:uuid}", name="credentials.person")
async def person(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Show what was seen of one person; that it was looked at is written down."""
    organisation = await workspace(actor, organisation_id)
    known = await queries.person(actor, organisation_id, person_id)
    return render(
        request,
        "volunteering/safeguarding/person.html",
        **shell(request, actor, organisation, current=SECTION),
        person=known,
        held=await credentials.look(actor, organisation_id, person_id),
        shown=await credentials_queries.shown_to(actor, organisation_id, person_id),
        today=clock.today(),
    )


@get("/manage/{organisation_id:uuid}/credentials/{person_id:uuid}/check", name="credentials.check")
async def check(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Show the form of a criminal record check that was seen."""
    return await _form(request, actor, organisation_id, person_id, "check", CheckForm.blank())


@post(
    "/manage/{organisation_id:uuid}/credentials/{person_id:uuid}/check",
    name="credentials.record-check",
)
async def record_check(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Write down a criminal record check that was seen."""
    form = await CheckForm.bind(request)
    known = await queries.person(actor, organisation_id, person_id)
    if form.data is not None:
        home = f"/manage/{organisation_id}/credentials/{person_id}"
        with form.catching():
            await operations.record(
                actor,
                organisation_id,
                person_id,
                form.data.seen(),
                of_age=form.data.of_age,
                once=form.once(home),
            )
            return redirect(request, home, notice=f"Recorded. {known.name} is told by e-mail.")
    return await _form(request, actor, organisation_id, person_id, "check", form, status=422)


@get(
    "/manage/{organisation_id:uuid}/credentials/{person_id:uuid}/training",
    name="credentials.training",
)
async def training(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Show the form of training that was seen."""
    return await _form(request, actor, organisation_id, person_id, "training", TrainingForm.blank())


@post(
    "/manage/{organisation_id:uuid}/credentials/{person_id:uuid}/training",
    name="credentials.record-training",
)
async def record_training(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Write down training that was seen."""
    form = await TrainingForm.bind(request)
    known = await queries.person(actor, organisation_id, person_id)
    if form.data is not None:
        home = f"/manage/{organisation_id}/credentials/{person_id}"
        with form.catching():
            await operations.record(
                actor, organisation_id, person_id, form.data.seen(), once=form.once(home)
            )
            return redirect(request, home, notice=f"Recorded. {known.name} is told by e-mail.")
    return await _form(request, actor, organisation_id, person_id, "training", form, status=422)


async def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation_id: UUID,
    person_id: UUID,
    which: str,
    form: Bound[Any],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        f"volunteering/safeguarding/{which}.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        person=await queries.person(actor, organisation_id, person_id),
        form=form,
        choices=_CHOICES,
        today=clock.today(),
    )


@post(
    "/manage/{organisation_id:uuid}/credentials/{person_id:uuid}/{credential_id:uuid}/revocation",
    name="credentials.revoke",
)
async def revoke(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
    credential_id: FromPath[UUID],
) -> Page:
    """Take a credential back."""
    form = await Form.bind(request)
    home = f"/manage/{organisation_id}/credentials/{person_id}"
    found = await credentials.revoke(
        actor, organisation_id, person_id, credential_id, once=form.once(home)
    )
    return redirect(request, home, notice=f"Taken back: {found.label}. It clears nobody any more.")


@post(
    "/manage/{organisation_id:uuid}/check-requests/{request_id:uuid}/closure",
    name="credentials.close-request",
)
async def close_request(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    request_id: FromPath[UUID],
) -> Page:
    """Put a request aside."""
    form = await Form.bind(request)
    home = f"/manage/{organisation_id}/credentials"
    await operations.close_request(actor, organisation_id, request_id, once=form.once(home))
    return redirect(request, home, notice="Put aside. They can ask again.")


HANDLERS: list[Any] = [
    people,
    person,
    check,
    record_check,
    training,
    record_training,
    revoke,
    close_request,
]
