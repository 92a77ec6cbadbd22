"""What every change to an opportunity does beside itself."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.volunteering import listing
from marketplace.volunteering.opportunities import queries
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import (
    OPPORTUNITY_MOVES,
    UNPUBLISHED,
    Event,
    OpportunityState,
)
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


async def refuse_unready(opportunity: OpportunityView, verb: str) -> None:
    """Refuse to make public what is not complete, or whose organisation is not approved."""
    if not opportunity.approved:
        raise Conflict(not_approved(opportunity.organisation_name))
    if lacks := opportunity.lacks(await queries.upcoming_shifts(opportunity.id)):
        raise Conflict(f"{lacks[0][1]} before you {verb} this.")


async def open_up(actor: Actor, opportunity: OpportunityView, state: OpportunityState) -> None:
    """Make it public: anew, or again."""
    again = opportunity.published_at is not None
    await Opportunity.update(
        {
            Opportunity.state: state,
            Opportunity.published_at: opportunity.published_at or clock.now(),
        }
    ).where(Opportunity.id == opportunity.id)
    await touch(opportunity.id)
    await audit.record(
        Event.OPPORTUNITY_REOPENED if again else Event.OPPORTUNITY_PUBLISHED,
        "opportunity",
        opportunity.id,
        by=actor,
        organisation=opportunity.organisation_id,
    )


def not_approved(organisation: str) -> str:
    """Say why something stays a draft."""
    return (
        f"{organisation} is not approved yet, so this stays as it is."
        " It can go on as soon as a moderator has approved the organisation."
    )


async def move(
    actor: Actor, opportunity: OpportunityView, state: OpportunityState, event: Event
) -> None:
    """Bring it into another state, and tell history."""
    OPPORTUNITY_MOVES.check(opportunity.state, state)
    await Opportunity.update({Opportunity.state: state}).where(Opportunity.id == opportunity.id)
    await touch(opportunity.id)
    await audit.record(
        event, "opportunity", opportunity.id, by=actor, organisation=opportunity.organisation_id
    )
