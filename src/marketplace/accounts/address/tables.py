"""Addresses that wait to be confirmed; migration 0031 makes the table."""

from piccolo.columns import UUID, Bytea, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal
from marketplace.ids import new_id


class AddressChange(Table):
    """A new address that somebody asked for; then the old one, sealed, until it is told."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    email = personal("subject", keep="3 days, or until it is confirmed")(Text())
    email_typed = personal("subject", keep="3 days, or until it is confirmed")(Text())
    old = personal("subject", keep="until it is told, at most 7 days")(
        Bytea(null=True, default=None)
    )
    asked_at = Timestamptz(default=clock.now)
    changed_at = Timestamptz(null=True, default=None)
