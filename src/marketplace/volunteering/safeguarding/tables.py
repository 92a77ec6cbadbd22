"""The tables of safeguarding; their constraints are in migration 0019."""

from piccolo.columns import UUID, Array, Boolean, Date, ForeignKey, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.credentials.rules import Check, Kind, Workforce
from marketplace.db.tags import impersonal, not_personal
from marketplace.ids import new_id
from marketplace.volunteering.safeguarding.rules import Frequency, Nation
from marketplace.volunteering.tables import Role


@impersonal("about a role, and the named person who decided is an id")
class RoleCheck(Table):
    """What a named person decided a role asks for: append-only; `level` None is no check."""

    id = UUID(primary_key=True, default=new_id)
    role_id = ForeignKey(Role, null=False)
    organisation_id = UUID(default=None)
    level = Text(choices=Check, null=True, default=None)
    advised = Text(choices=Check, null=True, default=None)
    nation = Text(choices=Nation)
    workforce = Text(choices=Workforce)
    duties = Array(base_column=Text())
    frequency = Text(choices=Frequency)
    supervised = Boolean(default=False)
    rules = Array(base_column=Text())
    judged_on = Date(default=None)
    why = Text()
    decided_by = UUID(default=None)
    decided_at = Timestamptz(default=clock.now)


class RoleTraining(Table):
    """Training that a role asks for, chosen freely."""

    id = UUID(primary_key=True, default=new_id)
    role_id = ForeignKey(Role, null=False)
    kind = not_personal("a kind of training")(Text(choices=Kind))


class CheckRequest(Table):
    """That somebody asked an organisation to look at what a role needs."""

    id = UUID(primary_key=True, default=new_id)
    role_id = ForeignKey(Role, null=False)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    asked_at = Timestamptz(default=clock.now)
    closed_at = Timestamptz(null=True, default=None)
