"""The tables of what a shift's leader should know; their constraints are in migration 0024."""

from piccolo.columns import UUID, Bytea, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal
from marketplace.ids import new_id


class SafetyDetails(Table):
    """Whom to ring and what somebody needs, sealed; it goes with the account."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    sealed = personal("subject", keep="account")(Bytea())
    updated_at = Timestamptz(default=clock.now)


class SafetyShare(Table):
    """That leaders may see it: of every shift of an organisation, or of one booking."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    booking_id = UUID(null=True, default=None)
    given_at = Timestamptz(default=clock.now)
