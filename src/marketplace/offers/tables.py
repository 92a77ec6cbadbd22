"""The tables of queues; their constraints are in migration 0017."""

from piccolo.columns import UUID, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.offers.rules import EntryState, Mode


class OfferQueue(Table):
    """All who wait for one subject; its row is locked while anything in it changes."""

    id = UUID(primary_key=True, default=new_id)
    subject_type = not_personal("a kind of row, such as shift")(Text())
    subject_id = UUID(default=None)
    organisation_id = UUID(default=None)
    mode = Text(choices=Mode, default=Mode.FIRST_COME)
    created_at = Timestamptz(default=clock.now)


class OfferEntry(Table):
    """One person's time in one queue, in the order of `place`; `reason` is why it was declined."""

    id = UUID(primary_key=True, default=new_id)
    queue_id = ForeignKey(OfferQueue, null=False)
    person_id = UUID(default=None)
    place = Integer(default=1)
    state = Text(choices=EntryState, default=EntryState.WAITING)
    joined_at = Timestamptz(default=clock.now)
    offered_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    reason = personal("subject", keep="account")(Text())
