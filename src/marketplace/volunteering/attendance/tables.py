"""The tables of the day itself; their constraints are in migration 0021."""

from piccolo.columns import UUID, Boolean, ForeignKey, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal
from marketplace.ids import new_id
from marketplace.volunteering.attendance.rules import NAMES_KEPT, How
from marketplace.volunteering.tables import Booking, Role, Shift


class Attendance(Table):
    """When somebody came and left, as far as it is known; `excused` is of who did not come."""

    id = UUID(primary_key=True, default=new_id)
    booking_id = ForeignKey(Booking, null=False)
    in_at = Timestamptz(null=True, default=None)
    out_at = Timestamptz(null=True, default=None)
    how = Text(choices=How, default=How.LIST)
    excused = Boolean(default=False)
    marked_by = UUID(null=True, default=None)


class WalkIn(Table):
    """Somebody at the door without an account: a place taken, and for a while a name."""

    id = UUID(primary_key=True, default=new_id)
    shift_id = ForeignKey(Shift, null=False)
    name = personal("third-party", keep=f"{NAMES_KEPT.days} days")(Text(null=True, default=None))
    added_by = UUID(null=True, default=None)
    added_at = Timestamptz(default=clock.now)
    removed_at = Timestamptz(null=True, default=None)


class ShiftLeader(Table):
    """A volunteer who may mark who came: on one shift, or with None on every one of the role."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    role_id = ForeignKey(Role, null=False)
    shift_id = ForeignKey(Shift, null=True, default=None)
    named_by = UUID(null=True, default=None)
    named_at = Timestamptz(default=clock.now)
    ended_at = Timestamptz(null=True, default=None)
