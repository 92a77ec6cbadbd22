"""Which reminders went: at most one of a kind a reservation; migration 0027 makes it."""

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.ids import new_id
from marketplace.things.reminders.rules import Kind
from marketplace.things.tables import Reservation


class LoanReminder(Table):
    """One reminder of one reservation or loan."""

    id = UUID(primary_key=True, default=new_id)
    reservation_id = ForeignKey(Reservation, null=False)
    kind = Text(choices=Kind)
    at = Timestamptz(default=clock.now)
