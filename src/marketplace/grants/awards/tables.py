"""The table of decisions; its constraints are in migration 0011."""

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal
from marketplace.grants.awards.rules import Outcome
from marketplace.grants.tables import Application, Round
from marketplace.ids import new_id


class Decision(Table):
    """What was decided, known to the funder alone until `released_at`."""

    id = UUID(primary_key=True, default=new_id)
    application_id = ForeignKey(Application, null=False)
    round_id = ForeignKey(Round, null=False)
    outcome = Text(choices=Outcome)
    note = personal("third-party", keep="six years after the decision")(Text())
    decided_by = UUID(null=True, default=None)
    decided_at = Timestamptz(default=clock.now)
    released_at = Timestamptz(null=True, default=None)
