"""Campaigns, what they count, and who takes part; their constraints are in migration 0025."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import impersonal, not_personal
from marketplace.ids import new_id

_public = not_personal("written by the campaign to be read by everybody")


class Campaign(Table):
    """A time in which a place wants to have twice as many opportunities."""

    id = UUID(primary_key=True, default=new_id)
    name = _public(Text())
    summary = _public(Text())
    place_id = UUID(default=None)
    first_day = _public(Date(default=None))
    last_day = _public(Date(default=None))
    baseline = Integer(null=True, default=None)
    frozen_at = Timestamptz(null=True, default=None)
    counted = Integer(default=0)
    counted_at = Timestamptz(null=True, default=None)
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz(default=clock.now)


@impersonal("public opportunities, as they were listed")
class CampaignItem(Table):
    """One opportunity as counted; `at_start` belongs to the baseline, `counted` to today."""

    id = UUID(primary_key=True, default=new_id)
    campaign_id = ForeignKey(Campaign, null=False)
    key = Text()
    title = Text()
    organisation_id = UUID(default=None)
    organisation_name = Text()
    opportunity_id = UUID(default=None)
    outward = Text()
    place_id = UUID(default=None)
    at_start = Boolean(default=False)
    counted = Boolean(default=True)


@impersonal("a figure a day")
class CampaignDay(Table):
    """How many there were at the end of a day."""

    id = UUID(primary_key=True, default=new_id)
    campaign_id = ForeignKey(Campaign, null=False)
    day = Date(default=None)
    counted = Integer(default=0)


class CampaignTeam(Table):
    """An organisation that takes part with its verified hours."""

    id = UUID(primary_key=True, default=new_id)
    campaign_id = ForeignKey(Campaign, null=False)
    organisation_id = UUID(default=None)
    goal_hours = Integer(default=100)
    joined_by = UUID(null=True, default=None)
    joined_at = Timestamptz(default=clock.now)
