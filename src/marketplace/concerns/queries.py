"""Reading concerns: those of a reader, one by its code, and who its readers are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import addresses, db
from marketplace.concerns.rules import AboutLeads, NoteKind, State, code_hash
from marketplace.errors import NotFound
from marketplace.permissions import Actor

NO_SUCH = "We cannot find that page."
NO_CODE = "We do not know that code. Check each letter and figure of it."
VIEW = "concern"

# The one place that says who may read a concern `c`.
_READERS = (
    "(SELECT r.person_id FROM"
    " (SELECT l.person_id FROM safeguarding_lead l"
    "   WHERE l.organisation_id = c.organisation_id AND NOT c.for_place"
    "  UNION SELECT w.person_id FROM place_lead w WHERE c.for_place OR c.escalated_at IS NOT NULL"
    "   OR NOT EXISTS (SELECT FROM safeguarding_lead l JOIN person p ON p.id = l.person_id"
    "    AND p.anonymised_at IS NULL AND p.suspended_at IS NULL"
    "    WHERE l.organisation_id = c.organisation_id)) AS r"
    " JOIN person p ON p.id = r.person_id AND p.anonymised_at IS NULL AND p.suspended_at IS NULL"
    " WHERE r.person_id <> ALL(c.kept_from))"
)
_SEEN = (
    "(SELECT min(v.at) FROM personal_view v WHERE v.subject_type = 'concern'"
    " AND v.subject_id = c.id) AS seen_at"
)
_SELECT = (
    "SELECT c.id, c.organisation_id, g.name AS organisation_name, c.about_leads, c.for_place,"  # noqa: S608
    " c.state, c.text, c.page, c.contact_name, c.contact_how, c.raised_at, c.escalated_at,"
    f" c.taken_at, c.closed_at, c.outcome, t.name AS taken_by, e.name AS closed_by, {_SEEN}"
    " FROM concern c LEFT JOIN organisation g ON g.id = c.organisation_id"
    " LEFT JOIN person t ON t.id = c.taken_by LEFT JOIN person e ON e.id = c.closed_by"
)


@dataclass(frozen=True, slots=True)
class ConcernView:
    """A concern as its readers see it; `organisation_name` is None for the place itself."""

    id: UUID
    organisation_id: UUID | None
    organisation_name: str | None
    about_leads: AboutLeads
    for_place: bool
    state: State
    text: str
    page: str
    contact_name: str
    contact_how: str
    raised_at: datetime
    escalated_at: datetime | None
    taken_by: str | None
    taken_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None
    outcome: str
    seen_at: datetime | None

    @property
    def closed(self) -> bool:
        """Tell whether it is over."""
        return self.state is State.CLOSED

    @property
    def contact(self) -> str:
        """Say how whoever raised it is reached, "" where they did not say."""
        return ", ".join(filter(None, (self.contact_name, self.contact_how)))


def _view(row: dict[str, Any]) -> ConcernView:
    state = State(row["state"])
    if state is State.NEW and row["seen_at"] is not None:
        state = State.SEEN
    return ConcernView(**{**row, "state": state, "about_leads": AboutLeads(row["about_leads"])})


async def readers(concern_id: UUID) -> list[UUID]:
    """Give who may read a concern now."""
    rows = await db.fetch(
        f"SELECT p.id FROM concern c JOIN person p ON p.id IN {_READERS} WHERE c.id = {{}}"  # noqa: S608
        " ORDER BY p.created_at, p.id",
        concern_id,
    )
    return [row["id"] for row in rows]


async def is_reader(actor: Actor) -> bool:
    """Tell whether anybody's concerns come to the actor."""
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM safeguarding_lead WHERE person_id = {})"
        " OR EXISTS (SELECT FROM place_lead WHERE person_id = {})",
        actor.require_person(),
        actor.require_person(),
    )


async def mine(actor: Actor) -> list[ConcernView]:
    """List the concerns that the actor may read, those that wait first.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: no concern comes to them.
    """
    if not await is_reader(actor):
        raise NotFound(NO_SUCH)
    rows = await db.fetch(
        f"{_SELECT} WHERE {{}} IN {_READERS}"
        " ORDER BY c.state = 'closed', c.state = 'in_hand', c.raised_at DESC LIMIT 200",
        actor.require_person(),
    )
    return [_view(row) for row in rows]


