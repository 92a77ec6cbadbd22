"""What a referee sees, and naming another one."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.accounts.queries import contact, names
from marketplace.errors import NotFound
from marketplace.permissions import Actor
from marketplace.volunteering.applications import references, sent
from marketplace.volunteering.applications.forms import RefereeForm, ReferenceForm
from marketplace.volunteering.applications.rules import (
    RECOMMENDS_WORDS,
    ApplicationState,
    RefereeState,
)
from marketplace.volunteering.applications.sent import ApplicationView
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render


@get("/references/{token:str}", name="references.show", opt=PUBLIC)
async def show(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Show a referee three questions, or that nothing is wanted any more."""
    return await _page(request, token, ReferenceForm.blank())


@post("/references/{token:str}", name="references.give", opt=PUBLIC)
async def give(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Keep what a referee answers."""
    form = await ReferenceForm.bind(request)
    if form.data is None:
        return await _page(request, token, form, status=422)
    here = f"/references/{token}"
    await references.give(token, form.data.reference(), once=form.once(here))
    return redirect(request, here)


@post("/references/{token:str}/refusal", name="references.refuse", opt=PUBLIC)
async def refuse(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Note that a referee would rather not."""
    form = await Form.bind(request)
    here = f"/references/{token}"
    await references.refuse(token, once=form.once(here))
    return redirect(request, here)


async def _page(
    request: Request[Any, Any, Any],
    token: str,
    form: Bound[ReferenceForm],
    *,
    status: int = 200,
) -> Page:
    asked = await references.of_link(token)
    person = asked.application.person_id
    return render(
        request,
        "volunteering/applications/reference.html",
        status=status,
        form=form,
        token=token,
        open=asked.open,
        given=asked.referee.state is RefereeState.GIVEN,
        declined=asked.referee.state is RefereeState.DECLINED,
        application=asked.application,
        applicant=(await names([person]))[person],
        choices=[(each.value, words) for each, words in RECOMMENDS_WORDS.items()],
    )


@get("/my/applications/{id:uuid}/referees/{referee_id:uuid}", name="role-applications.referee")
async def referee(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    referee_id: FromPath[UUID],
) -> Page:
    """Show the form to name somebody else."""
    application = await _own(actor, id, referee_id)
    return _referee(request, application, RefereeForm.blank())


@post("/my/applications/{id:uuid}/referees/{referee_id:uuid}", name="role-applications.name")
async def name_another(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    referee_id: FromPath[UUID],
) -> Page:
    """Ask somebody else for a reference."""
    application = await _own(actor, id, referee_id)
    form = await RefereeForm.bind(request)
    if form.data is not None:
        own = await contact(actor.require_person())
        here = f"/my/applications/{id}"
        with form.catching():
            await references.name_another(
                actor,
                id,
                referee_id,
                form.data.named(),
                own_email=own.email if own else "",
                once=form.once(here),
            )
            return redirect(request, here, notice=f"We have written to {form.data.name}.")
    return _referee(request, application, form, status=422)


async def _own(actor: Actor, id: UUID, referee_id: UUID) -> ApplicationView:
    application = await sent.own(actor, id)
    waiting = {
        each.id
        for each in await sent.referees(id)
        if each.state in {RefereeState.ASKED, RefereeState.DECLINED}
    }
    if application.state is not ApplicationState.SUBMITTED or referee_id not in waiting:
        raise NotFound("This reference is not waited for any more.")
    return application


def _referee(
    request: Request[Any, Any, Any],
    application: ApplicationView,
    form: Bound[RefereeForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "volunteering/applications/referee.html",
        status=status,
        form=form,
        application=application,
    )


HANDLERS: list[Any] = [show, give, refuse, referee, name_another]
