"""The tables of groups; their constraints are in migration 0023."""

from piccolo.columns import UUID, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.volunteering.groups.rules import FORGOTTEN_AFTER, Kind, SeatState
from marketplace.volunteering.tables import Booking, Shift

_named = personal("third-party", keep=f"{FORGOTTEN_AFTER.days} days after the shift")


class VolunteerGroup(Table, tablename="volunteer_group"):
    """Places that a captain keeps on a shift; `held` are those nobody has accepted."""

    id = UUID(primary_key=True, default=new_id)
    shift_id = ForeignKey(Shift, null=False)
    organisation_id = UUID(default=None)
    captain_id = UUID(default=None)
    name = not_personal("the name of an employer, a school or a club")(Text())
    kind = Text(choices=Kind, default=Kind.EMPLOYER)
    held = Integer(default=0)
    lapses_at = Timestamptz(default=None)
    made_at = Timestamptz(default=clock.now)
    warned_at = Timestamptz(null=True, default=None)
    lapsed_at = Timestamptz(null=True, default=None)


class GroupSeat(Table, tablename="group_seat"):
    """A place that the captain named somebody for."""

    id = UUID(primary_key=True, default=new_id)
    group_id = ForeignKey(VolunteerGroup, null=False)
    name = _named(Text())
    email = _named(Text(null=True, default=None))
    state = Text(choices=SeatState, default=SeatState.NAMED)
    person_id = UUID(null=True, default=None)
    booking_id = ForeignKey(Booking, null=True, default=None)
    named_at = Timestamptz(default=clock.now)
    answered_at = Timestamptz(null=True, default=None)
