"""Reading what a link confirms, and whom to tell of it."""

import json
from dataclasses import dataclass, field
from uuid import UUID

from marketplace import clock, db, sealing
from marketplace.accounts.rules import CHANGE_LINK, CONFIRM_WITHIN
from marketplace.signing import LinkExpired, unsign

SEALED = "address"
GONE = "This link was used already, replaced, or is too old. Ask again under “Your account”."


@dataclass(frozen=True, slots=True)
class Change:
    """An address that waits to be confirmed, and whether it has an account by now."""

    id: UUID
    person_id: UUID
    email: str = field(repr=False)
    taken_by: UUID | None


@dataclass(frozen=True, slots=True)
class OldAddress:
    """Whom to tell that an address is not theirs any more."""

    name: str = field(repr=False)
    email: str = field(repr=False)


async def waiting(id: UUID) -> Change | None:
    """Read a change that is not done; None where it was replaced, done or is too old."""
    row = await db.fetch_one(
        "SELECT c.id, c.person_id, c.email_typed AS email, o.id AS taken_by FROM address_change c"
        " LEFT JOIN person o ON o.email = c.email"
        " WHERE c.id = {} AND c.changed_at IS NULL AND c.asked_at > {}",
        id,
        clock.now() - CONFIRM_WITHIN,
    )
    return Change(**row) if row else None


async def of_link(token: str) -> Change:
    """Read what a link confirms.

    Raises:
        LinkExpired: too old, used, or replaced.
        LinkBroken: not one of ours.
    """
    found = await waiting(unsign(CHANGE_LINK, token, within=CONFIRM_WITHIN).id)
    if found is None:
        raise LinkExpired(GONE)
    return found


async def old_address(id: UUID) -> OldAddress | None:
    """Open the address that was; None where it is told, or cannot be opened."""
    sealed = await db.fetch_value("SELECT old FROM address_change WHERE id = {}", id)
    opened = sealing.unseal(SEALED, sealed) if sealed else None
    return OldAddress(**json.loads(opened)) if opened else None
