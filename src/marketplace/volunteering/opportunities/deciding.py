"""Moderators' verbs: accepting an opportunity, or sending it back."""

import hashlib
import json
from collections.abc import Mapping
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, IllegalMove, NotAllowed
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.opportunities import queries, steps
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import OPPORTUNITY_MOVES, Event, OpportunityState
from marketplace.volunteering.tables import Opportunity


async def accept(actor: Actor, id: UUID, seen: str, *, once: Once | None = None) -> None:
    """Make public what waits, or let stand what was changed since it was accepted.

    `seen` is the `fingerprint` of the text that the moderator read.

    Raises:
        NotFound: there is none, or the actor is no moderator.
        NotAllowed: the actor belongs to the organisation.
        Conflict: the text changed while it was read, or something is missing by now.
        IllegalMove: there is nothing to accept.
    """
    async with db.transaction(once):
        opportunity = await _decidable(actor, id)
        text = await steps.text(opportunity)
        if fingerprint(text) != seen:
            raise Conflict("This was changed while you were reading. Read it again, then decide.")
        waits = opportunity.state is OpportunityState.OPEN and opportunity.recheck_since
        if not waits:
            OPPORTUNITY_MOVES.check(opportunity.state, OpportunityState.OPEN)
            if opportunity.state is not OpportunityState.SUBMITTED:
                raise IllegalMove("The organisation has not sent this in, so it is not decided.")
            await steps.refuse_unready(opportunity, "accept")
        await Opportunity.update(
            {
                Opportunity.accepted_at: opportunity.accepted_at or clock.now(),
                Opportunity.accepted_text: text,
                Opportunity.recheck_since: None,
                Opportunity.moderator_note: "",
            }
        ).where(Opportunity.id == id)
        await audit.record(
            Event.OPPORTUNITY_ACCEPTED,
            "opportunity",
            id,
            by=actor,
            organisation=opportunity.organisation_id,
            data={"again": bool(waits)},
        )
        if not waits:
            await steps.open_up(actor, opportunity, OpportunityState.OPEN)


async def send_back(actor: Actor, id: UUID, note: str, *, once: Once | None = None) -> None:
    """Ask the organisation to mend an opportunity; an open one is taken down until then.

    Raises:
        NotFound: there is none, or the actor is no moderator.
        NotAllowed: the actor belongs to the organisation.
        IllegalMove: it is neither waiting nor open.
    """
    async with db.transaction(once):
        opportunity = await _decidable(actor, id)
        await Opportunity.update(
            {Opportunity.moderator_note: note, Opportunity.recheck_since: None}
        ).where(Opportunity.id == id)
        await steps.move(
            actor, opportunity, OpportunityState.NEEDS_WORK, Event.OPPORTUNITY_RETURNED
        )


def fingerprint(text: Mapping[str, str]) -> str:
    """Name a text by what it says, so that nobody decides on words they have not read."""
    return hashlib.sha256(json.dumps(text, sort_keys=True).encode()).hexdigest()[:20]


async def _decidable(actor: Actor, id: UUID) -> OpportunityView:
    actor.require_to_know(Permission.MODERATE_OPPORTUNITIES)
    opportunity = await queries.opportunity(actor, id, lock=True)
    if opportunity.organisation_id in actor.memberships:
        raise NotAllowed(
            f"You belong to {opportunity.organisation_name}, so another moderator has to decide."
        )
    return opportunity
