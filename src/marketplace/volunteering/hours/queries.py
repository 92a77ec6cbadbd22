"""Reading hours: a person's own, an organisation's, and the totals of both."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.queries import SOMEBODY_WHO_LEFT
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.hours import rules
from marketplace.volunteering.hours.rules import Side, Verb
from marketplace.volunteering.rules import HoursState, ProposedBy, duration_words, role_words

NO_SUCH = "We cannot find those hours."
PAGE = 50
# Of those who gave most, so many are named in the totals.
PEOPLE = 50
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class HoursView:
    """The time one person gave in a role on a day; `minutes` as they stand now.

    `employer` supported it, "" where none did.
    """

    id: UUID
    booking_id: UUID | None
    shift_id: UUID | None
    person_id: UUID
    person_name: str
    organisation_id: UUID
    organisation_name: str
    role_id: UUID
    role_title: str
    opportunity_id: UUID
    title: str
    town: str
    on_date: date
    minutes: int
    state: HoursState
    proposed_by: ProposedBy
    note: str
    disputed_by: Side | None
    disputed_minutes: int | None
    dispute: str
    confirmed_at: datetime | None
    employer: str = ""

    @property
    def what(self) -> str:
        """Name what was done: the role, with its opportunity where that says more."""
        return role_words(self.role_title, self.title)

    @property
    def words(self) -> str:
        """Write how long it was."""
        return duration_words(self.minutes)

    @property
    def disputed_words(self) -> str:
        """Write how long the other side says it was."""
        return duration_words(self.disputed_minutes) if self.disputed_minutes else "no time"

    @property
    def waits_for(self) -> Side | None:
        """Tell whose turn it is."""
        return rules.waits_for(self.state, self.proposed_by, self.disputed_by)

    def may(self, side: Side) -> frozenset[Verb]:
        """Give what one side can do now."""
        return rules.may(
            side,
            self.state,
            self.proposed_by,
            self.disputed_by,
            self.confirmed_at,
            clock.now(),
        )


# Hours of somebody who came with their employer's group are employer-supported.
_EMPLOYER = (
    " LEFT JOIN group_seat gs ON gs.booking_id = h.booking_id"
    " LEFT JOIN volunteer_group vg ON vg.id = gs.group_id AND vg.kind = 'employer'"
)
_FROM = (
    " FROM hours h JOIN role r ON r.id = h.role_id JOIN opportunity o ON o.id = r.opportunity_id"
    " JOIN organisation g ON g.id = h.organisation_id JOIN person p ON p.id = h.person_id"
    f" LEFT JOIN booking b ON b.id = h.booking_id{_EMPLOYER}"
)
_SELECT = (
    "SELECT h.id, h.booking_id, b.shift_id, h.person_id, p.name AS person_name,"
    " p.anonymised_at IS NOT NULL AS left_us, h.organisation_id, g.name AS organisation_name,"
    " h.role_id, r.title AS role_title, o.id AS opportunity_id, o.title, o.town, h.on_date,"
    " h.minutes, h.state, h.proposed_by, h.note, h.disputed_by, h.disputed_minutes, h.dispute,"
    f" h.confirmed_at, coalesce(vg.name, '') AS employer{_FROM}"
)


def _view(row: dict[str, Any]) -> HoursView:
    if row.pop("left_us"):
        row["person_name"] = SOMEBODY_WHO_LEFT
    return HoursView(
        **{
            **row,
            "state": HoursState(row["state"]),
            "proposed_by": ProposedBy(row["proposed_by"]),
            "disputed_by": Side(row["disputed_by"]) if row["disputed_by"] else None,
        }
    )


async def one(actor: Actor, id: UUID, *, lock: bool = False) -> tuple[HoursView, Side]:
    """Read one record of hours and which side the actor is on; one's own hours come first.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor is on neither side.
    """
    person = actor.require_person()
    locked = " FOR NO KEY UPDATE OF h" if lock else ""
    row = await db.fetch_one(f"{_SELECT} WHERE h.id = {{}}{locked}", id)
    if row is None:
        raise NotFound(NO_SUCH)
    view = _view(row)
    if view.person_id == person:
        return view, Side.VOLUNTEER
    actor.require_to_know(Permission.CONFIRM_HOURS, view.organisation_id)
    return view, Side.ORGANISATION


async def for_mail(id: UUID) -> HoursView | None:
    """Read one record of hours for the worker; None when there is none."""
    row = await db.fetch_one(f"{_SELECT} WHERE h.id = {{}}", id)
    return _view(row) if row else None


@dataclass(frozen=True, slots=True)
class Total:
    """Confirmed minutes of somebody or something; `id` None is of all together or of a place."""

    id: UUID | None
    label: str
    minutes: int

    @property
    def words(self) -> str:
        """Write how long it was."""
        return duration_words(self.minutes)


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's hours, latest first, and what is confirmed of them."""

    rows: list[HoursView]
    minutes: int
    organisations: list[Total]
    roles: list[Total]

    @property
    def waiting(self) -> list[HoursView]:
        """List those that wait for the volunteer's word."""
        return [row for row in self.rows if row.waits_for is Side.VOLUNTEER]


