"""People without e-mail and what they are to be told; migration 0022 makes them."""

from piccolo.columns import UUID, Date, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.volunteering.assisted.rules import How

_own = personal("subject", keep="account")


class AssistedPerson(Table):
    """How somebody without e-mail is reached, and what they agreed to, in whose words."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    phone = _own(Text())
    address = _own(Text())
    agreed_to = not_personal("the words that were read out or signed")(Text())
    agreed_how = Text(choices=How)
    agreed_on = _own(Date(default=None))


class ToTell(Table):
    """Something to be told by letter or phone; `what` is the template mail would have used."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    key = not_personal("of ids and the name of a template")(Text())
    what = not_personal("the name of a template")(Text())
    booking_id = UUID(null=True, default=None)
    at = Timestamptz(default=clock.now)
    told_at = Timestamptz(null=True, default=None)
    told_by = UUID(null=True, default=None)
