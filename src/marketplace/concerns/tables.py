"""The tables of concerns; their constraints are in migration 0024."""

from piccolo.columns import UUID, Array, Boolean, Bytea, ForeignKey, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.concerns.rules import AboutLeads, NoteKind, State
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id

_record = personal("third-party", keep="safeguarding record: as long as the policy says")


class Concern(Table):
    """What somebody is worried about; `kept_from` are people who may never read it.

    `for_place`: it goes to the place's leads. Whoever raised it is known by `contact_` only.
    """

    id = UUID(primary_key=True, default=new_id)
    code_hash = personal("secret", keep="with the record")(Bytea(secret=True))
    organisation_id = UUID(null=True, default=None)
    about_leads = Text(choices=AboutLeads, default=AboutLeads.NO)
    for_place = Boolean(default=False)
    kept_from = not_personal("ids of people")(Array(base_column=UUID()))
    state = Text(choices=State, default=State.NEW)
    text = _record(Text())
    page = not_personal("an address of ours, of words and ids")(Text())
    contact_name = _record(Text())
    contact_how = _record(Text())
    raised_at = Timestamptz(default=clock.now)
    escalated_at = Timestamptz(null=True, default=None)
    taken_by = UUID(null=True, default=None)
    taken_at = Timestamptz(null=True, default=None)
    closed_by = UUID(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    outcome = _record(Text())


class ConcernNote(Table):
    """What was noted, answered or added: append-only. Without an author: who raised it."""

    id = UUID(primary_key=True, default=new_id)
    concern_id = ForeignKey(Concern, null=False)
    author_id = UUID(null=True, default=None)
    kind = Text(choices=NoteKind, default=NoteKind.NOTE)
    text = _record(Text())
    at = Timestamptz(default=clock.now)