async def mine(actor: Actor, limit: int = 300) -> Mine:
    """Read the actor's own hours.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    rows = await db.fetch(
        f"{_SELECT} WHERE h.person_id = {{}} AND h.state <> 'withdrawn'"
        " ORDER BY h.on_date DESC, h.id DESC LIMIT {}",
        person,
        limit,
    )
    sums = await db.fetch(
        "SELECT g.id AS organisation, g.name, r.id AS role, r.title, sum(h.minutes)::int AS minutes"
        f"{_FROM} WHERE h.person_id = {{}} AND h.state = 'confirmed'"
        " GROUP BY GROUPING SETS ((), (g.id, g.name), (r.id, r.title)) ORDER BY minutes DESC",
        person,
    )
    return Mine(
        [_view(row) for row in rows],
        next((s["minutes"] or 0 for s in sums if not s["organisation"] and not s["role"]), 0),
        [Total(s["organisation"], s["name"], s["minutes"]) for s in sums if s["organisation"]],
        [Total(s["role"], s["title"], s["minutes"]) for s in sums if s["role"]],
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of an organisation's hours; None and "" are all."""

    state: str = ""
    since: date | None = None
    until: date | None = None
    role: UUID | None = None
    person: UUID | None = None


# Those on which the organisation has to act.
WAITING = (
    "(h.state = 'proposed' AND h.proposed_by <> 'organisation'"
    " OR h.state = 'disputed' AND h.disputed_by = 'volunteer')"
)


def _where(organisation_id: UUID, wanted: Filter) -> tuple[str, list[Any]]:
    clauses: list[str] = ["h.organisation_id = {}"]
    values: list[Any] = [organisation_id]
    if wanted.state == "waiting":
        clauses.append(WAITING)
    elif wanted.state:
        clauses.append("h.state = {}")
        values.append(wanted.state)
    else:
        clauses.append("h.state <> 'withdrawn'")
    for column, operator, value in (
        ("h.on_date", ">=", wanted.since),
        ("h.on_date", "<=", wanted.until),
        ("h.role_id", "=", wanted.role),
        ("h.person_id", "=", wanted.person),
    ):
        if value is not None:
            clauses.append(f"{column} {operator} {{}}")
            values.append(value)
    return " AND ".join(clauses), values


@dataclass(frozen=True, slots=True)
class Given:
    """An organisation's hours: a page of rows, how many there are, and confirmed totals.

    `people` are those who gave most.
    """

    rows: list[HoursView]
    count: int
    minutes: int
    people: list[Total]
    roles: list[Total]
    places: list[Total]
    employers: list[Total]


async def of_organisation(organisation_id: UUID, wanted: Filter, page: int = 1) -> Given:
    """Read a page of an organisation's hours; `operations.look` asks who may."""
    where, values = _where(organisation_id, wanted)
    rows = await db.fetch(
        f"{_SELECT} WHERE {where} ORDER BY h.on_date DESC, h.id DESC LIMIT {{}} OFFSET {{}}",
        *values,
        PAGE,
        (page - 1) * PAGE,
    )
    # Added up by what stands in the hours themselves; only what is shown gets its name.
    sums = await db.fetch(
        "WITH counted AS (SELECT grouping(h.person_id) = 0 AS is_person,"  # noqa: S608
        "  grouping(h.role_id) = 0 AS is_role, grouping(vg.name) = 0 AS is_employer,"
        "  vg.name AS employer, h.person_id, h.role_id, count(*) AS count,"
        "  coalesce(sum(h.minutes) FILTER (WHERE h.state = 'confirmed'), 0)::int AS minutes"
        f"  FROM hours h{_EMPLOYER} WHERE {where}"
        "  GROUP BY GROUPING SETS ((), (h.person_id), (h.role_id), (vg.name)))"
        " SELECT c.*, p.name, p.anonymised_at IS NOT NULL AS left_us, r.title, o.town"
        " FROM (SELECT * FROM counted WHERE NOT is_person UNION ALL"
        "  (SELECT * FROM counted WHERE is_person ORDER BY minutes DESC, person_id LIMIT {})) AS c"
        " LEFT JOIN person p ON p.id = c.person_id LEFT JOIN role r ON r.id = c.role_id"
        " LEFT JOIN opportunity o ON o.id = r.opportunity_id ORDER BY c.minutes DESC",
        *values,
        PEOPLE,
    )
    parts = ("is_person", "is_role", "is_employer")
    whole = next(s for s in sums if not any(s[part] for part in parts))
    some = [s for s in sums if s["minutes"]]
    places: Counter[str] = Counter()
    for each in some:
        if each["is_role"]:
            places[each["town"] or "From home"] += each["minutes"]
    return Given(
        [_view(row) for row in rows],
        whole["count"],
        whole["minutes"],
        [
            Total(s["person_id"], SOMEBODY_WHO_LEFT if s["left_us"] else s["name"], s["minutes"])
            for s in some
            if s["is_person"]
        ],
        [Total(s["role_id"], s["title"], s["minutes"]) for s in some if s["is_role"]],
        [Total(None, town, minutes) for town, minutes in places.most_common()],
        [Total(None, s["employer"], s["minutes"]) for s in some if s["employer"]],
    )


async def every(organisation_id: UUID, wanted: Filter) -> AsyncIterator[HoursView]:
    """Give all hours of an organisation, oldest first, some hundred at a time."""
    where, values = _where(organisation_id, wanted)
    after: tuple[date, UUID] | None = None
    while True:
        beyond = " AND (h.on_date, h.id) > ({}, {})" if after else ""
        rows = await db.fetch(
            f"{_SELECT} WHERE {where}{beyond} ORDER BY h.on_date, h.id LIMIT {{}}",
            *values,
            *(after or ()),
            _CHUNK,
        )
        for row in rows:
            yield _view(row)
        if len(rows) < _CHUNK:
            return
        after = (rows[-1]["on_date"], rows[-1]["id"])
