"""Tables that were sent in, line by line; migration 0022 makes them."""

from piccolo.columns import JSONB, UUID, Array, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.volunteering.moving_in.rules import (
    Choice,
    Kind,
    Made,
    RowState,
    State,
    Verdict,
)


class CsvImport(Table):
    """One table of one kind; `notes` are sentences about its columns."""

    id = UUID(primary_key=True, default=new_id)
    kind = Text(choices=Kind)
    state = Text(choices=State, default=State.PREVIEW)
    rows = Integer(default=0)
    notes = not_personal("about columns, of their headings alone")(Array(base_column=Text()))
    made_by = UUID(default=None)
    made_at = Timestamptz(default=clock.now)
    finished_at = Timestamptz(null=True, default=None)


class CsvImportRow(Table):
    """One line: `match_id` is what is here already, `made_id` what was made of it."""

    id = UUID(primary_key=True, default=new_id)
    import_id = ForeignKey(CsvImport, null=False)
    line = Integer(default=0)
    cells = personal("subject", keep="90 days")(JSONB())
    label = personal("subject", keep="90 days")(Text())
    verdict = Text(choices=Verdict)
    sentence = not_personal("of the rules that a line met, without what it says of anybody")(Text())
    match_id = UUID(null=True, default=None)
    choice = Text(choices=Choice, null=True, default=None)
    state = Text(choices=RowState, default=RowState.WAITING)
    made_type = Text(choices=Made, null=True, default=None)
    made_id = UUID(null=True, default=None)
    invited_at = Timestamptz(null=True, default=None)


class FeedSource(Table):
    """Where something came from: the id another platform publishes it under.

    `import_id` is the import of a broker that brought it; undone, it is forgotten.
    """

    id = UUID(primary_key=True, default=new_id)
    source = not_personal("an address of a published organisation or opportunity")(Text())
    subject_type = not_personal("a kind of row")(Text())
    subject_id = UUID(default=None)
    digest = not_personal("a hash of what was published")(Text())
    seen_at = Timestamptz(default=clock.now)
    import_id = UUID(null=True, default=None)
