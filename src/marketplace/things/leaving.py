"""What leaving means to the library: what is out comes back first, the rest is cancelled."""

from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.leaving.rules import Obstacle
from marketplace.accounts.leaving.steps import Part
from marketplace.permissions import Actor
from marketplace.things import occupancy
from marketplace.things.reservations import queries, steps
from marketplace.things.rules import CancelledBy


async def obstacles(person_id: UUID) -> list[Obstacle]:
    """Name what the person has borrowed and not brought back."""
    rows = await db.fetch(
        "SELECT t.title, g.name, r.last_day FROM reservation r JOIN thing t ON t.id = r.thing_id"
        " JOIN organisation g ON g.id = r.organisation_id"
        " WHERE r.person_id = {} AND r.state = 'out' ORDER BY r.ends_at, r.id",
        person_id,
    )
    return [
        Obstacle(
            f"“{row['title']}” is still lent out by {row['name']}. It is to be brought back by"
            f" {clock.date_words(row['last_day'])}.",
            "/my/borrowing",
            "See what is borrowed",
        )
        for row in rows
    ]


async def lock(person_id: UUID) -> None:
    """Hold the things that the person reserved, in the order of their ids."""
    for row in await db.fetch(
        "SELECT DISTINCT thing_id FROM reservation WHERE person_id = {}"
        " AND state IN ('reserved', 'out') ORDER BY 1",
        person_id,
    ):
        await occupancy.lock(row["thing_id"])


async def let_go(actor: Actor, person_id: UUID) -> None:
    """Cancel what was not collected yet; the units are free for others at once."""
    for row in await db.fetch(
        "SELECT id FROM reservation WHERE person_id = {} AND state = 'reserved'"
        " ORDER BY thing_id, id",
        person_id,
    ):
        await steps.cancel(actor, await queries.own(actor, row["id"]), by=CancelledBy.BORROWER)


LEAVING = Part(let_go=let_go, obstacles=obstacles, lock=lock)
