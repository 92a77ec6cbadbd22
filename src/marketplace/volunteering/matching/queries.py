"""Reading what suits a person, and how many opportunities anybody comes forward for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import clock, db, taxonomies
from marketplace.listing_index import Row
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.listing import KIND
from marketplace.volunteering.matching.rules import (
    CONNECTED,
    USUAL_MILES,
    Labels,
    Offering,
    Term,
    Wish,
    score,
    sentence,
    slots,
    terms,
)
from marketplace.volunteering.opportunities.rules import NEEDS

SHOWN = 20
# Of each kind of candidate so many are judged: the nearest, those alike, those from home.
NEAREST, ALIKE, HOME = 90, 60, 30


@dataclass(frozen=True, slots=True)
class Availability:
    """When somebody is free, how far they go and what they need; `said` is False before that."""

    free: Sequence[str]
    miles: int
    needs: Sequence[str]
    said: bool


@dataclass(frozen=True, slots=True)
class Match:
    """An opportunity that suits; `why` is the sentence, `terms` what it is made of."""

    row: Row
    why: str
    terms: list[Term]
    points: float
    timing: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The best matches, and the one thing whose telling would help most; "" for none."""

    rows: list[Match]
    ask: str


class Words(Labels):
    """The words of the taxonomies."""

    def skill(self, slug: str) -> str:
        """Name a skill inside a sentence."""
        return _inside(taxonomies.label(slug))

    def cause(self, slug: str) -> str:
        """Name a cause inside a sentence."""
        return _inside(taxonomies.label(slug))

    def need(self, tag: str) -> str:
        """Name what a place must have."""
        return NEEDS.get(tag, tag)


