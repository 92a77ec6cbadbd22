"""Which reminders went: at most one of a kind a booking."""

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.ids import new_id
from marketplace.volunteering.reminders.rules import Kind
from marketplace.volunteering.tables import Booking


class Reminder(Table):
    """One reminder of one booking."""

    id = UUID(primary_key=True, default=new_id)
    booking_id = ForeignKey(Booking, null=False)
    kind = Text(choices=Kind)
    at = Timestamptz(default=clock.now)
