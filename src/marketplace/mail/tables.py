"""Deliveries: what was sent, so that it is not sent twice."""

from piccolo.columns import UUID, Text, Timestamptz
from piccolo.table import Table

from marketplace.db.tags import not_personal
from marketplace.ids import new_id


class Delivery(Table):
    """A message that was accepted by the mail server, or refused for good."""

    id = UUID(primary_key=True, default=new_id)
    key = not_personal("an event's id and whom it concerns by role or id")(Text())
    person_id = UUID(null=True, default=None)
    template = not_personal("the name of a file of ours")(Text())
    sent_at = Timestamptz(null=True, default=None)
    refused_at = Timestamptz(null=True, default=None)
    refusal = not_personal("a mail server's numeric answer, without its text")(Text())
