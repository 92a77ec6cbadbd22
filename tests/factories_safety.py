"""What tests of safeguarding and of safety on the day start from."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.factories import a_booking, a_shift

from marketplace import clock
from marketplace.concerns.rules import code_hash
from marketplace.concerns.tables import Concern
from marketplace.organisations.safeguarding_leads.rules import Part
from marketplace.organisations.safeguarding_leads.tables import PlaceLead, SafeguardingLead
from marketplace.volunteering.lone.tables import LoneMark

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


async def a_lone_booking(
    opportunity_id: UUID, person_id: UUID, *, ended: timedelta | None = None, **columns: Any
) -> UUID:
    """Book somebody on a lone shift, in twenty days or `ended` so long ago; gives the booking."""
    starts_at: datetime = clock.now() + timedelta(days=20)
    if ended is not None:
        starts_at = clock.now() - ended - timedelta(hours=2)
    shift = await a_shift(opportunity_id, starts_at=starts_at, hours=2)
    await LoneMark(shift_id=shift).save()
    return await a_booking(shift, person_id, **columns)
