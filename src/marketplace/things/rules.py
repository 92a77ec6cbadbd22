"""States, moves and the arithmetic of loans: pure, judged against the instants it is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from marketplace import clock
from marketplace.moves import Moves
from marketplace.things.hours import Intervals

LONGEST_LOAN = 90
MOST_NOTICE = 60
FURTHEST = 366
MOST_TURNAROUND = 168


class Kind(StrEnum):
    """What sort of thing it is."""

    THING = "thing"
    ROOM = "room"
    VEHICLE = "vehicle"


class ThingState(StrEnum):
    """Whether people can find and reserve a thing."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class UnitState(StrEnum):
    """Whether a unit can be lent at all."""

    AVAILABLE = "available"
    IN_REPAIR = "in_repair"
    RETIRED = "retired"


class ReservationState(StrEnum):
    """What became of a reservation; from `OUT` on it is a loan. LOST never comes back."""

    RESERVED = "reserved"
    OUT = "out"
    RETURNED = "returned"
    LOST = "lost"
    CANCELLED = "cancelled"
    NOT_COLLECTED = "not_collected"


class OccupancyState(StrEnum):
    """Why a unit cannot be had."""

    HELD = "held"
    OUT = "out"
    TURNAROUND = "turnaround"
    BLOCKED = "blocked"
    UNPLACED = "unplaced"
    RELEASED = "released"


class CancelledBy(StrEnum):
    """Who cancelled a reservation."""

    BORROWER = "borrower"
    LENDER = "lender"


class Event(StrEnum):
    """What happens in the library, for history and for whoever reacts."""

    SITE_CHANGED = "site.changed"
    THING_DRAFTED = "thing.drafted"
    THING_CHANGED = "thing.changed"
    THING_PUBLISHED = "thing.published"
    THING_WITHDRAWN = "thing.withdrawn"
    UNIT_ADDED = "unit.added"
    UNIT_CHANGED = "unit.changed"
    RESERVATION_MADE = "reservation.made"
    RESERVATION_CANCELLED = "reservation.cancelled"
    RESERVATION_NOT_COLLECTED = "reservation.not_collected"
    UNIT_LOST = "reservation.unit_lost"
    UNIT_FOUND = "reservation.unit_found"
    LOAN_HANDED_OVER = "loan.handed_over"
    LOAN_RETURNED = "loan.returned"
    LOAN_LOST = "loan.lost"


THING_MOVES = Moves(
    "thing",
    {
        ThingState.DRAFT: frozenset({ThingState.PUBLISHED}),
        ThingState.PUBLISHED: frozenset({ThingState.WITHDRAWN}),
        ThingState.WITHDRAWN: frozenset({ThingState.PUBLISHED}),
    },
)
UNIT_MOVES = Moves(
    "unit",
    {
        UnitState.AVAILABLE: frozenset({UnitState.IN_REPAIR, UnitState.RETIRED}),
        UnitState.IN_REPAIR: frozenset({UnitState.AVAILABLE, UnitState.RETIRED}),
    },
)
RESERVATION_MOVES = Moves(
    "reservation",
    {
        ReservationState.RESERVED: frozenset(
            {
                ReservationState.OUT,
                ReservationState.CANCELLED,
                ReservationState.NOT_COLLECTED,
            }
        ),
        ReservationState.OUT: frozenset({ReservationState.RETURNED, ReservationState.LOST}),
    },
)


def loan_days(first: date, last: date) -> int:
    """Count the calendar days of a loan, both ends included: Saturday to Sunday are 2."""
    return (last - first).days + 1


@dataclass(frozen=True, slots=True)
class Period:
    """A loan as instants (aware UTC): half-open, with and without the turnaround round it."""

    starts_at: datetime
    ends_at: datetime
    blocked_from: datetime
    blocked_until: datetime


def period(
    first: date,
    first_hours: Intervals,
    last: date,
    last_hours: Intervals,
    *,
    zone: ZoneInfo,
    hours_before: int = 0,
    hours_after: int = 0,
) -> Period:
    """Turn two open days into instants: from the first opening to the last closing.

    Turnaround is in hours really passed, outside the loan.
    """
    starts_at = clock.instant(first, first_hours[0][0], zone)
    ends_at = clock.instant(last, last_hours[-1][1], zone)
    return Period(
        starts_at,
        ends_at,
        starts_at - timedelta(hours=hours_before),
        ends_at + timedelta(hours=hours_after),
    )


