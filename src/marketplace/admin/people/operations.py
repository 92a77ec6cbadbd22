"""Looking at somebody, which is written down like every look at others' data."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.leaving import steps as leaving
from marketplace.accounts.leaving.rules import Obstacle
from marketplace.admin.people import queries
from marketplace.admin.people.queries import PersonView
from marketplace.ids import new_id
from marketplace.permissions import Actor


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody, and what would stand in the way of erasing them."""

    person: PersonView
    obstacles: list[Obstacle]


async def look(actor: Actor, id: UUID) -> Looked:
    """Show somebody to an administrator, and write down who looked.

    Raises:
        NotFound: see `queries.person`.
    """
    person = await queries.person(actor, id)
    # The table is append-only and belongs to nobody's feature alone.
    await db.execute(
        "INSERT INTO personal_view (id, viewer_id, subject_type, subject_id, at)"
        " VALUES ({}, {}, 'person', {}, {})",
        new_id(),
        actor.require_person(),
        id,
        clock.now(),
    )
    return Looked(person, await leaving.obstacles(id))
