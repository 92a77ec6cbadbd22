"""The tables of safeguarding leads; their constraints are in migration 0024."""

from piccolo.columns import UUID, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.ids import new_id
from marketplace.organisations.safeguarding_leads.rules import Part


class SafeguardingLead(Table):
    """A member who hears of an organisation's concerns; it ends with the membership."""

    id = UUID(primary_key=True, default=new_id)
    organisation_id = UUID(default=None)
    person_id = UUID(default=None)
    part = Text(choices=Part, default=Part.LEAD)
    named_by = UUID(null=True, default=None)
    named_at = Timestamptz(default=clock.now)


class PlaceLead(Table):
    """Somebody who hears of concerns that no organisation's own lead may or does hear."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    named_by = UUID(null=True, default=None)
    named_at = Timestamptz(default=clock.now)
