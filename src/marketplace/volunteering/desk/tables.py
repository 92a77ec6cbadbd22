"""Who was asked to fill a shift, and when an organisation was away; see migration 0025."""

from piccolo.columns import UUID, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import impersonal
from marketplace.ids import new_id
from marketplace.volunteering.desk.rules import Answer


class FillAsk(Table):
    """One person asked about one shift; `told_at` is when the message was handed on."""

    id = UUID(primary_key=True, default=new_id)
    shift_id = UUID(default=None)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    asked_by = UUID(null=True, default=None)
    asked_at = Timestamptz(default=clock.now)
    told_at = Timestamptz(null=True, default=None)
    answer = Text(choices=Answer, null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)


@impersonal("about an organisation")
class Leave(Table):
    """A time in which nobody of an organisation answered, as it said."""

    id = UUID(primary_key=True, default=new_id)
    organisation_id = UUID(default=None)
    since = Timestamptz(default=None)
    until = Timestamptz(default=None)
