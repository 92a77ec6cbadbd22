"""Which people have a feed."""

from piccolo.columns import UUID, Boolean, Integer, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.ids import new_id


class CalendarFeed(Table):
    """One person's feed.

    Its address is signed from `id` and `version` with the installation's key and stored nowhere:
    whoever reads this table can open no feed, and the page can show the address again. A new
    `version` makes the old address worthless.
    """

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    version = Integer(default=1)
    live = Boolean(default=True)
    made_at = Timestamptz(default=clock.now)
