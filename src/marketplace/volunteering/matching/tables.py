"""When people are free and what they need; migration 0025 makes it."""

from piccolo.columns import UUID, Array, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal
from marketplace.ids import new_id
from marketplace.volunteering.matching.rules import USUAL_MILES

_own = personal("subject", keep="account")


class Availability(Table):
    """What a person says so that the list suits them; nobody else reads it."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    free = _own(Array(base_column=Text()))
    miles = _own(Integer(default=USUAL_MILES))
    needs = _own(Array(base_column=Text()))
    changed_at = Timestamptz(default=clock.now)
