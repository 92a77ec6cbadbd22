"""States of an entry, and how long an offer stands: pure, judged against given instants.

An offer stands for 24 hours, and the nights do not count: the clock of an offer stops from 9pm
to 8am where the subject is. When what is offered begins soon, an offer stands for a quarter of
the (day) time that is left, so that four people can be asked before it is too late; it ends two
hours before the beginning, so that nobody answers on the doorstep. Even so everybody has half
an hour. With less than that left nothing is offered any more: whoever comes first gets it.
"""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from marketplace.moves import Moves

LIFE = timedelta(hours=24)
QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
SHARE = 4
DOORSTEP = timedelta(hours=2)
LEAST = timedelta(minutes=30)


def quiet(now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether it is night in a zone."""
    wall = now.astimezone(zone).time()
    return wall >= QUIET_FROM or wall < QUIET_UNTIL


class Mode(StrEnum):
    """Who is offered what comes free: the first in the queue, or whom somebody chooses."""

    FIRST_COME = "first_come"
    CHOOSE = "choose"


class EntryState(StrEnum):
    """What became of somebody who waited."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    LEFT = "left"
    # What they waited for began, or will not be.
    ENDED = "ended"


class Event(StrEnum):
    """What happens in queues, for history and for whoever reacts."""

    JOINED = "queue.joined"
    LEFT = "queue.left"
    ENDED = "queue.ended"
    MODE_CHANGED = "queue.mode_changed"
    OFFERED = "offer.made"
    ACCEPTED = "offer.accepted"
    DECLINED = "offer.declined"
    EXPIRED = "offer.expired"


ENTRY_MOVES = Moves(
    "place in the queue",
    {
        EntryState.WAITING: frozenset({EntryState.OFFERED, EntryState.LEFT, EntryState.ENDED}),
        EntryState.OFFERED: frozenset(
            {EntryState.ACCEPTED, EntryState.DECLINED, EntryState.EXPIRED, EntryState.ENDED}
        ),
    },
)


def expiry(now: datetime, begins_at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Give the instant until which an offer made `now` stands; aware UTC.

    `begins_at` is when what is offered begins, None without a beginning. None: it begins too
    soon for an offer.
    """
    # Of two times on one wall clock Python subtracts what the clock shows, not what passes.
    now = now.astimezone(UTC)
    if begins_at is None:
        return add_day_time(now, LIFE, zone)
    begins_at = begins_at.astimezone(UTC)
    if begins_at - now < LEAST:
        return None
    life = min(LIFE, day_time(now, begins_at, zone) / SHARE)
    ends = min(add_day_time(now, life, zone), begins_at - DOORSTEP)
    return max(ends, now + LEAST)


def too_soon(now: datetime, begins_at: datetime) -> bool:
    """Tell whether what begins then is offered to nobody any more."""
    return begins_at.astimezone(UTC) - now.astimezone(UTC) < LEAST


def day_time(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """Measure the time between two instants outside the quiet hours of `zone`."""
    total = timedelta()
    at, end = start.astimezone(UTC), end.astimezone(UTC)
    while at < end:
        opens, shuts = _next_day(at, zone)
        total += max(timedelta(), min(shuts, end) - max(opens, at))
        at = shuts
    return total


def add_day_time(start: datetime, span: timedelta, zone: ZoneInfo) -> datetime:
    """Give the instant by which `span` has passed outside the quiet hours of `zone`."""
    at, left = start.astimezone(UTC), span
    while True:
        opens, shuts = _next_day(at, zone)
        at = max(at, opens)
        if left <= shuts - at:
            return at + left
        left -= shuts - at
        at = shuts


def _next_day(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the first period outside the quiet hours that ends after `at`; aware UTC."""
    day = at.astimezone(zone).date()
    while True:
        shuts = datetime.combine(day, QUIET_FROM, tzinfo=zone).astimezone(UTC)
        if shuts > at:
            opens = datetime.combine(day, QUIET_UNTIL, tzinfo=zone).astimezone(UTC)
            return opens, shuts
        day += timedelta(days=1)