async def concern(actor: Actor, id: UUID, *, lock: bool = False) -> ConcernView:
    """Read one; showing it to a person goes through `operations.look`.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is not for the actor to know.
    """
    row = await db.fetch_one(
        f"{_SELECT} WHERE c.id = {{}} AND {{}} IN {_READERS}"
        + (" FOR NO KEY UPDATE OF c" if lock else ""),
        id,
        actor.require_person(),
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


@dataclass(frozen=True, slots=True)
class Note:
    """What was noted, answered or added; `author` is None for whoever raised it."""

    kind: NoteKind
    author: str | None
    text: str
    at: datetime


async def notes(concern_id: UUID, *, shown: bool = False) -> list[Note]:
    """List what was written, oldest first; `shown` leaves out what the leads keep to themselves."""
    rows = await db.fetch(
        "SELECT n.kind, p.name AS author, n.text, n.at FROM concern_note n"
        " LEFT JOIN person p ON p.id = n.author_id"
        " WHERE n.concern_id = {} AND (n.kind <> 'note' OR NOT {}) ORDER BY n.at, n.id",
        concern_id,
        shown,
    )
    return [Note(**{**row, "kind": NoteKind(row["kind"])}) for row in rows]


async def looks(concern_id: UUID) -> list[tuple[str, datetime]]:
    """List who looked at a concern first when, in that order."""
    rows = await db.fetch(
        "SELECT p.name, min(v.at) AS at FROM personal_view v JOIN person p ON p.id = v.viewer_id"
        " WHERE v.subject_type = {} AND v.subject_id = {} GROUP BY p.id ORDER BY min(v.at)",
        VIEW,
        concern_id,
    )
    return [(row["name"], row["at"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A concern as whoever holds its code sees it."""

    id: UUID
    state: State
    raised_at: datetime
    organisation_name: str | None
    for_place: bool
    notes: list[Note]


async def by_code(code: str) -> Receipt:
    """Read what whoever raised a concern may see of it.

    Raises:
        NotFound: no concern has that code.
    """
    row = await db.fetch_one(f"{_SELECT} WHERE c.code_hash = {{}}", code_hash(code))
    if row is None:
        raise NotFound(NO_CODE)
    found = _view(row)
    return Receipt(
        found.id,
        found.state,
        found.raised_at,
        found.organisation_name,
        found.for_place,
        await notes(found.id, shown=True),
    )


async def unseen(before: datetime) -> list[UUID]:
    """List the concerns that an organisation's leads have not looked at since then."""
    rows = await db.fetch(
        "SELECT c.id FROM concern c WHERE c.state = 'new' AND NOT c.for_place"
        " AND c.escalated_at IS NULL AND c.raised_at <= {} AND NOT EXISTS (SELECT FROM"
        "  personal_view v WHERE v.subject_type = 'concern' AND v.subject_id = c.id)"
        " ORDER BY c.raised_at LIMIT 1000",
        before,
    )
    return [row["id"] for row in rows]


async def organisation_of(page: str) -> tuple[UUID, str] | None:
    """Give the approved organisation that a page of ours is of, if that can be told."""
    rows = await db.fetch(
        "SELECT g.id, g.name FROM organisation g WHERE g.state = 'approved' AND (g.id = ANY({})"
        " OR g.id IN (SELECT l.organisation_id FROM listing l WHERE l.id = ANY({}))) LIMIT 1",
        addresses.ids(page),
        addresses.ids(page),
    )
    return (rows[0]["id"], rows[0]["name"]) if rows else None


async def organisation(id: UUID) -> tuple[UUID, str] | None:
    """Give an approved organisation that somebody chose."""
    row = await db.fetch_one(
        "SELECT id, name FROM organisation WHERE id = {} AND state = 'approved'", id
    )
    return (row["id"], row["name"]) if row else None


async def organisations_called(words: str) -> list[tuple[UUID, str]]:
    """Find approved organisations by a part of their name."""
    rows = await db.fetch(
        "SELECT id, concat_ws(', ', name, nullif(town, '')) AS name FROM organisation"
        " WHERE state = 'approved' AND strpos(lower(unaccent(name)), lower(unaccent({}))) > 0"
        " ORDER BY length(name), name, id LIMIT 8",
        words,
    )
    return [(row["id"], row["name"]) for row in rows]