def _inside(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


async def availability(actor: Actor) -> Availability:
    """Read what the actor says about their time.

    Raises:
        SignInRequired: nobody is signed in.
    """
    row = await db.fetch_one(
        "SELECT free, miles, needs FROM availability WHERE person_id = {}", actor.require_person()
    )
    return Availability(**row, said=True) if row else Availability([], USUAL_MILES, [], said=False)


_PERSON = (
    "SELECT p.point, p.skills, p.causes, coalesce(a.free, ARRAY[]::text[]) AS free,"
    " coalesce(a.miles, {}) AS miles, coalesce(a.needs, ARRAY[]::text[]) AS needs FROM person p"
    " LEFT JOIN availability a ON a.person_id = p.id"
    " WHERE p.id = {}"
)
_COLUMNS = (
    "l.kind, l.id, l.url, l.title, l.summary, l.organisation_id, l.organisation_name, l.town,"
    " l.remote, l.icon, l.tags, l.starts_at, l.image, l.image_alt"
)
_OPEN = f"kind = '{KIND}' AND (until IS NULL OR until > now())"
_LISTED = f"SELECT id FROM listing WHERE {_OPEN}"  # noqa: S608
_SOONEST = "starts_at NULLS LAST, updated_at DESC"
# Who came forward lately: live bookings and sent applications, a person once.
CONNECTIONS = (
    "(SELECT count(DISTINCT c.person_id)::int FROM (SELECT b.person_id FROM shift s"
    "  JOIN booking b ON b.shift_id = s.id AND b.state <> 'cancelled'"
    "  WHERE s.opportunity_id = OPPORTUNITY AND s.starts_at > SINCE AND b.booked_at > SINCE"
    "  UNION ALL SELECT a.person_id FROM role r JOIN role_application a ON a.role_id = r.id"
    "  WHERE r.opportunity_id = OPPORTUNITY AND a.submitted_at > SINCE) AS c)"
).replace("SINCE", f"now() - interval '{CONNECTED.days} days'")


async def matches(actor: Actor, limit: int = SHOWN) -> Matches:
    """Give the open opportunities that suit the actor best, the best first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    return await of_person(actor.require_person(), limit)


async def of_person(person_id: UUID, limit: int = SHOWN) -> Matches:
    """Give what suits a person, for their own page or their own mail.

    In three statements, however many opportunities there are.
    """
    person = await db.fetch_one(_PERSON, USUAL_MILES, person_id)
    if person is None:
        return Matches([], "")
    wish = Wish(
        located=person["point"] is not None,
        miles=person["miles"],
        free=frozenset(person["free"]),
        skills=frozenset(person["skills"]),
        causes=frozenset(person["causes"]),
        needs=frozenset(person["needs"]),
    )
    found = await _candidates(person_id, person["point"], wish)
    shifts = await _shifts([row["id"] for row in found])
    labels = Words()
    rows = [_match(row, wish, shifts[row["id"]], labels) for row in found]
    rows.sort(key=lambda match: (-match.points, match.row.title, match.row.id))
    return Matches(rows[:limit], _ask(wish))


def _ask(wish: Wish) -> str:
    if not wish.located:
        return "where"
    if not wish.free:
        return "when"
    return "" if wish.skills or wish.causes else "what"


def _match(
    row: dict[str, Any], wish: Wish, shifts: list[tuple[frozenset[str], datetime]], labels: Labels
) -> Match:
    offering = Offering(
        metres=row["metres"],
        remote=row["remote"],
        own_time=row.pop("timing") != "shifts",
        tags=frozenset(row["tags"]),
        shifts=[slots for slots, _ in shifts],
        connections=row.pop("connections"),
    )
    found = terms(wish, offering, labels)
    fitting = [at for each, at in shifts if each <= wish.free] or [at for _, at in shifts]
    shown = Row(**{**row, "starts_at": min(fitting, default=row["starts_at"])})
    timing = "" if shifts else "own"
    return Match(shown, sentence(found), found, score(found), timing)


async def _candidates(person_id: UUID, point: Point | None, wish: Wish) -> list[dict[str, Any]]:
    """Give what is worth judging: some by nearness, some by interest, some from home.

    Each part ends at a limit and reads an index in its order, so that a large town costs no more.
    What the person has a place on, applied for or runs is left out.
    """
    tags = [f"cause:{slug}" for slug in sorted(wish.causes)]
    tags += [f"skill:{slug}" for slug in sorted(wish.skills)]
    parts: list[str] = []
    values: list[Any] = []
    if point is not None:
        # A little beyond what they said, so that somebody in a village sees something.
        parts.append(
            "SELECT id FROM (SELECT id, point <-> {}::point AS away"  # noqa: S608
            f" FROM listing WHERE {_OPEN}"
            " AND point IS NOT NULL ORDER BY point <-> {}::point LIMIT {}) AS near"
            " WHERE away <= {}::float8"
        )
        values += [point, point, NEAREST, wish.reach * 2]
    else:
        parts.append(f"{_LISTED} ORDER BY {_SOONEST} LIMIT {{}}")
        values += [NEAREST]
    if tags:
        near = "AND (remote OR point <@ circle({}::point, {}::float8))" if point else ""
        order = "point <-> {}::point" if point else _SOONEST
        parts.append(f"{_LISTED} AND tags && {{}}::text[] {near} ORDER BY {order} LIMIT {{}}")
        values += [tags, *([point, wish.reach * 2, point] if point else []), ALIKE]
    parts.append(f"{_LISTED} AND remote ORDER BY {_SOONEST} LIMIT {{}}")
    values += [HOME]
    union = " UNION ".join(f"({part})" for part in parts)
    return await db.fetch(
        f"SELECT {_COLUMNS}, o.timing, l.point <-> {{}}::point AS metres,"  # noqa: S608
        f" {CONNECTIONS.replace('OPPORTUNITY', 'l.id')} AS connections"
        f" FROM ({union}) AS c JOIN listing l ON l.kind = '{KIND}' AND l.id = c.id"
        " JOIN opportunity o ON o.id = l.id"
        # Each list is the person's own and short: read once, not looked into for each candidate.
        " WHERE o.organisation_id NOT IN (SELECT organisation_id FROM membership"
        "  WHERE person_id = {})"
        " AND o.id NOT IN (SELECT s.opportunity_id FROM booking b JOIN shift s ON s.id = b.shift_id"
        "  WHERE b.person_id = {} AND b.state = 'confirmed' AND s.ends_at > now())"
        " AND o.id NOT IN (SELECT r.opportunity_id FROM role_application a"
        "  JOIN role r ON r.id = a.role_id WHERE a.person_id = {} AND a.state = 'submitted')",
        point,
        *values,
        person_id,
        person_id,
        person_id,
    )


async def _shifts(
    ids: Sequence[UUID],
) -> defaultdict[UUID, list[tuple[frozenset[str], datetime]]]:
    """Give the slots and the start of each kind of shift to come that has room.

    The same hours of the same weekday are one kind: a shift that comes back is read once.
    """
    rows = await db.fetch(
        "SELECT opportunity_id, min(local_start) AS local_start,"
        " min(local_end) AS local_end, min(starts_at) AS starts_at FROM shift"
        " WHERE opportunity_id = ANY({}::uuid[]) AND state = 'planned' AND starts_at > now()"
        " AND taken + held < places"
        " GROUP BY opportunity_id, extract(isodow FROM local_start), local_start::time,"
        "  local_end - local_start",
        list(ids),
    )
    found: defaultdict[UUID, list[tuple[frozenset[str], datetime]]] = defaultdict(list)
    for row in rows:
        slot = slots(row["local_start"], row["local_end"])
        found[row["opportunity_id"]].append((slot, row["starts_at"]))
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """How many open opportunities anybody came forward for in the last 28 days."""

    open: int
    reached: int
    waiting: list[tuple[UUID, str, str]]

    @property
    def percent(self) -> int | None:
        """Give the share in whole percents; None where nothing is open."""
        return round(100 * self.reached / self.open) if self.open else None


async def reach(actor: Actor, limit: int = 50) -> Reach:
    """Tell brokers how fairly people are spread, and name those nobody came forward for.

    Raises:
        NotFound: the actor runs nothing for the whole place.
    """
    actor.require_to_know(Permission.RUN_CAMPAIGNS)
    since = clock.now() - CONNECTED
    rows = await db.fetch(
        "WITH connected AS (SELECT s.opportunity_id FROM booking b"  # noqa: S608
        "  JOIN shift s ON s.id = b.shift_id"
        "  WHERE b.booked_at > {} AND b.state <> 'cancelled'"
        "  UNION SELECT r.opportunity_id FROM role_application a JOIN role r ON r.id = a.role_id"
        "  WHERE a.submitted_at > {}),"
        " live AS (SELECT l.id, l.title, l.organisation_name, o.published_at, EXISTS"
        "  (SELECT FROM connected c WHERE c.opportunity_id = l.id) AS reached"
        f"  FROM listing l JOIN opportunity o ON o.id = l.id WHERE l.kind = '{KIND}')"
        " SELECT counted.*, w.id, w.title, w.organisation_name FROM (SELECT count(*)::int AS open,"
        "  count(*) FILTER (WHERE reached)::int AS reached FROM live) AS counted"
        " LEFT JOIN LATERAL (SELECT * FROM live WHERE NOT reached"
        "  ORDER BY published_at LIMIT {}) AS w ON true",
        since,
        since,
        limit,
    )
    return Reach(
        rows[0]["open"],
        rows[0]["reached"],
        [(row["id"], row["title"], row["organisation_name"]) for row in rows if row["id"]],
    )
