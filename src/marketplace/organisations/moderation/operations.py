"""Verbs of a moderator: approve, send back, refuse, suspend, reinstate."""

from datetime import datetime
from uuid import UUID

from marketplace import audit, clock, db, listing_index
from marketplace.db import Once
from marketplace.errors import Conflict, IllegalMove, NotAllowed
from marketplace.organisations import listing, queries, tables
from marketplace.organisations.moderation.queries import conflict_of_interest
from marketplace.organisations.queries import Organisation
from marketplace.organisations.rules import NEEDED, ORGANISATION_MOVES, Event, State, missing
from marketplace.permissions import Actor, Permission


async def approve(actor: Actor, id: UUID, *, once: Once | None = None) -> Organisation:
    """Let the public see an organisation; it is listed in the same transaction.

    Raises:
        NotAllowed: the actor is no moderator, or belongs to the organisation.
        NotFound: there is no such organisation.
        IllegalMove: it does not wait for approval.
        Conflict: something is missing.
    """
    async with db.transaction(once):
        before = await _decidable(actor, id)
        if before.state is State.SUSPENDED:
            # Coming back is another event: nobody is told twice that they were approved.
            raise IllegalMove("This organisation is suspended. Reinstate it instead.")
        return await _open(actor, before, Event.APPROVED)


async def reinstate(actor: Actor, id: UUID, *, once: Once | None = None) -> Organisation:
    """Let the public see a suspended organisation again.

    Raises:
        NotAllowed: the actor is no moderator, or belongs to the organisation.
        NotFound: there is no such organisation.
        IllegalMove: it is not suspended.
    """
    async with db.transaction(once):
        before = await _decidable(actor, id)
        if before.state is not State.SUSPENDED:
            raise IllegalMove("Only a suspended organisation can be reinstated.")
        return await _open(actor, before, Event.REINSTATED)


async def send_back(actor: Actor, id: UUID, note: str, *, once: Once | None = None) -> None:
    """Ask the owner to mend a registration; `note` says what.

    Raises:
        NotAllowed: the actor is no moderator, or belongs to the organisation.
        NotFound: there is no such organisation.
        IllegalMove: it does not wait for approval.
    """
    await _decide(actor, id, State.NEEDS_WORK, Event.RETURNED, note, once)


async def refuse(actor: Actor, id: UUID, reason: str, *, once: Once | None = None) -> None:
    """Refuse a registration for good; `reason` is shown to the owner.

    Raises:
        NotAllowed: the actor is no moderator, or belongs to the organisation.
        NotFound: there is no such organisation.
        IllegalMove: it waits neither for approval nor for its owner.
    """
    await _decide(actor, id, State.REFUSED, Event.REFUSED, reason, once)


async def suspend(actor: Actor, id: UUID, reason: str, *, once: Once | None = None) -> None:
    """Take an organisation and all it has listed off the public pages.

    Raises:
        NotAllowed: the actor is no moderator, or belongs to the organisation.
        NotFound: there is no such organisation.
        IllegalMove: it is not approved.
    """
    await _decide(actor, id, State.SUSPENDED, Event.SUSPENDED, reason, once)


async def trust(actor: Actor, id: UUID, *, once: Once | None = None) -> Organisation:
    """Let an organisation publish opportunities without a moderator looking first.

    Raises:
        NotAllowed: the actor is no moderator, or belongs to the organisation.
        NotFound: there is no such organisation.
        Conflict: it is not approved, or trusted already.
    """
    async with db.transaction(once):
        before = await _decidable(actor, id)
        if not before.approved:
            raise Conflict("Only an approved organisation can be trusted.")
        if before.trusted_at is not None:
            raise Conflict(f"{before.name} is trusted already.")
        await _set_trust(actor, before, clock.now(), Event.TRUSTED)
    return before


async def end_trust(actor: Actor, id: UUID, *, once: Once | None = None) -> Organisation:
    """Look at an organisation's opportunities before they are public, from now on.

    Raises:
        NotAllowed: the actor is no moderator, or belongs to the organisation.
        NotFound: there is no such organisation.
        Conflict: it is not trusted.
    """
    async with db.transaction(once):
        before = await _decidable(actor, id)
        if before.trusted_at is None:
            raise Conflict(f"{before.name} is not trusted at the moment.")
        await _set_trust(actor, before, None, Event.TRUST_ENDED)
    return before


async def _set_trust(actor: Actor, before: Organisation, at: datetime | None, event: Event) -> None:
    table = tables.Organisation
    await table.update({table.trusted_at: at}).where(table.id == before.id)
    await audit.record(event, "organisation", before.id, by=actor, organisation=before.id)


async def _decide(
    actor: Actor, id: UUID, state: State, event: Event, note: str, once: Once | None
) -> None:
    async with db.transaction(once):
        before = await _decidable(actor, id)
        ORGANISATION_MOVES.check(before.state, state)
        table = tables.Organisation
        # Nothing that is sent back, refused or suspended is trusted: trust is earned anew.
        await table.update(
            {table.state: state.value, table.moderator_note: note, table.trusted_at: None}
        ).where(table.id == id)
        if before.approved:
            await listing_index.withdraw_organisation(id)
        await audit.record(event, "organisation", id, by=actor, organisation=id)


async def _open(actor: Actor, before: Organisation, event: Event) -> Organisation:
    db.require_transaction()
    ORGANISATION_MOVES.check(before.state, State.APPROVED)
    if lacking := missing(before.details):
        words = ", ".join(NEEDED[field][0] for field in lacking)
        raise Conflict(f"It is not complete. Still missing: {words}.")
    table = tables.Organisation
    await table.update(
        {
            table.state: State.APPROVED.value,
            table.moderator_note: "",
            table.approved_at: clock.now(),
        }
    ).where(table.id == before.id)
    after = await queries.organisation(actor, before.id)
    await listing.publish(after)
    await audit.record(event, "organisation", before.id, by=actor, organisation=before.id)
    return after


async def _decidable(actor: Actor, id: UUID) -> Organisation:
    actor.require_to_know(Permission.MODERATE_ORGANISATIONS)
    organisation = await queries.workspace(actor, id, lock=True)
    if conflict_of_interest(actor, organisation):
        raise NotAllowed(
            f"You belong to {organisation.name} or registered it, so another moderator has to"
            " decide."
        )
    return organisation
