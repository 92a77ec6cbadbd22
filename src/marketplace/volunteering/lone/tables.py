"""The tables of lone visits; their constraints are in migration 0024."""

from piccolo.columns import UUID, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal
from marketplace.ids import new_id


class LoneMark(Table):
    """That the volunteers of a shift, or of all visits of an arrangement, are on their own."""

    id = UUID(primary_key=True, default=new_id)
    shift_id = UUID(null=True, default=None)
    visit_id = UUID(null=True, default=None)
    marked_by = UUID(null=True, default=None)
    marked_at = Timestamptz(default=clock.now)


class LoneWatch(Table):
    """What was done about somebody who has not checked out; each step is once."""

    id = UUID(primary_key=True, default=new_id)
    booking_id = UUID(default=None)
    reminded_at = Timestamptz(null=True, default=None)
    alerted_at = Timestamptz(null=True, default=None)
    place_alerted_at = Timestamptz(null=True, default=None)
    safe_at = Timestamptz(null=True, default=None)
    safe_by = UUID(null=True, default=None)
    note = personal("subject", keep="account")(Text())
