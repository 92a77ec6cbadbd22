"""Reading bookings: one person's own, and what stands in the way of another one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.private_places import hide
from marketplace.volunteering.queries import place_words
from marketplace.volunteering.rules import BookingState, CancelledBy, HoursState

NO_SUCH = "We cannot find that booking."


@dataclass(frozen=True, slots=True)
class BookingView:
    """One booking as its own volunteer sees it; `minutes` are proposed or confirmed hours.

    `reason` is why somebody else gave the place back, in their words.
    """

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
    reason: str

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
    " o.place_name, o.town, o.postcode, o.place_private, h.minutes,"
    " h.state AS hours_state, b.reason"
    " FROM booking b JOIN shift s ON s.id = b.shift_id"
    " JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = o.organisation_id"
    " LEFT JOIN hours h ON h.booking_id = b.id"
)


def _view(row: dict[str, Any]) -> BookingView:
    hide(row, shown=row["state"] != BookingState.CANCELLED)
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


async def booking_to_manage(actor: Actor, id: UUID) -> BookingView:
    """Read a booking for those who run the shift.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor may not know that there is.
    """
    found = await booking_of_link(id)
    # Who has booked is known to the organisation alone, open though the shift may be.
    actor.require_to_know(Permission.WRITE_OPPORTUNITIES, found.organisation_id)
    return found


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's volunteering; `minutes` is the total of all confirmed hours.

    `given_back` are shifts to come that they cancelled themselves, and could book again.
    """

    upcoming: list[BookingView]
    given_back: list[BookingView]
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
        " AND (b.state <> 'cancelled' OR b.cancelled_by <> 'volunteer')"
        " ORDER BY s.starts_at LIMIT 200",
        person,
    )
    given_back = await db.fetch(
        f"SELECT * FROM (SELECT DISTINCT ON (mine.shift_id) mine.* FROM ({_SELECT}"  # noqa: S608
        "  WHERE b.person_id = {} AND b.state = 'cancelled' AND b.cancelled_by = 'volunteer'"
        "  AND s.starts_at > now() AND s.state = 'planned' AND o.state = 'open') AS mine"
        "  WHERE NOT EXISTS (SELECT FROM booking again WHERE again.shift_id = mine.shift_id"
        "   AND again.person_id = mine.person_id AND again.state <> 'cancelled')"
        "  ORDER BY mine.shift_id) AS found ORDER BY starts_at LIMIT 20",
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
    return Mine(
        [_view(row) for row in upcoming],
        [_view(row) for row in given_back],
        [_view(row) for row in gone],
        minutes,
    )
