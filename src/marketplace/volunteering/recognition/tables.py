"""The tables of recognition; their constraints are in migration 0021."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal
from marketplace.ids import new_id
from marketplace.volunteering.recognition.rules import Kind

_chosen = personal("subject", keep="account, or until it is revoked")


class Thanks(Table):
    """A coordinator's sentence to one volunteer."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    booking_id = UUID(null=True, default=None)
    words = personal("subject", keep="account")(Text())
    said_by = UUID(null=True, default=None)
    said_at = Timestamptz(default=clock.now)


class Statement(Table):
    """What a volunteer chose to show; `minutes` as they stood when it was made."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    code = personal("secret", keep="account, or until it is revoked")(Text())
    kind = Text(choices=Kind, default=Kind.STATEMENT)
    first_day = _chosen(Date(default=None))
    last_day = _chosen(Date(default=None))
    shows_name = Boolean(default=True)
    shows_roles = Boolean(default=True)
    shows_hours = Boolean(default=True)
    minutes = Integer(default=0)
    made_at = Timestamptz(default=clock.now)
    revoked_at = Timestamptz(null=True, default=None)


class StatementLine(Table, tablename="statement_line"):
    """The minutes of one role within a statement."""

    id = UUID(primary_key=True, default=new_id)
    statement_id = ForeignKey(Statement, null=False)
    organisation_id = UUID(default=None)
    role_id = UUID(default=None)
    minutes = Integer(default=0)
