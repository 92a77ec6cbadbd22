"""Reading who wants a digest, and what to tell them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.ages import ADULT, age
from marketplace.volunteering.desk.rules import AHEAD
from marketplace.volunteering.digest.rules import MOST, WORDS, Because, because
from marketplace.volunteering.matching import queries as matching
from marketplace.volunteering.matching.queries import CONNECTIONS, Match, Matches

BATCH = 100
# More than matching ever judges: all that it found is looked through.
_ALL = 1000


@dataclass(frozen=True, slots=True)
class Wanting:
    """Somebody who agreed; `shown` is what their last digest listed."""

    person_id: UUID
    shown: frozenset[UUID]
    grown_up: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a digest."""

    id: UUID
    title: str
    organisation_name: str
    url: str
    starts_at: datetime | None
    why: str
    because: Because

    @property
    def label(self) -> str:
        """Write why it is told of."""
        return WORDS[self.because]


async def wanting(day: date, after: UUID | None, limit: int = BATCH) -> list[Wanting]:
    """List who agreed to a digest and was not thought of for this day's, by their ids."""
    rows = await db.fetch(
        "SELECT c.person_id, p.born_on, coalesce(d.shown, ARRAY[]::uuid[]) AS shown"
        " FROM (SELECT DISTINCT ON (person_id) person_id, agreed FROM consent"
        "  WHERE organisation_id IS NULL AND purpose = 'digest' AND channel = 'mail'"
        "  AND ({}::uuid IS NULL OR person_id > {}) ORDER BY person_id, number DESC) AS c"
        " JOIN person p ON p.id = c.person_id LEFT JOIN digest d ON d.person_id = p.id"
        " WHERE c.agreed AND p.email_confirmed_at IS NOT NULL AND p.anonymised_at IS NULL"
        " AND p.suspended_at IS NULL AND p.unclaimed_since IS NULL"
        " AND (d.day IS NULL OR d.day < {}) ORDER BY c.person_id LIMIT {}",
        after,
        after,
        day,
        limit,
    )
    return [
        Wanting(
            row["person_id"],
            frozenset(row["shown"]),
            row["born_on"] is None or age(row["born_on"], day) >= ADULT,
        )
        for row in rows
    ]


async def worth_telling(person_id: UUID, but: Collection[UUID]) -> list[Item]:
    """Choose what suits a person best of what is new or short, without `but`."""
    return (await _items(await matching.of_person(person_id, _ALL), but))[:MOST]


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest as it is written; `ask` is what would make the next one fit better, "" for none."""

    person_id: UUID
    items: list[Item]
    ask: str


async def letter(id: UUID, day: date) -> Letter | None:
    """Read the digest of a day, with what of it still stands; None where none is to be sent."""
    row = await db.fetch_one(
        "SELECT d.person_id, d.shown FROM digest d JOIN person p ON p.id = d.person_id"
        " WHERE d.id = {} AND d.sent_day = {} AND p.suspended_at IS NULL",
        id,
        day,
    )
    if row is None:
        return None
    found = await matching.of_person(row["person_id"], _ALL)
    order = {id: number for number, id in enumerate(row["shown"])}
    rows = sorted((m for m in found.rows if m.row.id in order), key=lambda m: order[m.row.id])
    items = await _items(Matches(rows, found.ask), ())
    return Letter(row["person_id"], items, found.ask) if items else None


_FACTS = (
    "SELECT o.id, o.published_at, CASE WHEN o.timing = 'shifts' THEN coalesce(ahead.short, false)"  # noqa: S608
    f" ELSE {CONNECTIONS.replace('OPPORTUNITY', 'o.id')} = 0 END AS short"
    " FROM opportunity o LEFT JOIN LATERAL (SELECT bool_or(s.starts_at <= {}"
    "   AND s.taken + s.held < coalesce(nullif(s.least_needed, 0), (s.places + 1) / 2)) AS short,"
    "  count(*) AS shifts FROM shift s WHERE s.opportunity_id = o.id AND s.state = 'planned'"
    "  AND s.starts_at > {} AND s.taken + s.held < s.places) AS ahead ON true"
    " WHERE o.id = ANY({}::uuid[]) AND (o.timing <> 'shifts' OR ahead.shifts > 0)"
)


async def _items(found: Matches, but: Collection[UUID]) -> list[Item]:
    """Keep of what suits somebody what is new or short and has room, in its order."""
    rows = [match for match in found.rows if match.row.id not in but]
    now = clock.now()
    facts: dict[UUID, dict[str, Any]] = {
        row["id"]: row
        for row in await db.fetch(_FACTS, now + AHEAD, now, [match.row.id for match in rows])
    }
    judged = [
        (match, because(facts[id]["published_at"], facts[id]["short"], now))
        for match in rows
        if (id := match.row.id) in facts
    ]
    return [_item(match, why) for match, why in judged if why is not None]


def _item(match: Match, why: Because) -> Item:
    row = match.row
    return Item(
        row.id, row.title, row.organisation_name, row.url, row.starts_at, match.why, because=why
    )
