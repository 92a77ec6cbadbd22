"""Letting somebody be no lead of the place any more."""

from uuid import UUID

from marketplace import audit, db
from marketplace.organisations.safeguarding_leads.rules import Event
from marketplace.permissions import Actor


async def lock_place() -> None:
    """Let one transaction at a time judge how many leads the place has."""
    db.require_transaction()
    await db.execute("LOCK TABLE place_lead IN SHARE ROW EXCLUSIVE MODE")


async def leads_place(person_id: UUID) -> bool:
    """Tell whether somebody is a lead of the place."""
    return bool(
        await db.fetch_value(
            "SELECT EXISTS (SELECT FROM place_lead WHERE person_id = {})", person_id
        )
    )


async def remove_from_place(actor: Actor, person_id: UUID) -> None:
    """End it, if they are one."""
    db.require_transaction()
    if await db.execute("DELETE FROM place_lead WHERE person_id = {}", person_id):
        await audit.record(Event.PLACE_REMOVED, "person", person_id, by=actor)
