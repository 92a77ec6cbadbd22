"""Pages of the moderators: the queue and one registration."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations import rules
from marketplace.organisations.moderation import operations, queries
from marketplace.organisations.moderation.forms import QueueForm, ReasonForm, ReturnForm
from marketplace.organisations.rules import State
from marketplace.permissions import Actor
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

_TABS = (
    (State.SUBMITTED, "Waiting"),
    (State.NEEDS_WORK, "Sent back"),
    (State.APPROVED, "Approved"),
    (State.SUSPENDED, "Suspended"),
    (State.REFUSED, "Refused"),
)


@get("/moderation", name="moderation.queue")
async def queue(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Show the registrations of one state, the longest waiting first."""
    form = QueueForm.read(request)
    asked = form.data or QueueForm()
    found = await queries.queue(actor, asked.state, asked.page)
    return render(
        request,
        "moderation/queue.html",
        queue=found,
        state=asked.state,
        tabs=_TABS,
        kinds=rules.KIND_LABELS,
    )


@get("/moderation/organisations/{organisation_id:uuid}", name="moderation.show")
async def show(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show a registration beside what the register says."""
    return await _show(request, actor, organisation_id)


@post("/moderation/organisations/{organisation_id:uuid}/approval", name="moderation.approve")
async def approve(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Approve: the organisation becomes public."""
    form = await Form.bind(request)
    found = await operations.approve(actor, organisation_id, once=form.once("/moderation"))
    return redirect(request, "/moderation", notice=f"{found.name} is approved and public now.")


@post("/moderation/organisations/{organisation_id:uuid}/return", name="moderation.send_back")
async def send_back(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Send back with a note."""
    form = await ReturnForm.bind(request)
    if form.data is None:
        return await _show(request, actor, organisation_id, form)
    await operations.send_back(
        actor, organisation_id, form.data.note, once=form.once("/moderation")
    )
    return redirect(request, "/moderation", notice="Sent back with your note.")


@post("/moderation/organisations/{organisation_id:uuid}/refusal", name="moderation.refuse")
async def refuse(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Refuse with a reason."""
    form = await ReasonForm.bind(request)
    if form.data is None:
        return await _show(request, actor, organisation_id, form)
    await operations.refuse(actor, organisation_id, form.data.reason, once=form.once("/moderation"))
    return redirect(request, "/moderation", notice="Refused. The owner will read your reason.")


@post("/moderation/organisations/{organisation_id:uuid}/suspension", name="moderation.suspend")
async def suspend(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Suspend with a reason: nothing of it is public any more."""
    form = await ReasonForm.bind(request)
    if form.data is None:
        return await _show(request, actor, organisation_id, form)
    address = f"/moderation/organisations/{organisation_id}"
    await operations.suspend(actor, organisation_id, form.data.reason, once=form.once(address))
    return redirect(request, address, notice="Suspended. Nothing of it is public any more.")


@post("/moderation/organisations/{organisation_id:uuid}/reinstatement", name="moderation.reinstate")
async def reinstate(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Make a suspended organisation public again."""
    form = await Form.bind(request)
    address = f"/moderation/organisations/{organisation_id}"
    await operations.reinstate(actor, organisation_id, once=form.once(address))
    return redirect(request, address, notice="Reinstated. It is public again.")


@post("/moderation/organisations/{organisation_id:uuid}/trust", name="moderation.trust")
async def trust(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Let an organisation publish without a moderator looking first."""
    form = await Form.bind(request)
    address = f"/moderation/organisations/{organisation_id}"
    found = await operations.trust(actor, organisation_id, once=form.once(address))
    return redirect(
        request, address, notice=f"{found.name} is trusted: it publishes by itself from now on."
    )


@post("/moderation/organisations/{organisation_id:uuid}/trust/removal", name="moderation.end_trust")
async def end_trust(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Look at what an organisation posts first, from now on."""
    form = await Form.bind(request)
    address = f"/moderation/organisations/{organisation_id}"
    await operations.end_trust(actor, organisation_id, once=form.once(address))
    return redirect(
        request, address, notice="From now on a moderator looks at what it posts. It was told."
    )


async def _show(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation_id: UUID,
    form: Bound[Any] | None = None,
) -> Page:
    """Show the registration; with a form that was refused, beside what is wrong with it."""
    organisation = await queries.registration(actor, organisation_id)
    return render(
        request,
        "moderation/registration.html",
        status=422 if form else 200,
        organisation=organisation,
        comparison=await queries.comparison(organisation),
        conflict=queries.conflict_of_interest(actor, organisation),
        readable=rules.readable,
        kinds=rules.KIND_LABELS,
        labels=rules.STATE_LABELS,
        State=State,
        form=form or ReturnForm.blank(),
        wrong=form.shape.__name__ if form else "",
    )


HANDLERS: list[Any] = [
    queue,
    show,
    approve,
    send_back,
    refuse,
    suspend,
    reinstate,
    trust,
    end_trust,
]
