"""Reading sites and their hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.things.hours import Intervals

NO_SUCH = "We cannot find that site."


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site; `point` is OSGB36 metres or None, `zone` the name of its time zone."""

    id: UUID
    organisation_id: UUID
    name: str
    address: str
    town: str
    postcode: str
    point: tuple[float, float] | None
    zone: str
    getting_there: str

    @property
    def tz(self) -> ZoneInfo:
        """Give the zone of its wall clock."""
        return ZoneInfo(self.zone)

    @property
    def place(self) -> str:
        """Write where it is in one line."""
        return place_words(self.name, self.address, self.town, self.postcode)


def place_words(*parts: str | None) -> str:
    """Write a place in one line, without what an earlier part says already."""
    said: list[str] = []
    for part in parts:
        if part and part.casefold() not in ", ".join(said).casefold():
            said.append(part)
    return ", ".join(said)


_SELECT = (
    "SELECT id, organisation_id, name, address, town, postcode, point, zone, getting_there"
    " FROM site"
)


def _view(row: dict[str, Any]) -> SiteView:
    point = row["point"]
    return SiteView(**{**row, "point": (point.x, point.y) if point else None})


async def to_manage(actor: Actor, id: UUID, *, lock: bool = False) -> SiteView:
    """Read a site for those who work on it.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
        NotAllowed: the actor does not work on this organisation's things.
    """
    row = await db.fetch_one(
        f"{_SELECT} WHERE id = {{}}" + (" FOR NO KEY UPDATE" if lock else ""), id
    )
    if row is None:
        raise NotFound(NO_SUCH)
    view = _view(row)
    actor.require_to_know(Permission.VIEW_DRAFTS, view.organisation_id)
    actor.require(Permission.WRITE_THINGS, view.organisation_id)
    return view


@dataclass(frozen=True, slots=True)
class OwnSite:
    """A row of an organisation's sites, with how many things are there and its week."""

    site: SiteView
    things: int
    week: list[Intervals]


async def of_organisation(actor: Actor, organisation_id: UUID) -> list[OwnSite]:
    """List an organisation's sites by name.

    Raises:
        NotAllowed: the actor may not see what is not public.
    """
    actor.require(Permission.VIEW_DRAFTS, organisation_id)
    rows = await db.fetch(
        f"{_SELECT} WHERE organisation_id = {{}} ORDER BY lower(name), id LIMIT 200",
        organisation_id,
    )
    counts = await db.fetch(
        "SELECT site_id, count(*) AS number FROM thing WHERE organisation_id = {}"
        " AND site_id IS NOT NULL GROUP BY site_id",
        organisation_id,
    )
    number = {row["site_id"]: row["number"] for row in counts}
    weeks = await _weeks([row["id"] for row in rows])
    return [OwnSite(_view(row), number.get(row["id"], 0), weeks[row["id"]]) for row in rows]


async def week(site_id: UUID) -> list[Intervals]:
    """Give the hours of seven days from Monday."""
    return (await _weeks([site_id]))[site_id]


async def _weeks(site_ids: Sequence[UUID]) -> dict[UUID, list[Intervals]]:
    rows = await db.fetch(
        "SELECT site_id, weekday, array_agg(opens ORDER BY opens) AS opens,"
        " array_agg(closes ORDER BY opens) AS closes FROM opening_hours"
        " WHERE site_id = ANY({}::uuid[]) GROUP BY site_id, weekday",
        list(site_ids),
    )
    found: dict[UUID, list[Intervals]] = {id: [()] * 7 for id in site_ids}
    for row in rows:
        found[row["site_id"]][row["weekday"] - 1] = tuple(
            zip(row["opens"], row["closes"], strict=True)
        )
    return found


@dataclass(frozen=True, slots=True)
class DatedHours:
    """A day that differs from the week; no hours: closed."""

    day: date
    hours: Intervals
    note: str


async def dated(site_id: UUID, first: date, limit: int = 200) -> list[DatedHours]:
    """List the days that differ from the week, from `first` on."""
    rows = await db.fetch(
        "SELECT day, array_agg(opens ORDER BY opens) FILTER (WHERE opens IS NOT NULL) AS opens,"
        " array_agg(closes ORDER BY opens) FILTER (WHERE opens IS NOT NULL) AS closes,"
        " max(note) AS note FROM site_day WHERE site_id = {} AND day >= {}::date"
        " GROUP BY day ORDER BY day LIMIT {}",
        site_id,
        first,
        limit,
    )
    return [
        DatedHours(
            row["day"],
            tuple(zip(row["opens"] or (), row["closes"] or (), strict=True)),
            row["note"],
        )
        for row in rows
    ]
