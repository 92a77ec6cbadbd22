"""Pages of the moderators: the queue of opportunities and each one in it."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import files
from marketplace.permissions import Actor
from marketplace.volunteering.moderation import queries
from marketplace.volunteering.moderation.forms import AcceptForm, QueueForm, ReturnForm
from marketplace.volunteering.moderation.queries import Tab
from marketplace.volunteering.opportunities import deciding
from marketplace.volunteering.opportunities.rules import OFFER_TRUST_FROM
from marketplace.volunteering.rules import OpportunityState
from marketplace.volunteering.shifts import queries as shifts
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

QUEUE = "/moderation/opportunities"
_TABS = (
    (Tab.WAITING, "Waiting"),
    (Tab.CHANGED, "Changed since accepted"),
    (Tab.RETURNED, "Sent back"),
)


@get(QUEUE, name="moderation.opportunities")
async def queue(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Show the opportunities that wait, the longest waiting first."""
    asked = QueueForm.read(request).data or QueueForm()
    return render(
        request,
        "moderation/opportunities.html",
        queue=await queries.queue(actor, asked.show, asked.page),
        show=asked.show,
        tabs=_TABS,
    )


@get("/moderation/opportunities/{id:uuid}", name="moderation.opportunity")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show an opportunity, and what of it changed since it was accepted."""
    return await _show(request, actor, id)


@post("/moderation/opportunities/{id:uuid}/acceptance", name="moderation.accept_opportunity")
async def accept(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Make it public, or let a change stand."""
    form = await AcceptForm.bind(request)
    seen = form.data.seen if form.data else ""
    await deciding.accept(actor, id, seen, once=form.once(QUEUE))
    return redirect(request, QUEUE, notice="Accepted. The organisation is told.")


@post("/moderation/opportunities/{id:uuid}/return", name="moderation.return_opportunity")
async def send_back(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Send back with a note."""
    form = await ReturnForm.bind(request)
    if form.data is None:
        return await _show(request, actor, id, form)
    await deciding.send_back(actor, id, form.data.note, once=form.once(QUEUE))
    return redirect(request, QUEUE, notice="Sent back with your note. Nobody else can find it.")


async def _show(
    request: Request[Any, Any, Any],
    actor: Actor,
    id: UUID,
    form: Bound[ReturnForm] | None = None,
) -> Page:
    reading = await queries.reading(actor, id)
    return render(
        request,
        "moderation/opportunity.html",
        status=422 if form else 200,
        reading=reading,
        opportunity=reading.opportunity,
        seen=deciding.fingerprint(reading.text),
        shifts=await shifts.ahead(id, limit=10),
        picture=await files.picture(reading.opportunity.image_id),
        form=form or ReturnForm.blank(),
        offer_trust=reading.accepted >= OFFER_TRUST_FROM,
        State=OpportunityState,
    )


HANDLERS: list[Any] = [queue, show, accept, send_back]
