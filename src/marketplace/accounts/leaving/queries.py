"""The last message: to whom it goes, while that is known."""

import json
from dataclasses import dataclass, field
from uuid import UUID

from marketplace import db, sealing
from marketplace.accounts.leaving import steps
from marketplace.accounts.leaving.rules import SEALED, Obstacle
from marketplace.permissions import Actor


@dataclass(frozen=True, slots=True)
class Farewell:
    """Who left, for the one message that is left to send."""

    name: str = field(repr=False)
    email: str = field(repr=False)


async def farewell(person_id: UUID) -> Farewell | None:
    """Open the address of the last message; None where it is sent, or cannot be opened."""
    sealed = await db.fetch_value("SELECT sealed FROM farewell WHERE id = {}", person_id)
    opened = sealing.unseal(SEALED, sealed) if sealed else None
    return Farewell(**json.loads(opened)) if opened else None


async def obstacles(actor: Actor) -> list[Obstacle]:
    """List what the actor has to mend before they can leave.

    Raises:
        SignInRequired: nobody is signed in.
    """
    return await steps.obstacles(actor.require_person())