def overdue(state: ReservationState, ends_at: datetime, now: datetime) -> bool:
    """Tell whether a loan should be back by now."""
    return state is ReservationState.OUT and now >= ends_at


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a thing must have before people can reserve it."""

    summary: str
    site: bool
    open_days: bool
    units: int


def missing(facts: Readiness) -> list[tuple[str, str]]:
    """Name what is still needed before publishing, as (field, sentence), in the form's order."""
    lacks: list[tuple[str, str]] = []
    if not facts.summary:
        lacks.append(("summary", "Say in one or two sentences what it is good for"))
    if not facts.site:
        lacks.append(("site_id", "Choose the site where people collect it"))
    elif not facts.open_days:
        lacks.append(("hours", "Say when its site is open"))
    if not facts.units:
        lacks.append(("units", "Add at least one unit"))
    return lacks


class Obstacle(StrEnum):
    """Why a thing cannot be reserved for these days; worst first, the first is said first."""

    NOT_PUBLISHED = "not_published"
    NO_UNITS = "no_units"
    EMAIL_UNCONFIRMED = "email_unconfirmed"
    BACKWARDS = "backwards"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    TOO_LONG = "too_long"
    COLLECTION_CLOSED = "collection_closed"
    RETURN_CLOSED = "return_closed"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Asked:
    """What decides whether one person may reserve one thing for two days.

    `earliest` and `latest` bound the collection day. `fits` is None where nobody looked.
    """

    published: bool
    units: int
    email_confirmed: bool
    first: date
    last: date
    earliest: date
    latest: date
    max_days: int
    first_open: bool
    last_open: bool
    fits: bool


def obstacles(asked: Asked) -> list[Obstacle]:
    """Give every reason why this reservation cannot be made; empty when it can."""
    backwards = asked.last < asked.first
    in_the_way: Sequence[tuple[bool, Obstacle]] = [
        (not asked.published, Obstacle.NOT_PUBLISHED),
        (asked.units == 0, Obstacle.NO_UNITS),
        (not asked.email_confirmed, Obstacle.EMAIL_UNCONFIRMED),
        (backwards, Obstacle.BACKWARDS),
        (asked.first < asked.earliest, Obstacle.TOO_SOON),
        (asked.first > asked.latest, Obstacle.TOO_FAR),
        (loan_days(asked.first, asked.last) > asked.max_days, Obstacle.TOO_LONG),
        (not asked.first_open, Obstacle.COLLECTION_CLOSED),
        (not backwards and asked.last != asked.first and not asked.last_open,
         Obstacle.RETURN_CLOSED),
        (
            not backwards and asked.first_open and asked.last_open and asked.units > 0
            and not asked.fits,
            Obstacle.TAKEN,
        ),
    ]  # fmt: skip
    return [obstacle for applies, obstacle in in_the_way if applies]


def bookable(
    today: date, *, notice_days: int, ahead_days: int, closed_for_today: bool
) -> tuple[date, date]:
    """Give the first and the last possible collection day.

    Today counts until the site closes for the day.
    """
    first = today + timedelta(days=notice_days)
    if first == today and closed_for_today:
        first += timedelta(days=1)
    return first, today + timedelta(days=ahead_days)


def day_words(day: date, *, year: bool = False) -> str:
    """Write "Saturday 5 December", with the year where asked."""
    return clock.date_words(day, year=year)


def days_words(first: date, last: date) -> str:
    """Write "Saturday 5 to Sunday 6 December", naming each month and year once."""
    if first == last:
        return clock.date_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%A} {first.day} to {clock.date_words(last)}"
    if first.year == last.year:
        return f"{first:%A} {first.day} {first:%B} to {clock.date_words(last)}"
    return f"{day_words(first, year=True)} to {day_words(last, year=True)}"


def number_words(days: int) -> str:
    """Write "1 day" or "2 days"."""
    return f"{days} day{'' if days == 1 else 's'}"


def left_without(reservations: int) -> str:
    """Say how many reservations have no unit."""
    if reservations == 1:
        return "1 reservation has no unit now and needs a decision at the desk."
    return f"{reservations} reservations have no unit now and need a decision at the desk."
