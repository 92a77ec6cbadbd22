"""When who is told that somebody has not checked out: pure."""

from datetime import datetime, timedelta
from enum import StrEnum


class Event(StrEnum):
    """What happens around somebody who is out on their own; by booking, shift or visit."""

    MARKED = "lone.marked"
    UNMARKED = "lone.unmarked"
    ASKED = "lone.asked"
    MISSED = "lone.missed"
    STILL_MISSED = "lone.still_missed"
    SAFE = "lone.safe"


# How long after the end of a shift each step is due.
STEPS = {
    Event.ASKED: timedelta(),
    Event.MISSED: timedelta(minutes=30),
    Event.STILL_MISSED: timedelta(minutes=60),
}
# A shift that is marked lone long after it is nobody's emergency.
WATCHED_FOR = timedelta(hours=24)
OPENS_BEFORE = timedelta(minutes=60)


def due(ends_at: datetime, now: datetime) -> list[Event]:
    """Give the steps that are due for somebody who has not checked out, in their order."""
    if now - ends_at > WATCHED_FOR:
        return []
    return [event for event, after in STEPS.items() if now >= ends_at + after]
