"""Who was sent which digest: one row a person; migration 0027 makes it."""

from piccolo.columns import UUID, Array, Date
from piccolo.table import Table

from marketplace.db.tags import personal
from marketplace.ids import new_id

_own = personal("subject", keep="account")


class Digest(Table):
    """The digest a person was last thought of for, and what the last one sent listed."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    day = _own(Date(default=None))
    sent_day = _own(Date(null=True, default=None))
    shown = _own(Array(base_column=UUID()))
