"""The tables of the library; their constraints are in migration 0008.

Wall times stand beside instants: `first_day` and `last_day` are what the borrower chose, in
`zone`; `starts_at` and `ends_at` are what everything is judged by.
"""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, Text, Time, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import impersonal, not_personal, personal
from marketplace.ids import new_id
from marketplace.places.columns import GridPoint
from marketplace.things.rules import (
    CancelledBy,
    Kind,
    OccupancyState,
    ReservationState,
    ThingState,
    UnitState,
)

_published = not_personal("the lender writes it to be read by everybody")
_kept = personal("subject", keep="account")
_days = personal("subject", keep="without a name, as long as the thing")


@impersonal("where an organisation lends from, published")
class Site(Table):
    """Where things are collected and returned; `zone` is that of its wall clock."""

    id = UUID(primary_key=True, default=new_id)
    organisation_id = UUID(default=None)
    name = Text()
    address = Text()
    town = Text()
    postcode = Text()
    point = GridPoint()
    zone = Text(default="Europe/London")
    getting_there = Text()
    created_at = Timestamptz(default=clock.now)


@impersonal("when a site is open, published")
class OpeningHours(Table):
    """One interval of a weekday (1 is Monday) in the site's wall time."""

    id = UUID(primary_key=True, default=new_id)
    site_id = ForeignKey(Site, null=False)
    weekday = Integer(default=1)
    opens = Time(default=None)
    closes = Time(default=None)


@impersonal("when a site is open otherwise, published")
class SiteDay(Table):
    """One interval of one dated day that differs from the week; no times: closed."""

    id = UUID(primary_key=True, default=new_id)
    site_id = ForeignKey(Site, null=False)
    day = Date(default=None)
    opens = Time(null=True, default=None)
    closes = Time(null=True, default=None)
    note = Text()


class Thing(Table):
    """A model in the catalogue; days are calendar days, turnaround is in hours."""

    id = UUID(primary_key=True, default=new_id)
    organisation_id = UUID(default=None)
    site_id = ForeignKey(Site, null=True, default=None)
    title = _published(Text())
    summary = _published(Text())
    description = _published(Text())
    category = _published(Text())
    kind = Text(choices=Kind, default=Kind.THING)
    condition_notes = _published(Text())
    terms = _published(Text())
    max_days = Integer(default=7)
    notice_days = Integer(default=0)
    ahead_days = Integer(default=90)
    hours_before = Integer(default=0)
    hours_after = Integer(default=0)
    image_id = UUID(null=True, default=None)
    state = Text(choices=ThingState, default=ThingState.DRAFT)
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz(default=clock.now)
    published_at = Timestamptz(null=True, default=None)


@impersonal("a unit is a piece of kit")
class Unit(Table):
    """One physical piece of a thing."""

    id = UUID(primary_key=True, default=new_id)
    thing_id = ForeignKey(Thing, null=False)
    organisation_id = UUID(default=None)
    label = Text()
    asset_code = Text()
    state = Text(choices=UnitState, default=UnitState.AVAILABLE)
    note = Text()
    created_at = Timestamptz(default=clock.now)


class Reservation(Table):
    """A person's claim to a unit of a thing; `unit_id` is known once one is handed over."""

    id = UUID(primary_key=True, default=new_id)
    thing_id = ForeignKey(Thing, null=False)
    organisation_id = UUID(default=None)
    person_id = UUID(default=None)
    for_organisation_id = UUID(null=True, default=None)
    state = Text(choices=ReservationState, default=ReservationState.RESERVED)
    first_day = _days(Date(default=None))
    last_day = _days(Date(default=None))
    zone = not_personal("of the site")(Text())
    starts_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    unit_id = ForeignKey(Unit, null=True, default=None)
    reserved_at = Timestamptz(default=clock.now)
    out_at = Timestamptz(null=True, default=None)
    out_by = UUID(null=True, default=None)
    condition_out = not_personal("of the unit when it left")(Text())
    returned_at = Timestamptz(null=True, default=None)
    returned_by = UUID(null=True, default=None)
    condition_in = not_personal("of the unit when it came back")(Text())
    needs_repair = Boolean(default=False)
    cancelled_at = Timestamptz(null=True, default=None)
    cancelled_by = Text(choices=CancelledBy, null=True, default=None)
    reason = _kept(Text())


@impersonal("when a unit cannot be had, never who has it")
class Occupancy(Table):
    """A half-open period in which a unit cannot be had, turnaround included."""

    id = UUID(primary_key=True, default=new_id)
    thing_id = ForeignKey(Thing, null=False)
    unit_id = ForeignKey(Unit, null=True, default=None)
    reservation_id = ForeignKey(Reservation, null=True, default=None)
    reason = Text()
    state = Text(choices=OccupancyState, default=OccupancyState.HELD)
    blocked_from = Timestamptz(default=None)
    blocked_until = Timestamptz(default=None)
