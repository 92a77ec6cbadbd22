"""Reading bookings: one person's own, and what stands in the way of another one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor
from marketplace.volunteering.queries import place_words
from marketplace.volunteering.rules import (
    Asked,
    BookingState,
    CancelledBy,
    HoursState,
    OpportunityState,
    ShiftState,
)

NO_SUCH = "We cannot find that booking."


@dataclass(frozen=True, slots=True)
class BookingView:
    """One booking as its own volunteer sees it; `minutes` are proposed or confirmed hours."""

    id: UUID
    shift_id: UUID
    person_id: UUID
    organisation_id: UUID
    state: BookingState
    cancelled_by: CancelledBy | None
    opportunity_id: UUID
    title: str
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    place: str
    minutes: int | None
    hours_state: HoursState | None

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)

    @property
    def hours_confirmed(self) -> bool:
        """Tell whether the organisation stands behind the hours."""
        return self.hours_state is HoursState.CONFIRMED

    def may_be_cancelled(self, now: datetime) -> bool:
        """Tell whether its volunteer may still give the place back."""
        return self.state is BookingState.CONFIRMED and now < self.starts_at


_SELECT = (
    "SELECT b.id, b.shift_id, b.person_id, b.organisation_id, b.state, b.cancelled_by,"
    " s.opportunity_id, o.title, g.name AS organisation_name, s.starts_at, s.ends_at,"
    " o.place_name, o.town, o.postcode, h.minutes, h.state AS hours_state"
    " FROM booking b JOIN shift s ON s.id = b.shift_id"
    " JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = o.organisation_id"
    " LEFT JOIN hours h ON h.booking_id = b.id"
)


def _view(row: dict[str, Any]) -> BookingView:
    place = place_words(row.pop("place_name"), row.pop("town"), row.pop("postcode"))
    row["state"] = BookingState(row["state"])
    row["cancelled_by"] = CancelledBy(row["cancelled_by"]) if row["cancelled_by"] else None
    row["hours_state"] = HoursState(row["hours_state"]) if row["hours_state"] else None
    return BookingView(**row, place=place)


async def booking(actor: Actor, id: UUID) -> BookingView:
    """Read one of the actor's own bookings.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    person = actor.require_person()
    row = await db.fetch_one(f"{_SELECT} WHERE b.id = {{}} AND b.person_id = {{}}", id, person)
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


async def booking_of_link(id: UUID) -> BookingView:
    """Read the booking that a signed link names.

    Raises:
        NotFound: there is none any more.
    """
    row = await db.fetch_one(f"{_SELECT} WHERE b.id = {{}}", id)
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's volunteering; `minutes` is the total of all confirmed hours."""

    upcoming: list[BookingView]
    past: list[BookingView]
    minutes: int


