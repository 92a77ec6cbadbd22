"""Areas with dates, and the outward codes they cover. None of it is personal."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Text
from piccolo.table import Table

from marketplace.db.tags import impersonal
from marketplace.ids import new_id
from marketplace.places.columns import GridPoint

_AREAS = "public areas and the middles of their postcodes"


@impersonal(_AREAS)
class Place(Table):
    """A neighbourhood, a place or a system, as the councils or the NHS draw it.

    `valid_to` is the first day on which it is no more; None while it lasts.
    """

    id = UUID(primary_key=True, default=new_id)
    kind = Text()
    scheme = Text()
    name = Text()
    parent_id = ForeignKey("self", null=True)
    gss = Text(null=True, default=None)
    valid_from = Date(default=None)
    valid_to = Date(null=True, default=None)


@impersonal(_AREAS)
class OutwardCodeRow(Table, tablename="outward_code"):
    """An outward code of the United Kingdom and its middle."""

    code = Text(primary_key=True)
    point = GridPoint(null=False)
    town = Text()


@impersonal("public units of about fifteen addresses each")
class PostcodeRow(Table, tablename="postcode"):
    """A live postcode, such as CM11AA; `district` is the code of the council it lies in, or ""."""

    code = Text(primary_key=True)
    point = GridPoint(null=False)
    district = Text()


@impersonal(_AREAS)
class PlaceOutward(Table, tablename="place_outward"):
    """A place covers an outward code; `main` where most of the code's addresses lie in it."""

    id = UUID(primary_key=True, default=new_id)
    place_id = ForeignKey(Place, null=False)
    outward_code = ForeignKey(OutwardCodeRow, null=False)
    main = Boolean(default=False)
