"""Reading who is out on their own, and who is told of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.lone.rules import OPENS_BEFORE, WATCHED_FOR

NO_SUCH = "We cannot find that visit."
_LONE = (
    "(EXISTS (SELECT FROM lone_mark m WHERE m.shift_id = s.id) OR EXISTS (SELECT FROM lone_mark m"
    " JOIN visit v ON v.id = m.visit_id WHERE v.series_id = s.series_id))"
)
_SELECT = (
    "SELECT b.id, b.person_id, b.organisation_id, b.state, b.shift_id, s.role_id, o.title,"  # noqa: S608
    " CASE WHEN p.anonymised_at IS NULL THEN p.name ELSE 'Somebody who left' END AS name,"
    " g.name AS organisation_name, s.starts_at, s.ends_at, a.in_at, a.out_at, w.reminded_at,"
    " w.alerted_at, w.place_alerted_at, w.safe_at, coalesce(w.note, '') AS note,"
    " coalesce(y.name, '') AS safe_by"
    " FROM booking b JOIN shift s ON s.id = b.shift_id JOIN person p ON p.id = b.person_id"
    " JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = b.organisation_id"
    " LEFT JOIN attendance a ON a.booking_id = b.id LEFT JOIN lone_watch w ON w.booking_id = b.id"
    f" LEFT JOIN person y ON y.id = w.safe_by WHERE {_LONE} AND s.state = 'planned'"
    " AND b.state IN ('confirmed', 'attended')"
)


@dataclass(frozen=True, slots=True)
class Out:
    """Somebody on their own: when they came and left, what was done, and who says they are safe."""

    id: UUID
    person_id: UUID
    organisation_id: UUID
    state: str
    shift_id: UUID
    role_id: UUID
    title: str
    name: str
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    in_at: datetime | None
    out_at: datetime | None
    reminded_at: datetime | None
    alerted_at: datetime | None
    place_alerted_at: datetime | None
    safe_at: datetime | None
    note: str
    safe_by: str

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)

    @property
    def settled(self) -> bool:
        """Tell whether they are out, or somebody said that they are safe."""
        return self.out_at is not None or self.safe_at is not None

    @property
    def here(self) -> bool:
        """Tell whether they have come and not left."""
        return self.state == "attended" and self.out_at is None


async def is_lone(shift_id: UUID) -> bool:
    """Tell whether the volunteers of a shift are on their own."""
    return await db.fetch_value(
        f"SELECT EXISTS (SELECT FROM shift s WHERE s.id = {{}} AND {_LONE})",  # noqa: S608
        shift_id,
    )


async def is_lone_visit(visit_id: UUID) -> bool:
    """Tell whether the volunteer of an arrangement is on their own."""
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM lone_mark WHERE visit_id = {})", visit_id
    )


async def out(booking_id: UUID) -> Out | None:
    """Read one lone booking; None where there is none any more."""
    row = await db.fetch_one(f"{_SELECT} AND b.id = {{}}", booking_id)
    return Out(**row) if row else None


async def mine(actor: Actor) -> list[Out]:
    """List what the actor is out for now, or about to be, and has not settled."""
    now = clock.now()
    rows = await db.fetch(
        f"{_SELECT} AND b.person_id = {{}} AND s.starts_at <= {{}} AND s.ends_at > {{}}"
        " AND a.out_at IS NULL AND w.safe_at IS NULL ORDER BY s.starts_at",
        actor.require_person(),
        now + OPENS_BEFORE,
        now - WATCHED_FOR,
    )
    return [Out(**row) for row in rows]


async def own(actor: Actor, booking_id: UUID) -> Out:
    """Read one of the actor's own.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none of theirs.
    """
    person = actor.require_person()
    found = await out(booking_id)
    if found is None or found.person_id != person:
        raise NotFound(NO_SUCH)
    return found


async def watched(actor: Actor, booking_id: UUID) -> Out:
    """Read one for those who are told: leaders, those who see the roster, safeguarding leads.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor is none of these.
    """
    person = actor.require_person()
    found = await out(booking_id)
    if found is None or not (
        actor.can(Permission.VIEW_ROSTER, found.organisation_id)
        or person in await told(found)
        or (found.place_alerted_at and person in await place_leads())
    ):
        raise NotFound(NO_SUCH)
    return found


async def told(found: Out) -> list[UUID]:
    """Give who is told first: the shift's leaders, and the safeguarding lead and deputy."""
    rows = await db.fetch(
        "SELECT DISTINCT r.person_id FROM (SELECT l.person_id FROM shift_leader l"
        "  WHERE l.ended_at IS NULL AND l.role_id = {} AND (l.shift_id IS NULL OR l.shift_id = {})"
        " UNION SELECT g.person_id FROM safeguarding_lead g WHERE g.organisation_id = {}) AS r"
        " JOIN person p ON p.id = r.person_id AND p.anonymised_at IS NULL"
        "  AND p.suspended_at IS NULL WHERE r.person_id <> {}",
        found.role_id,
        found.shift_id,
        found.organisation_id,
        found.person_id,
    )
    return [row["person_id"] for row in rows]


async def place_leads() -> list[UUID]:
    """Give who is told where that did not help."""
    rows = await db.fetch(
        "SELECT l.person_id FROM place_lead l JOIN person p ON p.id = l.person_id"
        " AND p.anonymised_at IS NULL AND p.suspended_at IS NULL"
    )
    return [row["person_id"] for row in rows]


async def missing(now: datetime, within: timedelta) -> list[Out]:
    """List who has not checked out of what ended `within` before now, and is not settled."""
    rows = await db.fetch(
        f"{_SELECT} AND s.ends_at <= {{}} AND s.ends_at > {{}} AND a.out_at IS NULL"
        " AND w.safe_at IS NULL AND w.place_alerted_at IS NULL ORDER BY s.ends_at LIMIT 1000",
        now,
        now - within,
    )
    return [Out(**row) for row in rows]
