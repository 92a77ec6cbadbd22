"""The tables of credentials; their constraints are in migration 0019."""

from piccolo.columns import UUID, Boolean, Date, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.credentials.rules import Check, Kind, Outcome, Workforce
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id

_held = personal("subject", keep="as long as they help the organisation that saw it")


class Credential(Table):
    """What one organisation saw of one person; `holds_until` is the last day, None for no end."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    kind = _held(Text(choices=Kind))
    level = _held(Text(choices=Check, null=True, default=None))
    workforce = _held(Text(choices=Workforce, default=Workforce.NEITHER))
    reference = personal("subject", keep="180 days after it was seen")(Text())
    issued_on = _held(Date(default=None))
    holds_until = _held(Date(null=True, default=None))
    outcome = _held(Text(choices=Outcome))
    seen_by = UUID(default=None)
    seen_at = Timestamptz(default=clock.now)
    shared = Boolean(default=False)
    revoked_by = UUID(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    details_deleted_at = Timestamptz(null=True, default=None)


class CredentialNotice(Table):
    """That something about to run out was told, so that it is told once."""

    id = UUID(primary_key=True, default=new_id)
    about = not_personal("a kind of notice")(Text())
    subject_id = UUID(default=None)
    holds_until = not_personal("about a person only through the row it names")(Date(default=None))
    at = Timestamptz(default=clock.now)
