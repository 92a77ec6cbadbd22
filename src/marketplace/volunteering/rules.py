"""States, moves and the arithmetic of shifts: pure, judged against the instants it is given."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from marketplace import clock
from marketplace.errors import Conflict
from marketplace.moves import Moves

LONGEST_SHIFT = timedelta(hours=24)
MOST_WEEKS = 26
MOST_PLACES = 10_000
MOST_MINUTES = 24 * 60


class OpportunityState(StrEnum):
    """Whether people can find and book an opportunity; that it is full is derived from shifts.

    PAUSED is for a while and comes back as it was; CLOSED is done; EXPIRED is what nobody
    answered for.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_WORK = "needs_work"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Timing(StrEnum):
    """How the time is arranged.

    By dated shifts; by the contact, in people's own time; by the coordinator, one volunteer at a
    time; or not at all: people say afterwards how long it took.
    """

    SHIFTS = "shifts"
    FLEXIBLE = "flexible"
    ARRANGED = "arranged"
    LOGGED = "logged"


class ShiftState(StrEnum):
    """Whether a shift takes place."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class BookingState(StrEnum):
    """What became of a place."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


class CancelledBy(StrEnum):
    """Who gave a place back."""

    VOLUNTEER = "volunteer"
    ORGANISATION = "organisation"
    # What a booking needed is gone: a consent withdrawn, a check that expired.
    SYSTEM = "system"


class HoursState(StrEnum):
    """Whether both sides stand behind the hours."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"


class ProposedBy(StrEnum):
    """Who says how long it was: the roster, the volunteer, or the organisation."""

    ATTENDANCE = "attendance"
    VOLUNTEER = "volunteer"
    ORGANISATION = "organisation"


class Event(StrEnum):
    """What happens in volunteering, for history and for whoever reacts."""

    OPPORTUNITY_DRAFTED = "opportunity.drafted"
    OPPORTUNITY_SUBMITTED = "opportunity.submitted"
    OPPORTUNITY_TAKEN_BACK = "opportunity.taken_back"
    OPPORTUNITY_ACCEPTED = "opportunity.accepted"
    OPPORTUNITY_RETURNED = "opportunity.returned"
    OPPORTUNITY_RECHECK_WANTED = "opportunity.recheck_wanted"
    OPPORTUNITY_PUBLISHED = "opportunity.published"
    OPPORTUNITY_REOPENED = "opportunity.reopened"
    OPPORTUNITY_CHANGED = "opportunity.changed"
    OPPORTUNITY_PAUSED = "opportunity.paused"
    OPPORTUNITY_CLOSED = "opportunity.closed"
    OPPORTUNITY_ASKED_ABOUT = "opportunity.asked_about"
    OPPORTUNITY_CONFIRMED = "opportunity.confirmed"
    OPPORTUNITY_FADED = "opportunity.faded"
    OPPORTUNITY_EXPIRED = "opportunity.expired"
    OPPORTUNITY_CANCELLED = "opportunity.cancelled"
    ROLE_ADDED = "role.added"
    ROLE_CHANGED = "role.changed"
    ROLE_RETIRED = "role.retired"
    ROLE_RESTORED = "role.restored"
    SHIFT_PLANNED = "shift.planned"
    SHIFT_CHANGED = "shift.changed"
    SHIFT_CANCELLED = "shift.cancelled"
    BOOKING_MADE = "booking.made"
    BOOKING_CANCELLED = "booking.cancelled"
    ATTENDANCE_MARKED = "attendance.marked"
    HOURS_CONFIRMED = "hours.confirmed"


_AFTER_OPEN = frozenset({OpportunityState.OPEN, OpportunityState.CANCELLED})
OPPORTUNITY_MOVES = Moves(
    "opportunity",
    {
        # Straight to open is for organisations that are trusted.
        OpportunityState.DRAFT: _AFTER_OPEN | {OpportunityState.SUBMITTED},
        OpportunityState.SUBMITTED: _AFTER_OPEN
        | {OpportunityState.NEEDS_WORK, OpportunityState.DRAFT},
        OpportunityState.NEEDS_WORK: _AFTER_OPEN | {OpportunityState.SUBMITTED},
        # A moderator may send an open one back: it is taken down until it is mended.
        OpportunityState.OPEN: frozenset(
            {
                OpportunityState.NEEDS_WORK,
                OpportunityState.PAUSED,
                OpportunityState.CLOSED,
                OpportunityState.CANCELLED,
                OpportunityState.EXPIRED,
            }
        ),
        OpportunityState.PAUSED: _AFTER_OPEN | {OpportunityState.CLOSED},
        OpportunityState.CLOSED: _AFTER_OPEN,
        OpportunityState.EXPIRED: _AFTER_OPEN | {OpportunityState.CLOSED},
    },
)
# Not public, or not any more: only its own people and moderators read it.
UNPUBLISHED = frozenset(
    {OpportunityState.DRAFT, OpportunityState.SUBMITTED, OpportunityState.NEEDS_WORK}
)
SHIFT_MOVES = Moves("shift", {ShiftState.PLANNED: frozenset({ShiftState.CANCELLED})})
BOOKING_MOVES = Moves(
    "booking",
    {
        BookingState.CONFIRMED: frozenset(
            {BookingState.CANCELLED, BookingState.ATTENDED, BookingState.NO_SHOW}
        ),
        # A mark made by mistake is taken back, as long as no hours are confirmed on it.
        BookingState.ATTENDED: frozenset({BookingState.CONFIRMED, BookingState.NO_SHOW}),
        BookingState.NO_SHOW: frozenset({BookingState.CONFIRMED, BookingState.ATTENDED}),
    },
)
HOURS_MOVES = Moves(
    "record of hours",
    {
        HoursState.PROPOSED: frozenset(
            {HoursState.CONFIRMED, HoursState.DISPUTED, HoursState.WITHDRAWN}
        ),
        HoursState.DISPUTED: frozenset(
            {HoursState.PROPOSED, HoursState.CONFIRMED, HoursState.WITHDRAWN}
        ),
        # What an organisation confirmed, the volunteer may still put in question.
        HoursState.CONFIRMED: frozenset({HoursState.DISPUTED}),
        # Claimed again, after all.
        HoursState.WITHDRAWN: frozenset({HoursState.PROPOSED}),
    },
)


@dataclass(frozen=True, slots=True)
class Period:
    """A shift's time, as it was said and as instants (aware UTC), half-open."""

    local_start: datetime
    local_end: datetime
    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime


