"""What is lent and where: sites with their hours, things and their units, by `words/*.toml`."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from marketplace import clock, paths
from marketplace.demo.crowd import Crowd, Someone
from marketplace.demo.maker import Maker
from marketplace.permissions import OrgRole
from marketplace.things import hours
from marketplace.things.hours import Intervals
from marketplace.things.rules import Event, Kind, Period, ThingState, UnitState, period

PUBLISHED = 250
_DRAFTS = 4  # of what is over; the rest was withdrawn
# Nobody lends on these days, whatever the week says.
_HOLIDAYS = {(12, 25): "Christmas Day", (12, 26): "Boxing Day", (1, 1): "New Year’s Day"}


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of thing; `units` are fewest and most, loans in days, turnaround in hours."""

    title: str
    category: str
    at: list[str]
    units: tuple[int, int]
    summaries: list[str]
    body: str
    kind: Literal["thing", "room", "vehicle"] = "thing"
    note: str = ""
    terms: str = ""
    days: int = 7
    notice: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A site; `week` is from Monday, `closed` and `short` are days that differ."""

    organisation: str
    name: str
    town: str
    outward: str
    address: str
    code: str
    week: list[str]
    getting_there: str
    local: list[str]
    closed: dict[str, Any] = field(default_factory=dict[str, Any])
    short: dict[str, Any] = field(default_factory=dict[str, Any])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((paths.PACKAGE / "demo" / "words" / name).read_text("utf-8"))


MODELS = tuple(Model(**facts) for facts in _read("things.toml")["thing"])
PLACES = {key: Place(**facts) for key, facts in _read("sites.toml").items()}


@dataclass(slots=True)
class Site:
    """A site of the town with its calendar and who stands at its desk."""

    key: str
    row: dict[str, Any]
    week: list[Intervals]
    desk: list[Someone]
    days: dict[date, Intervals] = field(default_factory=dict[date, Intervals])

    def hours(self, day: date) -> Intervals:
        """Give the hours of a day; none is closed."""
        return self.days.get(day, self.week[day.weekday()])

    def open_from(self, day: date, step: int = 1) -> date:
        """Give the next open day, that day included; `step` -1 looks backwards."""
        while not self.hours(day):
            day += timedelta(days=step)
        return day


@dataclass(slots=True)
class Unit:
    """A unit with the half-open periods in which it cannot be had."""

    row: dict[str, Any]
    busy: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])

    def free(self, said: Period) -> bool:
        """Tell whether it can be had then."""
        mine = (said.blocked_from, said.blocked_until)
        return not any(clock.overlaps(mine, other) for other in self.busy)


@dataclass(slots=True)
class Shelf:
    """A published thing: what loans of it need to know."""

    row: dict[str, Any]
    site: Site
    units: list[Unit]

    def period(self, first: date, last: date) -> Period:
        """Turn two open days into instants."""
        return period(
            first,
            self.site.hours(first),
            last,
            self.site.hours(last),
            zone=clock.LONDON,
            hours_before=self.row["hours_before"],
            hours_after=self.row["hours_after"],
        )


class Shelves:
    """Open the sites and fill them."""

    def __init__(
        self, maker: Maker, crowd: Crowd, organisations: dict[str, dict[str, Any]]
    ) -> None:
        self.maker = maker
        self.crowd = crowd
        self.organisations = organisations

    def stock(self) -> list[Shelf]:
        """Give everything that can be borrowed."""
        sites = {key: self._site(key, place) for key, place in PLACES.items()}
        everything = [
            (model, number, sites[key]) for model in MODELS for number, key in enumerate(model.at)
        ]
        # Rooms and vehicles are never those that are left over.
        spare = [each for each in everything if each[0].kind == "thing" and each[1] > 1]
        aside = self.maker.chance.sample(spare, len(everything) - PUBLISHED)
        states = {
            (model.title, site.key): ThingState.DRAFT if place < _DRAFTS else ThingState.WITHDRAWN
            for place, (model, _, site) in enumerate(aside)
        }
        counts: dict[str, int] = dict.fromkeys(sites, 0)
        shelves: list[Shelf] = []
        for model, number, site in everything:
            counts[site.key] += 1
            state = states.get((model.title, site.key), ThingState.PUBLISHED)
            shelf = self._thing(model, number, site, counts[site.key], state)
            if state is ThingState.PUBLISHED:
                shelves.append(shelf)
        return shelves

    def _site(self, key: str, place: Place) -> Site:
        maker = self.maker
        organisation = self.organisations[place.organisation]
        created_at = organisation["approved_at"] + timedelta(days=1)
        row = maker.add(
            "site",
            id=maker.id(created_at),
            organisation_id=organisation["id"],
            name=place.name,
            address=place.address,
            town=place.town,
            postcode=maker.postcode(place.outward),
            point=maker.near(place.town, 700),
            zone=clock.LONDON.key,
            getting_there=place.getting_there,
            created_at=created_at,
        )
        desk = self.crowd.of(place.organisation, OrgRole.LIBRARIAN, OrgRole.COORDINATOR)
        site = Site(key, row, [hours.parse(text) for text in place.week], desk)
        self._happened(Event.SITE_CHANGED, "site", row["id"], site, created_at)
        for weekday, day_hours in enumerate(site.week, start=1):
            for opens, closes in day_hours:
                maker.add(
                    "opening_hours",
                    id=maker.id(created_at),
                    site_id=row["id"],
                    weekday=weekday,
                    opens=opens,
                    closes=closes,
                )
        self._days(site, place)
        return site

    def _days(self, site: Site, place: Place) -> None:
        """Close it for a day or two soon, open it late on another, and on no holiday."""
        today = self.maker.today
        if place.short:
            day = site.open_from(today + timedelta(days=place.short["in"]))
            self._day(site, day, hours.parse(place.short["hours"]), place.short["note"])
        if place.closed:
            day = today + timedelta(days=place.closed["in"])
            for _ in range(place.closed["days"]):
                day = site.open_from(day)
                self._day(site, day, (), place.closed["note"])
        for number in range(1, 300):
            day = today + timedelta(days=number)
            note = _HOLIDAYS.get((day.month, day.day))
            if note and site.hours(day):
                self._day(site, day, (), note)

    def _day(self, site: Site, day: date, day_hours: Intervals, note: str) -> None:
        if day in site.days:
            return
        site.days[day] = day_hours
        for opens, closes in day_hours or ((None, None),):
            self.maker.add(
                "site_day",
                id=self.maker.id(self.maker.now - timedelta(days=2)),
                site_id=site.row["id"],
                day=day,
                opens=opens,
                closes=closes,
                note=note,
            )

    def _thing(
        self, model: Model, number: int, site: Site, position: int, state: ThingState
    ) -> Shelf:
        maker, chance = self.maker, self.maker.chance
        kind = Kind(model.kind)
        drafted_at = maker.between(
            site.row["created_at"] + timedelta(hours=2), maker.now - timedelta(days=90)
        )
        if state is ThingState.DRAFT:
            drafted_at = maker.ago(1, 12)
        published_at = drafted_at + timedelta(hours=chance.uniform(1, 40))
        local = PLACES[site.key].local
        body = model.body if kind is Kind.ROOM else f"{model.body}\n\n{chance.choice(local)}"
        row = maker.add(
            "thing",
            id=maker.id(drafted_at),
            organisation_id=site.row["organisation_id"],
            site_id=site.row["id"],
            title=model.title,
            summary=model.summaries[number % len(model.summaries)],
            description=body,
            category=model.category,
            kind=kind.value,
            condition_notes=model.note,
            terms=model.terms,
            max_days=model.days,
            notice_days=model.notice,
            ahead_days=90,
            hours_before=0,
            hours_after=model.after,
            state=state.value,
            created_by=chance.choice(site.desk).id,
            created_at=drafted_at,
            published_at=None if state is ThingState.DRAFT else published_at,
        )
        self._happened(Event.THING_DRAFTED, "thing", row["id"], site, drafted_at)
        code = f"{PLACES[site.key].code}-{position:02d}"
        units = [
            self._unit(row, site, kind, f"{code}-{place}", place)
            for place in range(1, chance.randint(*model.units) + 1)
        ]
        if state is not ThingState.DRAFT:
            self._happened(Event.THING_PUBLISHED, "thing", row["id"], site, published_at)
        if state is ThingState.WITHDRAWN:
            self._happened(Event.THING_WITHDRAWN, "thing", row["id"], site, maker.ago(2, 40))
        return Shelf(row, site, units)

    def _unit(self, thing: dict[str, Any], site: Site, kind: Kind, code: str, place: int) -> Unit:
        created_at = thing["created_at"] + timedelta(minutes=5 * place)
        row = self.maker.add(
            "unit",
            id=self.maker.id(created_at),
            thing_id=thing["id"],
            organisation_id=thing["organisation_id"],
            label=f"{'Room' if kind is Kind.ROOM else 'Number'} {place}",
            asset_code="" if kind is Kind.ROOM else code,
            state=UnitState.AVAILABLE.value,
            note="",
            created_at=created_at,
        )
        self._happened(Event.UNIT_ADDED, "unit", row["id"], site, created_at)
        return Unit(row)

    def _happened(self, event: Event, what: str, id: UUID, site: Site, at: datetime) -> None:
        self.maker.happened(
            event, what, id, at, by=site.desk[0].id, organisation=site.row["organisation_id"]
        )
