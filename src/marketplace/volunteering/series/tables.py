"""The table of series; its constraints are in migration 0016."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, Text, Time, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import impersonal
from marketplace.ids import new_id
from marketplace.volunteering.series.rules import SeriesState
from marketplace.volunteering.tables import Opportunity, Role


@impersonal("a series says when and how many, never who")
class Series(Table):
    """A recurring shift as it was said; `until` None means that it has no end.

    `planned_until` is the last day up to which its shifts exist. Those `for_visits` are planned
    with their booking by whoever visits.
    """

    id = UUID(primary_key=True, default=new_id)
    opportunity_id = ForeignKey(Opportunity, null=False)
    role_id = ForeignKey(Role, null=False)
    state = Text(choices=SeriesState, default=SeriesState.RUNNING)
    rule = Text()
    zone = Text(default="Europe/London")
    first_day = Date(default=None)
    until = Date(null=True, default=None)
    start_time = Time(default=None)
    end_time = Time(default=None)
    ends_next_day = Boolean(default=False)
    skip_holidays = Boolean(default=False)
    places = Integer(default=1)
    least_needed = Integer(default=0)
    note = Text()
    planned_until = Date(null=True, default=None)
    split_from = UUID(null=True, default=None)
    for_visits = Boolean(default=False)
    created_at = Timestamptz(default=clock.now)
