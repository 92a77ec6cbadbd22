"""What every change to an opportunity does beside itself."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.permissions import Actor
from marketplace.volunteering import listing
from marketplace.volunteering.opportunities import queries
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import UNPUBLISHED, Event, OpportunityState
from marketplace.volunteering.tables import Opportunity


async def touch(opportunity_id: UUID) -> None:
    """Note that its organisation did something about it: nobody need ask whether it is open."""
    db.require_transaction()
    await Opportunity.update(
        {
            Opportunity.touched_at: clock.now(),
            Opportunity.asked_at: None,
            Opportunity.faded_at: None,
        }
    ).where(Opportunity.id == opportunity_id)
    await listing.refresh(opportunity_id)


async def text(opportunity: OpportunityView) -> dict[str, str]:
    """Give what an opportunity says in public, as it stands now."""
    return queries.public_text(opportunity, await queries.roles(opportunity.id))


async def rechecked(actor: Actor, before: OpportunityView, before_text: dict[str, str]) -> None:
    """Keep the list in step after a change, and queue for moderators what they have not read.

    It stays up meanwhile: a mended bus stop must not take a listing from those who look for it,
    and what a moderator then returns is taken down.
    """
    await touch(before.id)
    if before.trusted or before.state in UNPUBLISHED | {OpportunityState.CANCELLED}:
        return
    after = await queries.opportunity(actor, before.id)
    accepted = await accepted_text(before.id)
    now = await text(after)
    if now == (before_text if accepted is None else accepted):
        await Opportunity.update({Opportunity.recheck_since: None}).where(
            Opportunity.id == before.id
        )
    elif before.recheck_since is None:
        await Opportunity.update(
            {
                Opportunity.recheck_since: clock.now(),
                # Published before there was a queue: what stood there counts as accepted.
                Opportunity.accepted_text: before_text if accepted is None else accepted,
            }
        ).where(Opportunity.id == before.id)
        await audit.record(
            Event.OPPORTUNITY_RECHECK_WANTED,
            "opportunity",
            before.id,
            by=actor,
            organisation=before.organisation_id,
        )


async def accepted_text(opportunity_id: UUID) -> dict[str, str] | None:
    """Read what it said when a moderator accepted it; None where none did."""
    return await db.fetch_value(
        "SELECT accepted_text FROM opportunity WHERE id = {}", opportunity_id
    )