def period(
    day: date, start: time, end: time, *, ends_next_day: bool = False, zone: ZoneInfo
) -> Period:
    """Turn what a coordinator said into a period.

    Raises:
        Conflict: beside the field it is about: the end is not after the start, the shift is
            longer than a day, or the clocks skip one of the times.
    """
    local_start = datetime.combine(day, start)
    local_end = datetime.combine(day + timedelta(days=1 if ends_next_day else 0), end)
    if local_end <= local_start:
        raise Conflict(
            f"Enter an end after {clock.time_words(start)}, or tick “Ends the next day”",
            field="end",
        )
    if local_end - local_start > LONGEST_SHIFT:
        raise Conflict(
            "A shift lasts 24 hours at most. Untick “Ends the next day”, or plan two shifts",
            field="end",
        )
    starts_at = _instant(local_start, zone, field="start")
    ends_at = _instant(local_end, zone, field="end")
    if ends_at <= starts_at:
        # Only inside the hour that happens twice, whose first pass both times mean.
        raise Conflict("Enter an end after the start", field="end")
    return Period(local_start, local_end, zone, starts_at, ends_at)


def _instant(wall: datetime, zone: ZoneInfo, *, field: str) -> datetime:
    try:
        return clock.instant(wall.date(), wall.time(), zone)
    except Conflict as conflict:
        raise Conflict(conflict.message, field=field) from conflict


def weekly(first: Period, weeks: int) -> Iterator[Period]:
    """Give `first` and the same wall times in the weeks after it, `weeks` in all.

    Raises:
        Conflict: in one of the weeks the clocks skip one of the times.
    """
    for week in range(weeks):
        later = timedelta(weeks=week)
        start, end = first.local_start + later, first.local_end + later
        yield period(
            start.date(),
            start.time(),
            end.time(),
            ends_next_day=end.date() > start.date(),
            zone=first.zone,
        )


def proposed_minutes(starts_at: datetime, ends_at: datetime) -> int:
    """Propose the hours of a shift, in minutes really passed: 60 fewer over a spring change."""
    minutes = round((ends_at - starts_at).total_seconds() / 60)
    return max(1, min(minutes, MOST_MINUTES))


def duration_words(minutes: int) -> str:
    """Write "45 minutes", "1 hour" or "2 hours 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts: list[str] = []
    if hours:
        parts.append(f"{hours:,} hour{'' if hours == 1 else 's'}")
    if rest or not hours:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)


def role_words(role: str, opportunity: str) -> str:
    """Name a role by its title, with that of its opportunity where it says more."""
    return role if role == opportunity else f"{role}, {opportunity}"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What an opportunity must tell before people can be asked to come."""

    title: str
    summary: str
    remote: bool
    located: bool
    contact_name: str
    contact_how: str
    timing: Timing
    upcoming_shifts: int
    deadline_passed: bool = False


def missing(facts: Readiness) -> list[tuple[str, str]]:
    """Name what is still needed before publishing, as (field, sentence), in the form's order."""
    lacks: list[tuple[str, str]] = []
    if not facts.title:
        lacks.append(("title", "Give it a title"))
    if not facts.summary:
        lacks.append(("summary", "Say in one or two sentences what people would do"))
    if not facts.remote and not facts.located:
        lacks.append(("postcode", "Give the postcode of the place, or say it is done from home"))
    if not facts.contact_name:
        lacks.append(("contact_name", "Name the person volunteers can ask for"))
    if facts.deadline_passed:
        lacks.append(("deadline", "Give a last day that lies ahead, or none"))
    if facts.timing is not Timing.SHIFTS and not facts.contact_how:
        lacks.append(("contact_how", "Say how to reach that person, because there are no shifts"))
    if facts.timing is Timing.SHIFTS and not facts.upcoming_shifts:
        lacks.append(("shifts", "Add at least one shift that lies ahead"))
    return lacks


def places_words(places: int, gone: int) -> str:
    """Write "2 of 6 places left" or "Full"; `gone` are the taken and the held."""
    left = max(places - gone, 0)
    return f"{left} of {places} place{'' if places == 1 else 's'} left" if left else "Full"
