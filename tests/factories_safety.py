"""What tests of safeguarding and of safety on the day start from."""

from typing import Any
from uuid import UUID

from marketplace.concerns.rules import code_hash
from marketplace.concerns.tables import Concern
from marketplace.organisations.safeguarding_leads.rules import Part
from marketplace.organisations.safeguarding_leads.tables import PlaceLead, SafeguardingLead

CODE = "4F7K-90QW-ER2T-Y8MN"


async def a_lead(organisation_id: UUID, person_id: UUID, part: Part = Part.LEAD) -> None:
    """Name a member as safeguarding lead or deputy."""
    await SafeguardingLead(organisation_id=organisation_id, person_id=person_id, part=part).save()


async def a_place_lead(person_id: UUID) -> None:
    """Name somebody as the place's lead."""
    await PlaceLead(person_id=person_id).save()


async def a_concern(organisation_id: UUID, lead_id: UUID, **columns: Any) -> UUID:
    """Make a concern, with CODE, that waits for an organisation's lead."""
    await a_lead(organisation_id, lead_id)
    given = {"text": "Somebody shouted at Joe.", "code_hash": code_hash(CODE)} | columns
    concern = Concern(organisation_id=organisation_id, **given)
    await concern.save()
    return concern.id
