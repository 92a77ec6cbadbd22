"""Reading things: one for its page, an organisation's own, their units."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.things import categories
from marketplace.things.rules import (
    Kind,
    Readiness,
    ReservationState,
    ThingState,
    UnitState,
    missing,
)
from marketplace.things.sites.queries import place_words

NO_SUCH = "We cannot find that thing. It may have been taken down."
NO_SUCH_UNIT = "We cannot find that unit."

_SELECT = (
    "SELECT t.id, t.organisation_id, t.site_id, t.title, t.summary, t.description, t.category,"
    " t.kind, t.condition_notes, t.terms, t.max_days, t.notice_days, t.ahead_days,"
    " t.hours_before, t.hours_after, t.image_id, t.state, t.published_at,"
    " g.name AS organisation_name, g.state AS organisation_state,"
    " s.name AS site_name, s.address, s.town, s.postcode, s.getting_there, s.zone,"
    " (SELECT count(*) FROM unit u WHERE u.thing_id = t.id AND u.state <> 'retired') AS units,"
    " EXISTS (SELECT FROM opening_hours h WHERE h.site_id = t.site_id) AS open_days"
    " FROM thing t JOIN organisation g ON g.id = t.organisation_id"
    " LEFT JOIN site s ON s.id = t.site_id"
)


@dataclass(frozen=True, slots=True)
class ThingView:
    """A thing with its lender and site; the site's columns are None where none is chosen.

    `units` counts those that are not retired; `open_days` tells whether its site ever opens.
    """

    id: UUID
    organisation_id: UUID
    site_id: UUID | None
    title: str
    summary: str
    description: str
    category: str
    kind: Kind
    condition_notes: str
    terms: str
    max_days: int
    notice_days: int
    ahead_days: int
    hours_before: int
    hours_after: int
    image_id: UUID | None
    state: ThingState
    published_at: datetime | None
    organisation_name: str
    organisation_state: str
    site_name: str | None
    address: str | None
    town: str | None
    postcode: str | None
    getting_there: str | None
    zone: str | None
    units: int
    open_days: bool

    @property
    def approved(self) -> bool:
        """Tell whether its organisation may appear in public."""
        return self.organisation_state == "approved"

    @property
    def public(self) -> bool:
        """Tell whether anybody may find and reserve it."""
        return self.state is ThingState.PUBLISHED and self.approved

    @property
    def tz(self) -> ZoneInfo:
        """Give the zone of its site's wall clock."""
        return ZoneInfo(self.zone) if self.zone else clock.LONDON

    @property
    def place(self) -> str:
        """Write where it is collected in one line, "" without a site."""
        return place_words(self.site_name, self.address, self.town, self.postcode)

    @property
    def icon(self) -> str:
        """Name the icon of its category."""
        return categories.icon(self.category)

    @property
    def category_label(self) -> str:
        """Name its category."""
        return categories.label(self.category)

    @property
    def lacks(self) -> list[tuple[str, str]]:
        """Name what is missing before it can be published, as (field, sentence)."""
        return missing(
            Readiness(self.summary, self.site_id is not None, self.open_days, self.units)
        )


def _view(row: dict[str, Any]) -> ThingView:
    return ThingView(**{**row, "kind": Kind(row["kind"]), "state": ThingState(row["state"])})


def may_see(actor: Actor, thing: ThingView) -> bool:
    """Tell whether an actor may see it: what was never published is the organisation's own."""
    if thing.published_at is not None and thing.approved:
        return True
    return actor.can(Permission.VIEW_DRAFTS, thing.organisation_id)


async def thing(actor: Actor, id: UUID, *, lock: bool = False) -> ThingView:
    """Read one thing; `lock` keeps it still until the open transaction ends.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
    """
    row = await db.fetch_one(
        f"{_SELECT} WHERE t.id = {{}}" + (" FOR NO KEY UPDATE OF t" if lock else ""), id
    )
    if row is None or not may_see(actor, view := _view(row)):
        raise NotFound(NO_SUCH)
    return view


async def to_manage(actor: Actor, id: UUID, *, lock: bool = False) -> ThingView:
    """Read one thing for those who write the catalogue.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
        NotAllowed: the actor does not work on this organisation's things.
    """
    view = await thing(actor, id, lock=lock)
    actor.require(Permission.WRITE_THINGS, view.organisation_id)
    return view


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One row of an organisation's list; counts are of now."""

    id: UUID
    title: str
    category: str
    state: ThingState
    site_name: str | None
    units: int
    in_repair: int
    out: int
    upcoming: int
    unplaced: int

    @property
    def category_label(self) -> str:
        """Name its category."""
        return categories.label(self.category)


