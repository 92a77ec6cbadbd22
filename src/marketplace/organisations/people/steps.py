"""Ending a membership: for owners, for members themselves, and for whoever leaves."""

from uuid import UUID

from marketplace import audit, db
from marketplace.organisations.rules import Event
from marketplace.organisations.tables import Membership
from marketplace.permissions import Actor


async def end(actor: Actor, organisation_id: UUID, person_id: UUID) -> None:
    """End a membership; that an owner stays is the caller's to see to, under the row's lock."""
    db.require_transaction()
    gone = (
        await Membership.delete()
        .where(
            (Membership.organisation_id == organisation_id) & (Membership.person_id == person_id)
        )
        .returning(Membership.role)
    )
    for row in gone:
        await audit.record(
            Event.MEMBERSHIP_CHANGED,
            "organisation",
            organisation_id,
            by=actor,
            organisation=organisation_id,
            data={"person": str(person_id), "from": str(row["role"]), "to": None},
        )
