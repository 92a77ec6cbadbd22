"""Reading shifts: those of an opportunity, and one with what it belongs to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import ShiftState, Timing, places_words
from marketplace.volunteering.shifts import rules as shift_rules
from marketplace.volunteering.shifts.rules import Neighbour, Tight

NO_SUCH = "We cannot find that shift. It may have been taken down."


@dataclass(frozen=True, slots=True)
class ShiftView:
    """A shift; wall times are in `zone`, instants aware UTC."""

    id: UUID
    opportunity_id: UUID
    role_id: UUID
    state: ShiftState
    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    local_end: datetime
    zone: str
    places: int
    taken: int
    held: int
    note: str
    least_needed: int
    series_id: UUID | None
    series_start: datetime | None
    own_terms: bool

    @property
    def short(self) -> int:
        """Count how many are still missing for it to take place."""
        return 0 if self.cancelled else max(self.least_needed - self.taken, 0)

    @property
    def left(self) -> int:
        """Count the places that are nobody's: neither taken nor held."""
        return self.places - self.taken - self.held

    @property
    def cancelled(self) -> bool:
        """Tell whether it does not take place."""
        return self.state is ShiftState.CANCELLED

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)

    @property
    def places_words(self) -> str:
        """Write "2 of 6 places left" or "Full"."""
        return places_words(self.places, self.taken + self.held)

    def started(self, now: datetime) -> bool:
        """Tell whether it has begun."""
        return self.starts_at <= now


_NAMES = tuple(ShiftView.__dataclass_fields__)
_COLUMNS = ", ".join(f"s.{name}" for name in _NAMES)
# Beside an opportunity, which has an id and a state too.
_AS_SHIFT = ", ".join(f"s.{name} AS shift_{name}" for name in _NAMES)


def view(row: dict[str, Any]) -> ShiftView:
    """Make a shift of its row."""
    return ShiftView(**{**row, "state": ShiftState(row["state"])})


async def ahead(opportunity_id: UUID, limit: int = 100) -> list[ShiftView]:
    """List the shifts of an opportunity that have not ended, soonest first, the cancelled too."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM shift s WHERE s.opportunity_id = {{}} AND s.ends_at > now()"  # noqa: S608
        " ORDER BY s.starts_at, s.id LIMIT {}",
        opportunity_id,
        limit,
    )
    return [view(row) for row in rows]


async def ahead_of(
    actor: Actor, opportunity_id: UUID, limit: int = 100
) -> tuple[list[ShiftView], dict[UUID, UUID]]:
    """Give the same, and the actor's live bookings on these shifts: {shift: booking}."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS}, b.id AS booking FROM shift s LEFT JOIN booking b"  # noqa: S608
        "  ON b.shift_id = s.id AND b.person_id = {} AND b.state <> 'cancelled'"
        " WHERE s.opportunity_id = {} AND s.ends_at > now() ORDER BY s.starts_at, s.id LIMIT {}",
        actor.person_id,
        opportunity_id,
        limit,
    )
    mine = {row["id"]: booking for row in rows if (booking := row.pop("booking"))}
    return [view(row) for row in rows], mine


@dataclass(frozen=True, slots=True)
class PastShift:
    """A shift that took place; `waiting` people are not marked or their hours not confirmed."""

    shift: ShiftView
    waiting: int


async def past(opportunity_id: UUID, limit: int = 50) -> list[PastShift]:
    """List the shifts of an opportunity that took place, latest first."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS}, (SELECT count(*) FROM booking b"  # noqa: S608
        "  LEFT JOIN hours h ON h.booking_id = b.id WHERE b.shift_id = s.id"
        "  AND (b.state = 'confirmed' OR b.state = 'attended' AND h.state = 'proposed')) AS waiting"
        " FROM shift s WHERE s.opportunity_id = {} AND s.ends_at <= now()"
        " AND s.state = 'planned' ORDER BY s.starts_at DESC, s.id LIMIT {}",
        opportunity_id,
        limit,
    )
    return [PastShift(waiting=row.pop("waiting"), shift=view(row)) for row in rows]


async def shift(actor: Actor, id: UUID) -> tuple[ShiftView, OpportunityView]:
    """Read a shift and its opportunity.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
    """
    row = await db.fetch_one(
        f"SELECT {_AS_SHIFT}, {opportunities.COLUMNS}{opportunities.TABLES}"
        " JOIN shift s ON s.opportunity_id = o.id WHERE s.id = {}",
        id,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    found = view({name: row.pop(f"shift_{name}") for name in _NAMES})
    opportunity = await opportunities.of_row(actor, row)
    if opportunity.timing is Timing.ARRANGED and not (
        actor.can(Permission.VIEW_DRAFTS, opportunity.organisation_id)
        or await _has_place(actor, id)
    ):
        # When somebody is visited at home is known to the two sides only.
        raise NotFound(NO_SUCH)
    return found, opportunity


async def _has_place(actor: Actor, shift_id: UUID) -> bool:
    return actor.person_id is not None and await db.fetch_value(
        "SELECT EXISTS (SELECT FROM booking WHERE shift_id = {} AND person_id = {})",
        shift_id,
        actor.person_id,
    )


async def to_manage(
    actor: Actor,
    id: UUID,
    *,
    lock: bool = False,
    permission: Permission = Permission.WRITE_OPPORTUNITIES,
) -> tuple[ShiftView, OpportunityView]:
    """Read a shift for those who work on it; `lock` locks the opportunity, then the shift.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
        NotAllowed: the actor has not the permission in this organisation.
    """
    found, opportunity = await shift(actor, id)
    actor.require(permission, opportunity.organisation_id)
    if not lock:
        return found, opportunity
    opportunity = await opportunities.opportunity(actor, opportunity.id, lock=True)
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM shift s WHERE s.id = {{}} FOR NO KEY UPDATE",  # noqa: S608
        id,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return view(row), opportunity


async def tight(person_id: UUID, shift_id: UUID) -> Tight | None:
    """Warn of a booking of a person too far away to get from there to a shift, or on from it."""
    rows = await db.fetch(
        "SELECT s.starts_at AS this_start, s.ends_at AS this_end, o2.title, s2.starts_at,"
        " s2.ends_at, (o.point <-> o2.point) AS metres"
        " FROM shift s JOIN opportunity o ON o.id = s.opportunity_id"
        " JOIN booking b ON b.person_id = {} AND b.state = 'confirmed' AND b.shift_id <> s.id"
        "  AND b.period && tstzrange(s.starts_at - interval '1 day', s.ends_at + interval '1 day')"
        " JOIN shift s2 ON s2.id = b.shift_id JOIN opportunity o2 ON o2.id = s2.opportunity_id"
        " WHERE s.id = {} AND o.point IS NOT NULL AND o2.point IS NOT NULL"
        # From home there is no way to go.
        " AND NOT o.remote AND NOT o2.remote ORDER BY s2.starts_at",
        person_id,
        shift_id,
    )
    if not rows:
        return None
    others = [
        Neighbour(row["title"], row["starts_at"], row["ends_at"], row["metres"]) for row in rows
    ]
    return shift_rules.tight(rows[0]["this_start"], rows[0]["this_end"], others)


async def booked(shift_id: UUID) -> list[dict[str, Any]]:
    """List the confirmed bookings of a shift with the names of the people, as booked."""
    return await db.fetch(
        "SELECT b.id, p.name FROM booking b JOIN person p ON p.id = b.person_id"
        " WHERE b.shift_id = {} AND b.state = 'confirmed' ORDER BY b.booked_at, b.id",
        shift_id,
    )
