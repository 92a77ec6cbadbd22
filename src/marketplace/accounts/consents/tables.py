"""The ledger of consents; migration 0020 makes it and lets nobody change a row."""

from piccolo.columns import UUID, BigInt, Boolean, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.accounts.consents.rules import Channel, How, Purpose
from marketplace.db.tags import not_personal
from marketplace.ids import new_id


class Consent(Table):
    """One time that somebody agreed or withdrew; `number` is the order, given by the database.

    `organisation_id` is None where it is the place itself that may write. `given_at` is when they
    said so, `at` when it was written down here.
    """

    id = UUID(primary_key=True, default=new_id)
    number = BigInt()
    person_id = UUID(default=None)
    organisation_id = UUID(null=True, default=None)
    purpose = Text(choices=Purpose)
    channel = Text(choices=Channel)
    agreed = Boolean()
    how = Text(choices=How)
    wording = not_personal("the version of words that were shown")(Text())
    evidence = not_personal("names where the proof lies, by ids; operations take no names")(Text())
    recorded_by = UUID(null=True, default=None)
    given_at = Timestamptz(default=clock.now)
    at = Timestamptz(default=clock.now)
