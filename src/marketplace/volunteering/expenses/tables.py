"""The table of expenses; its constraints are in migration 0021."""

from piccolo.columns import UUID, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal
from marketplace.ids import new_id
from marketplace.volunteering.expenses.rules import Kind, State

_claim = personal("subject", keep="six years after it was paid, in the organisation's books")


class Expense(Table):
    """What a volunteer spent, in pence; `tenths_of_miles` of a journey, None of a receipt."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    on_date = _claim(Date(default=None))
    kind = Text(choices=Kind, default=Kind.RECEIPT)
    what = _claim(Text())
    pence = Integer(default=0)
    tenths_of_miles = Integer(null=True, default=None)
    state = Text(choices=State, default=State.SUBMITTED)
    note = _claim(Text())
    receipt_id = UUID(null=True, default=None)
    receipt_at = Timestamptz(null=True, default=None)
    decided_by = UUID(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    paid_at = Timestamptz(null=True, default=None)
    submitted_at = Timestamptz(default=clock.now)
