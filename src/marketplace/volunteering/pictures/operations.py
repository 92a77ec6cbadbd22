"""Giving an opportunity a picture, and taking it away; cards and pages follow at once."""

from uuid import UUID

from marketplace import audit, db, files
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.volunteering.opportunities import queries, steps
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import Event, OpportunityState
from marketplace.volunteering.tables import Opportunity


async def set_picture(
    actor: Actor, id: UUID, content: bytes | None, alt: str, *, once: Once | None = None
) -> None:
    """Show a picture of an opportunity; without `content` only its words change.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: it is cancelled, or this is no picture we take.
    """
    await _changeable(actor, id)
    async with files.replacing(actor, content, alt) as new, db.transaction(once):
        before = await _changeable(actor, id, lock=True)
        await _show(actor, before, await new.take(before.organisation_id, before.image_id))


async def remove_picture(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Show no picture of an opportunity any more.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: it is cancelled.
    """
    async with files.replacing(actor, None) as nothing, db.transaction(once):
        before = await _changeable(actor, id, lock=True)
        await _show(actor, before, None)
        await nothing.let_go(before.image_id)


async def _show(actor: Actor, opportunity: OpportunityView, image: UUID | None) -> None:
    text = await steps.text(opportunity)
    await Opportunity.update({Opportunity.image_id: image}).where(Opportunity.id == opportunity.id)
    await steps.rechecked(actor, opportunity, text)
    await audit.record(
        Event.OPPORTUNITY_CHANGED,
        "opportunity",
        opportunity.id,
        by=actor,
        organisation=opportunity.organisation_id,
        data={"fields": ["picture"]},
    )


async def _changeable(actor: Actor, id: UUID, *, lock: bool = False) -> OpportunityView:
    opportunity = await queries.to_manage(actor, id, lock=lock)
    if opportunity.state is OpportunityState.CANCELLED:
        raise Conflict("This opportunity is cancelled. Post a new one instead.")
    return opportunity
