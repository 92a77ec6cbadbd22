"""When the digest goes, and what is worth telling: pure, judged against what it is given."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from marketplace.offers.rules import QUIET_FROM

# Tuesday, from eight on the wall clock: what a large place does not get done by noon goes on
# until the evening, and what no worker did that day is not made up for on another.
WEEKDAY = 1
FROM = time(8)
MOST = 8
NEW_FOR = timedelta(days=8)


class Event(StrEnum):
    """What happens with digests, for whoever reacts."""

    DUE = "digest.due"


class Because(StrEnum):
    """Why something is told of."""

    NEW = "new"
    SHORT = "short"


WORDS = {Because.NEW: "New", Because.SHORT: "Short of people"}


def due(now: datetime, zone: ZoneInfo) -> date | None:
    """Give the day of the digest that is to be sent now; None when none is."""
    wall = now.astimezone(zone)
    sends = wall.weekday() == WEEKDAY and FROM <= wall.time() < QUIET_FROM
    return wall.date() if sends else None


def because(published_at: datetime | None, short: bool, now: datetime) -> Because | None:
    """Say why an opportunity is worth telling; None when it is not."""
    if short:
        return Because.SHORT
    new = published_at is not None and published_at > now - NEW_FOR
    return Because.NEW if new else None
