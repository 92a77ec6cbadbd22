"""The table of visits; its constraints are in migration 0016."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Text, Time, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.volunteering.tables import Opportunity, Role
from marketplace.volunteering.visits.rules import VisitState

_when = not_personal("when an arrangement takes place; whose it is, the row's ids say")
_visited = personal("third-party", keep="until a year after the visits end")
_said = personal("subject", keep="until a year after the visits end")


class Visit(Table):
    """A regular visit as it was proposed to one volunteer; wall times are in `zone`.

    `whom` is who is visited and `address` where: shown to the volunteer once they agreed.
    """

    id = UUID(primary_key=True, default=new_id)
    opportunity_id = ForeignKey(Opportunity, null=False)
    role_id = ForeignKey(Role, null=False)
    organisation_id = UUID(default=None)
    volunteer_id = UUID(default=None)
    state = Text(choices=VisitState, default=VisitState.PROPOSED)
    rule = _when(Text())
    zone = _when(Text(default="Europe/London"))
    first_day = _when(Date(default=None))
    until = _when(Date(null=True, default=None))
    start_time = _when(Time(default=None))
    end_time = _when(Time(default=None))
    skip_holidays = Boolean(default=False)
    whom = _visited(Text())
    address = _visited(Text())
    instructions = _visited(Text())
    message = _said(Text())
    answer = _said(Text())
    series_id = UUID(null=True, default=None)
    proposed_by = UUID(null=True, default=None)
    proposed_at = Timestamptz(default=clock.now)
    answered_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
