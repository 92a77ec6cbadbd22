"""Inboxes and threads: a person's own, and an organisation's."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.accounts.account.links import AccountLink
from marketplace.errors import Conflict
from marketplace.messages import inboxes, operations, queries
from marketplace.messages.forms import (
    BlockForm,
    MessageForm,
    OrganisationMessageForm,
    PageForm,
)
from marketplace.messages.queries import Conversation
from marketplace.messages.reports import routes as reports
from marketplace.messages.rules import Side, obstacle
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import Section, shell
from marketplace.permissions import Actor, Permission
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
SECTION = "Messages"
SENT = "Your message is sent."


@get("/my/messages", name="messages.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the person's own threads, and those they are given copies of."""
    asked = PageForm.read(request).data or PageForm()
    return render(
        request,
        "messages/mine.html",
        inbox=await inboxes.mine(actor, asked.page),
        copies=await inboxes.copies_of(actor),
    )


@get("/my/messages/{thread_id:uuid}", name="messages.own")
async def own(request: Req, actor: NamedDependency[Actor], thread_id: FromPath[UUID]) -> Page:
    """Show one of the person's own threads; it counts as read."""
    conversation = await queries.own(actor, thread_id)
    await queries.note_seen(actor, conversation)
    return _own(request, conversation, MessageForm.blank())


@post("/my/messages/{thread_id:uuid}", name="messages.reply", status_code=200)
async def reply(request: Req, actor: NamedDependency[Actor], thread_id: FromPath[UUID]) -> Page:
    """Answer in one's own thread."""
    conversation = await queries.own(actor, thread_id)
    form = await MessageForm.bind(request)
    address = f"/my/messages/{thread_id}"
    if form.data:
        with form.catching():
            await operations.reply(actor, thread_id, form.data.text, once=form.once(address))
            return redirect(request, address, notice=SENT)
    return _own(request, conversation, form, status=422)


def _own(
    request: Req, conversation: Conversation, form: Bound[MessageForm], *, status: int = 200
) -> Page:
    return render(
        request,
        "messages/own.html",
        status=status,
        talk=conversation,
        home=f"/my/messages/{conversation.id}",
        form=form,
        refused="" if conversation.copied else obstacle(conversation.standing),
        Side=Side,
    )


@post("/my/messages/{thread_id:uuid}/blocks", name="messages.block", status_code=200)
async def block(request: Req, actor: NamedDependency[Actor], thread_id: FromPath[UUID]) -> Page:
    """Have one person of the organisation write no more."""
    conversation = await queries.own(actor, thread_id)
    return await _block(request, actor, conversation, f"/my/messages/{thread_id}")


@post("/my/messages/{thread_id:uuid}/blocks/removal", name="messages.unblock", status_code=200)
async def unblock(request: Req, actor: NamedDependency[Actor], thread_id: FromPath[UUID]) -> Page:
    """Let them write again."""
    conversation = await queries.own(actor, thread_id)
    return await _block(request, actor, conversation, f"/my/messages/{thread_id}", lift=True)


async def _block(
    request: Req, actor: Actor, conversation: Conversation, address: str, *, lift: bool = False
) -> Page:
    form = await BlockForm.bind(request)
    if form.data is None:
        raise Conflict("Choose whom to block from the page of the conversation.")
    change = operations.unblock if lift else operations.block
    await change(actor, conversation, form.data.person, once=form.once(address))
    notice = "They can write again." if lift else "They can no longer write to you here."
    return redirect(request, address, notice=notice)


@get("/manage/{organisation_id:uuid}/messages", name="messages.of_organisation")
async def of_organisation(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show an organisation's threads."""
    asked = PageForm.read(request).data or PageForm()
    inbox = await inboxes.of_organisation(actor, organisation_id, asked.page)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "messages/manage/inbox.html",
        inbox=inbox,
        **shell(request, actor, organisation, current=SECTION),
    )


@get("/manage/{organisation_id:uuid}/messages/{thread_id:uuid}", name="messages.organisations")
async def organisations(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    thread_id: FromPath[UUID],
) -> Page:
    """Show a thread of an organisation; it counts as read for all who answer there."""
    conversation = await queries.organisations(actor, organisation_id, thread_id)
    await queries.note_seen(actor, conversation)
    return await _organisations(request, actor, conversation, OrganisationMessageForm.blank())


@post(
    "/manage/{organisation_id:uuid}/messages/{thread_id:uuid}",
    name="messages.reply_for",
    status_code=200,
)
async def reply_for(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    thread_id: FromPath[UUID],
) -> Page:
    """Answer for an organisation."""
    conversation = await queries.organisations(actor, organisation_id, thread_id)
    form = await OrganisationMessageForm.bind(request)
    address = f"/manage/{organisation_id}/messages/{thread_id}"
    if form.data:
        with form.catching():
            await operations.reply_for(
                actor,
                organisation_id,
                thread_id,
                form.data.text,
                safety=form.data.safety,
                once=form.once(address),
            )
            return redirect(request, address, notice=SENT)
    return await _organisations(request, actor, conversation, form, status=422)


async def _organisations(
    request: Req,
    actor: Actor,
    conversation: Conversation,
    form: Bound[Any],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, conversation.organisation_id)
    return render(
        request,
        "messages/manage/thread.html",
        status=status,
        talk=conversation,
        home=f"/manage/{organisation.id}/messages/{conversation.id}",
        form=form,
        refused=obstacle(conversation.standing, safety=conversation.standing.live),
        Side=Side,
        **shell(request, actor, organisation, current=SECTION),
    )


@post(
    "/manage/{organisation_id:uuid}/messages/{thread_id:uuid}/blocks",
    name="messages.block_for",
    status_code=200,
)
async def block_for(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    thread_id: FromPath[UUID],
) -> Page:
    """Have a volunteer write no more to an organisation."""
    conversation = await queries.organisations(actor, organisation_id, thread_id)
    return await _block(
        request, actor, conversation, f"/manage/{organisation_id}/messages/{thread_id}"
    )


@post(
    "/manage/{organisation_id:uuid}/messages/{thread_id:uuid}/blocks/removal",
    name="messages.unblock_for",
    status_code=200,
)
async def unblock_for(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    thread_id: FromPath[UUID],
) -> Page:
    """Let a volunteer write again."""
    conversation = await queries.organisations(actor, organisation_id, thread_id)
    address = f"/manage/{organisation_id}/messages/{thread_id}"
    return await _block(request, actor, conversation, address, lift=True)


HANDLERS: list[Any] = [
    mine,
    own,
    reply,
    block,
    unblock,
    of_organisation,
    organisations,
    reply_for,
    block_for,
    unblock_for,
    *reports.HANDLERS,
]
WORKSPACE: list[Section] = [
    Section(SECTION, "/manage/{id}/messages", Permission.WRITE_TO_VOLUNTEERS, "message-circle", 25),
]
ACCOUNT: list[AccountLink] = [
    AccountLink(
        "Messages", "/my/messages", "What you and organisations write to each other", order=10
    ),
]
