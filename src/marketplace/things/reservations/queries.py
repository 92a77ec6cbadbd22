"""Reading reservations: one person's own, and what stands in the way of another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor
from marketplace.things import availability, categories, rules
from marketplace.things.availability import Loan
from marketplace.things.catalogue import queries as catalogue
from marketplace.things.catalogue.queries import ThingView
from marketplace.things.hours import Intervals
from marketplace.things.rules import Asked, CancelledBy, Obstacle, ReservationState, obstacles
from marketplace.things.sites import queries as sites
from marketplace.things.sites.queries import place_words

NO_SUCH = "We cannot find that reservation."
AROUND = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ReservationView:
    """One reservation or loan; `unit` is known once handed over, `unplaced` without any to give."""

    id: UUID
    thing_id: UUID
    organisation_id: UUID
    person_id: UUID
    state: ReservationState
    first_day: date
    last_day: date
    starts_at: datetime
    ends_at: datetime
    zone: str
    title: str
    category: str
    organisation_name: str
    person_name: str
    group_name: str | None
    site_id: UUID | None
    place: str
    getting_there: str
    unit: str | None
    asset_code: str | None
    out_at: datetime | None
    returned_at: datetime | None
    condition_out: str
    condition_in: str
    needs_repair: bool
    cancelled_by: CancelledBy | None
    reason: str
    unplaced: bool

    @property
    def days(self) -> str:
        """Write its days."""
        return rules.days_words(self.first_day, self.last_day)

    @property
    def icon(self) -> str:
        """Name the icon of its category."""
        return categories.icon(self.category)

    @property
    def unit_name(self) -> str:
        """Write the unit with its code, "" before one is handed over."""
        return " ".join(
            filter(None, (self.unit, f"({self.asset_code})" if self.asset_code else ""))
        )

    def overdue(self, now: datetime) -> bool:
        """Tell whether it should be back by now."""
        return rules.overdue(self.state, self.ends_at, now)


SELECT = (
    "SELECT r.id, r.thing_id, r.organisation_id, r.person_id, r.state, r.first_day, r.last_day,"
    " r.starts_at, r.ends_at, r.zone, t.title, t.category, g.name AS organisation_name,"
    " p.name AS person_name, b.name AS group_name, t.site_id, s.name AS site_name, s.address,"
    " s.town, s.postcode, s.getting_there, u.label AS unit, u.asset_code, r.out_at,"
    " r.returned_at, r.condition_out, r.condition_in, r.needs_repair, r.cancelled_by, r.reason,"
    " coalesce(o.state = 'unplaced', false) AS unplaced"
    " FROM reservation r JOIN thing t ON t.id = r.thing_id"
    " JOIN organisation g ON g.id = r.organisation_id JOIN person p ON p.id = r.person_id"
    " LEFT JOIN organisation b ON b.id = r.for_organisation_id"
    " LEFT JOIN site s ON s.id = t.site_id LEFT JOIN unit u ON u.id = r.unit_id"
    " LEFT JOIN occupancy o ON o.reservation_id = r.id"
)


def view(row: dict[str, Any]) -> ReservationView:
    """Make a reservation of a row of `SELECT`."""
    kept = dict(row)
    place = [kept.pop(name) for name in ("site_name", "address", "town", "postcode")]
    return ReservationView(
        **{
            **kept,
            "state": ReservationState(row["state"]),
            "cancelled_by": CancelledBy(row["cancelled_by"]) if row["cancelled_by"] else None,
            "getting_there": row["getting_there"] or "",
            "person_name": row["person_name"] or "Somebody who left",
            "place": place_words(*place),
        }
    )


async def own(actor: Actor, id: UUID) -> ReservationView:
    """Read one of the actor's own reservations.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    person = actor.require_person()
    row = await db.fetch_one(f"{SELECT} WHERE r.id = {{}} AND r.person_id = {{}}", id, person)
    if row is None:
        raise NotFound(NO_SUCH)
    return view(row)


async def by_id(id: UUID) -> ReservationView | None:
    """Read one reservation for a message about it; None when there is none."""
    row = await db.fetch_one(f"{SELECT} WHERE r.id = {{}}", id)
    return view(row) if row else None


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's borrowing: what they have, what they will collect, what is over."""

    out: list[ReservationView]
    upcoming: list[ReservationView]
    past: list[ReservationView]