async def mine(actor: Actor, past: int = 100) -> Mine:
    """List the actor's bookings that have not ended, soonest first, and `past` that have.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    upcoming = await db.fetch(
        f"{_SELECT} WHERE b.person_id = {{}} AND s.ends_at > now()"
        " AND (b.state <> 'cancelled' OR b.cancelled_by = 'organisation')"
        " ORDER BY s.starts_at LIMIT 200",
        person,
    )
    gone = await db.fetch(
        f"{_SELECT} WHERE b.person_id = {{}} AND s.ends_at <= now() AND b.state <> 'cancelled'"
        " ORDER BY s.starts_at DESC LIMIT {}",
        person,
        past,
    )
    minutes = await db.fetch_value(
        "SELECT coalesce(sum(minutes), 0)::int FROM hours WHERE person_id = {}"
        " AND state = 'confirmed'",
        person,
    )
    return Mine([_view(row) for row in upcoming], [_view(row) for row in gone], minutes)


async def mine_on(actor: Actor, opportunity_id: UUID) -> dict[UUID, UUID]:
    """Give the actor's live bookings on an opportunity, by shift; empty for the anonymous."""
    if actor.person_id is None:
        return {}
    rows = await db.fetch(
        "SELECT b.shift_id, b.id FROM booking b JOIN shift s ON s.id = b.shift_id"
        " WHERE b.person_id = {} AND s.opportunity_id = {} AND b.state <> 'cancelled'",
        actor.person_id,
        opportunity_id,
    )
    return {row["shift_id"]: row["id"] for row in rows}


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What decides about a booking, with the words a refusal needs.

    `alternative_at` is the next shift of the opportunity with a place left, None without one;
    `other_title` and `other_period` name the actor's booking that overlaps, "" without one.
    """

    asked: Asked
    opportunity_id: UUID
    title: str
    alternative_id: UUID | None
    alternative_at: datetime | None
    other_title: str
    other_period: str


async def in_the_way(actor: Actor, shift_id: UUID, *, old_enough: bool) -> InTheWay:
    """Gather what decides whether the actor may book a shift, in one read.

    Raises:
        NotFound: there is no such shift.
    """
    row = await db.fetch_one(
        "SELECT o.id AS opportunity_id, o.title, o.state AS opportunity,"
        " g.state = 'approved' AS approved, s.state AS shift, s.starts_at, s.places,"
        " s.taken + s.held AS gone,"
        " r.minimum_age,"
        " EXISTS (SELECT FROM booking b WHERE b.shift_id = s.id AND b.person_id = {}"
        "  AND b.state <> 'cancelled') AS booked_already,"
        " other.title AS other_title, other.starts_at AS other_start, other.ends_at AS other_end,"
        " next.id AS alternative_id, next.starts_at AS alternative_at"
        " FROM shift s JOIN role r ON r.id = s.role_id"
        " JOIN opportunity o ON o.id = s.opportunity_id"
        " JOIN organisation g ON g.id = o.organisation_id"
        " LEFT JOIN LATERAL (SELECT oo.title, os.starts_at, os.ends_at FROM booking ob"
        "  JOIN shift os ON os.id = ob.shift_id JOIN opportunity oo ON oo.id = os.opportunity_id"
        "  WHERE ob.person_id = {} AND ob.state IN ('confirmed', 'attended')"
        "  AND ob.shift_id <> s.id AND ob.period && tstzrange(s.starts_at, s.ends_at)"
        "  ORDER BY os.starts_at LIMIT 1) AS other ON true"
        " LEFT JOIN LATERAL (SELECT n.id, n.starts_at FROM shift n"
        "  WHERE n.opportunity_id = o.id AND n.id <> s.id AND n.state = 'planned'"
        "  AND n.starts_at > now() AND n.taken + n.held < n.places AND o.state = 'open'"
        "  AND NOT EXISTS (SELECT FROM booking mine WHERE mine.person_id = {}"
        "   AND mine.state IN ('confirmed', 'attended')"
        "   AND mine.period && tstzrange(n.starts_at, n.ends_at))"
        "  ORDER BY n.starts_at LIMIT 1) AS next ON true"
        " WHERE s.id = {}",
        actor.person_id,
        actor.person_id,
        actor.person_id,
        shift_id,
    )
    if row is None:
        raise NotFound("We cannot find that shift. It may have been taken down.")
    other = row["other_start"]
    return InTheWay(
        asked=Asked(
            opportunity=OpportunityState(row["opportunity"]),
            organisation_approved=row["approved"],
            shift=ShiftState(row["shift"]),
            starts_at=row["starts_at"],
            places=row["places"],
            gone=row["gone"],
            minimum_age=row["minimum_age"],
            booked_already=row["booked_already"],
            overlap=other is not None,
            email_confirmed=actor.email_confirmed,
            old_enough=old_enough,
        ),
        opportunity_id=row["opportunity_id"],
        title=row["title"],
        alternative_id=row["alternative_id"],
        alternative_at=row["alternative_at"],
        other_title=row["other_title"] or "",
        other_period=clock.period_words(other, row["other_end"]) if other else "",
    )
