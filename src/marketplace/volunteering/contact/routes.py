"""Writing about a booking, to a shift, and to a role."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.messages import operations
from marketplace.messages.forms import MessageForm, OrganisationMessageForm
from marketplace.messages.queries import about as thread_about
from marketplace.messages.routes import SECTION, SENT
from marketplace.messages.rules import Side
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.contact import queries
from marketplace.volunteering.contact.queries import Audience, Talk
from marketplace.web.forms import Bound
from marketplace.web.render import Page, plural, redirect, render

Req = Request[Any, Any, Any]


@get("/bookings/{id:uuid}/messages", name="contact.own")
async def own(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Go to the thread about one's booking, or to its first message."""
    talk = await queries.own(actor, id)
    thread = await thread_about(queries.BOOKING, id)
    if thread is not None:
        return redirect(request, f"/my/messages/{thread}")
    return _own(request, talk, MessageForm.blank())


@post("/bookings/{id:uuid}/messages", name="contact.write", status_code=200)
async def write(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Write to the organisation about one's booking."""
    talk = await queries.own(actor, id)
    form = await MessageForm.bind(request)
    if form.data:
        with form.catching():
            # Once there is a thread, the same address leads to it.
            once = form.once(f"/bookings/{id}/messages")
            thread = await operations.begin(
                actor, talk.about, talk.subject, form.data.text, Side.PERSON, once=once
            )
            return redirect(request, f"/my/messages/{thread}", notice=SENT)
    return _own(request, talk, form, status=422)


def _own(request: Req, talk: Talk, form: Bound[MessageForm], *, status: int = 200) -> Page:
    return render(request, "messages/first.html", status=status, talk=talk, form=form)


@get("/manage/bookings/{id:uuid}/messages", name="contact.organisations")
async def organisations(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Go to the thread about a volunteer's booking, or to its first message."""
    talk = await queries.organisations(actor, id)
    thread = await thread_about(queries.BOOKING, id)
    if thread is not None:
        return redirect(request, f"/manage/{talk.about.organisation_id}/messages/{thread}")
    return await _organisations(request, actor, talk, OrganisationMessageForm.blank())


@post("/manage/bookings/{id:uuid}/messages", name="contact.write_for", status_code=200)
async def write_for(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Write to a volunteer about their booking."""
    talk = await queries.organisations(actor, id)
    form = await OrganisationMessageForm.bind(request)
    if form.data:
        with form.catching():
            thread = await operations.begin(
                actor,
                talk.about,
                talk.subject,
                form.data.text,
                Side.ORGANISATION,
                safety=form.data.safety,
                once=form.once(f"/manage/bookings/{id}/messages"),
            )
            address = f"/manage/{talk.about.organisation_id}/messages/{thread}"
            return redirect(request, address, notice=SENT)
    return await _organisations(request, actor, talk, form, status=422)


async def _organisations(
    request: Req, actor: Actor, talk: Talk, form: Bound[Any], *, status: int = 200
) -> Page:
    organisation = await workspace(actor, talk.about.organisation_id)
    return render(
        request,
        "messages/manage/first.html",
        status=status,
        talk=talk,
        form=form,
        **shell(request, actor, organisation, current=SECTION),
    )


@get("/manage/shifts/{id:uuid}/messages", name="contact.shift")
async def shift(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show the form for a message to everybody on a shift."""
    audience = await queries.of_shift(actor, id)
    return await _broadcast(request, actor, audience, OrganisationMessageForm.blank())


@post("/manage/shifts/{id:uuid}/messages", name="contact.to_shift", status_code=200)
async def to_shift(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Write to everybody on a shift."""
    return await _send(request, actor, await queries.of_shift(actor, id))


@get("/manage/roles/{id:uuid}/messages", name="contact.role")
async def role(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show the form for a message to everybody in a role."""
    audience = await queries.of_role(actor, id)
    return await _broadcast(request, actor, audience, OrganisationMessageForm.blank())


@post("/manage/roles/{id:uuid}/messages", name="contact.to_role", status_code=200)
async def to_role(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Write to everybody in a role."""
    return await _send(request, actor, await queries.of_role(actor, id))


async def _send(request: Req, actor: Actor, audience: Audience) -> Page:
    form = await OrganisationMessageForm.bind(request)
    if form.data:
        with form.catching():
            number = await operations.broadcast(
                actor,
                audience.organisation_id,
                audience.people,
                form.data.text,
                safety=form.data.safety,
                once=form.once(audience.back),
            )
            people = plural(number, "person", "people")
            return redirect(
                request,
                audience.back,
                notice=f"Sent to {people}, each on their own. Answers come to “{SECTION}”.",
            )
    return await _broadcast(request, actor, audience, form, status=422)


async def _broadcast(
    request: Req, actor: Actor, audience: Audience, form: Bound[Any], *, status: int = 200
) -> Page:
    organisation = await workspace(actor, audience.organisation_id)
    return render(
        request,
        "messages/manage/broadcast.html",
        status=status,
        audience=audience,
        form=form,
        **shell(request, actor, organisation, current=SECTION),
    )


HANDLERS: list[Any] = [
    own,
    write,
    organisations,
    write_for,
    shift,
    to_shift,
    role,
    to_role,
]