async def mine(actor: Actor, past: int = 100) -> Mine:
    """List the actor's loans by when they are due, then what is to come, then `past`.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    live = await db.fetch(
        f"{SELECT} WHERE r.person_id = {{}} AND r.state IN ('reserved', 'out')"
        " ORDER BY r.ends_at, r.id LIMIT 200",
        person,
    )
    gone = await db.fetch(
        f"{SELECT} WHERE r.person_id = {{}} AND r.state NOT IN ('reserved', 'out')"
        " ORDER BY coalesce(r.returned_at, r.cancelled_at, r.ends_at) DESC, r.id LIMIT {}",
        person,
        past,
    )
    views = [view(row) for row in live]
    return Mine(
        [each for each in views if each.state is ReservationState.OUT],
        sorted(
            (each for each in views if each.state is ReservationState.RESERVED),
            key=lambda each: each.starts_at,
        ),
        [view(row) for row in gone],
    )


async def mine_of(actor: Actor, thing_id: UUID) -> list[ReservationView]:
    """List the actor's live reservations of one thing; none for the anonymous."""
    if actor.person_id is None:
        return []
    rows = await db.fetch(
        f"{SELECT} WHERE r.person_id = {{}} AND r.thing_id = {{}}"
        " AND r.state IN ('reserved', 'out') ORDER BY r.first_day, r.id LIMIT 20",
        actor.person_id,
        thing_id,
    )
    return [view(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which days a thing can be collected, and what it depends on."""

    today: date
    earliest: date
    latest: date


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What decides about a reservation, with what a refusal leads on to.

    `returns` are the days it can be brought back, for this collection day; `alternatives` loans
    as long as asked for near these days, the nearest earlier one first. `week` holds the site's
    seven days from Monday. The last two are read only where something is in the way.
    """

    thing: ThingView
    bounds: Bounds
    asked: Asked
    loan: Loan
    returns: list[Loan]
    alternatives: list[Loan]
    week: list[Intervals]

    @property
    def obstacles(self) -> list[Obstacle]:
        """Give every reason why it cannot be reserved."""
        return obstacles(self.asked)


async def in_the_way(
    actor: Actor, thing_id: UUID, first: date, last: date, *, now: datetime | None = None
) -> InTheWay:
    """Gather what decides whether the actor may reserve a thing for these days.

    Raises:
        NotFound: there is no such thing, or the actor may not know that there is.
    """
    thing = await catalogue.thing(actor, thing_id)
    wall = (now or clock.now()).astimezone(thing.tz)
    today = wall.date()
    returns_until = [first + timedelta(days=n) for n in range(thing.max_days)]
    pairs = {(first, day) for day in returns_until} | {(first, last), (today, today)}
    found = {
        (each.first, each.last): each for each in await availability.loans(thing_id, sorted(pairs))
    }
    nowhere = Loan(first, last, (), (), False)
    todays = found.get((today, today), nowhere).last_hours
    earliest, latest = rules.bookable(
        today,
        notice_days=thing.notice_days,
        ahead_days=thing.ahead_days,
        closed_for_today=bool(todays) and todays[-1][1] <= wall.time(),
    )
    loan = found.get((first, last), nowhere)
    asked = Asked(
        published=thing.public,
        units=thing.units,
        email_confirmed=actor.email_confirmed,
        first=first,
        last=last,
        earliest=earliest,
        latest=latest,
        max_days=thing.max_days,
        first_open=bool(loan.first_hours),
        last_open=bool(loan.last_hours),
        fits=loan.fits,
    )
    near: list[Loan] = []
    week: list[Intervals] = []
    if thing.site_id is not None and thing.public and obstacles(asked):
        near = await _near(thing, first, last, earliest, latest)
        week = await sites.week(thing.site_id)
    returns = [found[first, day] for day in returns_until if (first, day) in found]
    return InTheWay(
        thing,
        Bounds(today, earliest, latest),
        asked,
        loan,
        [each for each in returns if each.possible],
        near,
        week,
    )


async def _near(
    thing: ThingView, first: date, last: date, earliest: date, latest: date
) -> list[Loan]:
    length = min(max(rules.loan_days(first, last), 1), thing.max_days)
    start = min(max(first - AROUND, earliest), latest)
    found = await availability.next_loans(thing.id, length, start, latest, limit=AROUND.days + 3)
    return nearest([each for each in found if each.first != first], first)


def nearest(loans: Sequence[Loan], first: date, after: int = 2) -> list[Loan]:
    """Choose the nearest before a day and the next ones after it, in order."""
    return [each for each in loans if each.first < first][-1:] + [
        each for each in loans if each.first >= first
    ][:after]
