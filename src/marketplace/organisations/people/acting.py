"""Letting brokers act for an organisation, and taking that back: a ledger, the last row counts."""

from datetime import datetime
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.organisations import queries as organisations
from marketplace.organisations import rules
from marketplace.organisations.rules import Event
from marketplace.permissions import Actor, Permission


async def since(organisation_id: UUID) -> datetime | None:
    """Tell since when brokers may act for an organisation; None where they may not."""
    row = await db.fetch_one(
        "SELECT given, at FROM acting_consent WHERE organisation_id = {}"
        " ORDER BY number DESC LIMIT 1",
        organisation_id,
    )
    return row["at"] if row and row["given"] else None


async def allow(actor: Actor, organisation_id: UUID, *, once: Once | None = None) -> None:
    """Let brokers do the work of a coordinator for an organisation.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor is no owner of it.
        Conflict: the organisation has ended.
    """
    await _say(actor, organisation_id, True, once)


async def end(actor: Actor, organisation_id: UUID, *, once: Once | None = None) -> None:
    """Let brokers act for an organisation no more, from their next click on.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor is no owner of it.
    """
    await _say(actor, organisation_id, False, once)


async def _say(actor: Actor, organisation_id: UUID, given: bool, once: Once | None) -> None:
    async with db.transaction(once):
        found = await organisations.workspace(actor, organisation_id, lock=True)
        actor.require(Permission.INVITE_PEOPLE, organisation_id)
        if given and found.state in rules.ENDED:
            raise Conflict(f"{found.name} is not active here any more.")
        if given is (await since(organisation_id) is not None):
            return
        await db.execute(
            "INSERT INTO acting_consent (id, organisation_id, given, by_person, at)"
            " VALUES ({}, {}, {}, {}, {})",
            new_id(),
            organisation_id,
            given,
            actor.require_person(),
            clock.now(),
        )
        await audit.record(
            Event.ACTING_ALLOWED if given else Event.ACTING_ENDED,
            "organisation",
            organisation_id,
            by=actor,
            organisation=organisation_id,
        )
