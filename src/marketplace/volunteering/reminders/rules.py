"""When a reminder is due: pure, judged against the instants it is given.

Nobody is woken: what falls due between 9pm and 8am where the shift is waits until the morning.
Whoever booked after a reminder's moment gets none, because they have just read it all; and a
reminder that is very late, because no worker ran, says nothing useful any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from marketplace.offers.rules import quiet


class Kind(StrEnum):
    """How far ahead a reminder is."""

    WEEK = "week"
    DAY = "day"


class Event(StrEnum):
    """What happens with reminders, for whoever reacts."""

    DUE = "reminder.due"


@dataclass(frozen=True, slots=True)
class Term:
    """A reminder is due from `ahead` before the shift, and makes sense until `until` before."""

    ahead: timedelta
    until: timedelta


TERMS = {
    Kind.WEEK: Term(timedelta(days=7), timedelta(days=2)),
    Kind.DAY: Term(timedelta(hours=24), timedelta(hours=2)),
}


def due(
    kind: Kind, booked_at: datetime, starts_at: datetime, now: datetime, zone: ZoneInfo
) -> bool:
    """Tell whether a reminder is to be sent now, if it was not before."""
    term = TERMS[kind]
    moment = starts_at - term.ahead
    return booked_at < moment <= now < starts_at - term.until and not quiet(now, zone)


def ahead_words(starts_at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Write how many days ahead it is on the calendar: "Today", "Tomorrow", "In 7 days"."""
    days = (starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return {0: "Today", 1: "Tomorrow", 7: "In a week"}.get(days, f"In {days} days")
