"""When somebody can be checked in, and for how long they were there: pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from marketplace import clock
from marketplace.volunteering.rules import proposed_minutes

OPENS_BEFORE = timedelta(minutes=60)
# A code on a screen is replaced every minute; who opened it in time has some minutes to read.
NEW_CODE_SECONDS = 60
CODE_LIFE = timedelta(minutes=2)
READING_TIME = timedelta(minutes=5)
# How long the name of a walk-in without an account is kept.
NAMES_KEPT = timedelta(days=30)
# When a shift leader sees the names of their shift, and may mark them.
LEADS_FROM = timedelta(hours=24)
LEADS_UNTIL = timedelta(hours=48)


class Event(StrEnum):
    """What happens on the day, beside who is marked as having come."""

    CHECKED_IN = "attendance.checked_in"
    CHECKED_OUT = "attendance.checked_out"
    WALKED_IN = "walk_in.added"
    WALK_IN_REMOVED = "walk_in.removed"
    LEADER_NAMED = "shift_leader.named"
    LEADER_REMOVED = "shift_leader.removed"


class How(StrEnum):
    """How we know that somebody came."""

    CODE = "code"
    LIST = "list"
    WALK_IN = "walk_in"
    # Alone with somebody, where no leader shows a code.
    OWN = "own"


def opens_at(starts_at: datetime) -> datetime:
    """Tell from when people can be checked in."""
    return starts_at - OPENS_BEFORE


def closed(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Say why nobody can check in by the code now; "" when they can."""
    if now < opens_at(starts_at):
        return (
            f"You can check in from {clock.time_words(opens_at(starts_at))}, an hour before the"
            " shift starts."
        )
    if now >= ends_at:
        return (
            "This shift has ended, so nobody can check in any more. The organisation can still"
            " mark that you came, and you can add your hours yourself."
        )
    return ""


def leads(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Tell whether a leader of the shift sees its names now: no earlier or later than needed."""
    return starts_at - LEADS_FROM <= now < ends_at + LEADS_UNTIL


def given_minutes(
    starts_at: datetime,
    ends_at: datetime,
    in_at: datetime | None = None,
    out_at: datetime | None = None,
) -> int:
    """Propose how long somebody gave, in minutes that really passed.

    Waiting before the start does not count; staying after the end does. What is not known is
    taken from the shift.
    """
    begin = max(in_at or starts_at, starts_at)
    end = out_at or ends_at
    return proposed_minutes(begin, max(begin, end))