async def of_organisation(actor: Actor, organisation_id: UUID) -> list[OwnRow]:
    """List an organisation's own things: drafts first, the withdrawn last.

    Raises:
        NotAllowed: the actor may not see what is not public.
    """
    actor.require(Permission.VIEW_DRAFTS, organisation_id)
    rows = await db.fetch(
        "SELECT t.id, t.title, t.category, t.state, s.name AS site_name,"
        " coalesce(u.units, 0) AS units, coalesce(u.in_repair, 0) AS in_repair,"
        " coalesce(r.out, 0) AS out, coalesce(r.upcoming, 0) AS upcoming,"
        " (SELECT count(*) FROM occupancy o WHERE o.thing_id = t.id AND o.state = 'unplaced')"
        "  AS unplaced"
        " FROM thing t LEFT JOIN site s ON s.id = t.site_id"
        " LEFT JOIN (SELECT thing_id, count(*) FILTER (WHERE state <> 'retired') AS units,"
        "  count(*) FILTER (WHERE state = 'in_repair') AS in_repair"
        "  FROM unit WHERE organisation_id = {} GROUP BY thing_id) AS u ON u.thing_id = t.id"
        " LEFT JOIN (SELECT thing_id, count(*) FILTER (WHERE state = 'out') AS out,"
        "  count(*) FILTER (WHERE state = 'reserved') AS upcoming FROM reservation"
        "  WHERE organisation_id = {} AND state IN ('reserved', 'out') GROUP BY thing_id) AS r"
        "  ON r.thing_id = t.id"
        " WHERE t.organisation_id = {}"
        " ORDER BY array_position(ARRAY['draft', 'published', 'withdrawn'], t.state),"
        "  lower(t.title), t.id LIMIT 500",
        organisation_id,
        organisation_id,
        organisation_id,
    )
    return [OwnRow(**{**row, "state": ThingState(row["state"])}) for row in rows]


@dataclass(frozen=True, slots=True)
class UnitView:
    """One unit; `out_until` is the return day of the loan it is out on, None when it is in."""

    id: UUID
    thing_id: UUID
    organisation_id: UUID
    label: str
    asset_code: str
    state: UnitState
    note: str
    out_until: date | None

    @property
    def name(self) -> str:
        """Write its label with its code."""
        return f"{self.label} ({self.asset_code})" if self.asset_code else self.label


_UNITS = (
    "SELECT u.id, u.thing_id, u.organisation_id, u.label, u.asset_code, u.state, u.note,"
    " r.last_day AS out_until FROM unit u LEFT JOIN reservation r"
    " ON r.thing_id = u.thing_id AND r.unit_id = u.id AND r.state = 'out'"
)


def _unit(row: dict[str, Any]) -> UnitView:
    return UnitView(**{**row, "state": UnitState(row["state"])})


async def units(thing_id: UUID) -> list[UnitView]:
    """List the units of a thing, the retired last."""
    rows = await db.fetch(
        f"{_UNITS} WHERE u.thing_id = {{}} ORDER BY u.state = 'retired', lower(u.label), u.id",
        thing_id,
    )
    return [_unit(row) for row in rows]


async def unit_to_manage(actor: Actor, id: UUID) -> tuple[UnitView, ThingView]:
    """Read a unit and its thing for those who write the catalogue.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
        NotAllowed: the actor does not work on this organisation's things.
    """
    row = await db.fetch_one(f"{_UNITS} WHERE u.id = {{}}", id)
    if row is None:
        raise NotFound(NO_SUCH_UNIT)
    return _unit(row), await to_manage(actor, row["thing_id"])


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A reservation that has no unit any more and waits for a decision."""

    id: UUID
    first_day: date
    last_day: date
    state: ReservationState = ReservationState.RESERVED


async def unplaced(thing_id: UUID) -> list[Unplaced]:
    """List the reservations of a thing that have no unit, the soonest first."""
    rows = await db.fetch(
        "SELECT r.id, r.first_day, r.last_day FROM occupancy o"
        " JOIN reservation r ON r.id = o.reservation_id"
        " WHERE o.thing_id = {} AND o.state = 'unplaced' ORDER BY r.first_day, r.id",
        thing_id,
    )
    return [Unplaced(**row) for row in rows]
