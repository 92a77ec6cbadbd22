"""Opening hours as people write them: "10am to 1pm, 2pm to 5pm" on a wall clock.

Pure. A day's hours are intervals in order; no interval is a closed day.
"""

import itertools
import re
from collections.abc import Sequence
from datetime import time

from marketplace.clock import time_words

Intervals = tuple[tuple[time, time], ...]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EXAMPLE = "10am to 4pm, or 10am to 1pm, 2pm to 5pm"
MOST_INTERVALS = 4

_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(am|pm)?")
_CLOSED = {"", "closed", "shut", "none", "-", "–"}


class NotHours(ValueError):
    """The text cannot be read as opening hours; the message is a sentence."""


def parse(text: str) -> Intervals:
    """Read opening hours; empty or "closed" is a closed day.

    Raises:
        NotHours: it cannot be read, an interval ends before it starts, or two overlap.
    """
    plain = " ".join(text.lower().replace("noon", "12pm").replace("midday", "12pm").split())
    if plain in _CLOSED:
        return ()
    found: list[tuple[time, time]] = []
    for part in re.split(r",|;|&|\band\b", plain):
        ends = [end.strip() for end in re.split(r"-|–|—|\bto\b|\btill\b|\buntil\b", part.strip())]
        if len(ends) != 2:
            raise NotHours(f"Write the hours such as {EXAMPLE}")
        opens, closes = (_time(end) for end in ends)
        if closes <= opens:
            raise NotHours(f"Enter a closing time after {time_words(opens)}")
        found.append((opens, closes))
    found.sort()
    if len(found) > MOST_INTERVALS:
        raise NotHours(f"Enter {MOST_INTERVALS} times of opening a day at most")
    for (_, closes), (opens, _) in itertools.pairwise(found):
        if opens < closes:
            raise NotHours("Enter hours that do not overlap")
    return tuple(found)


def _time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None:
        raise NotHours(f"Write the hours such as {EXAMPLE}")
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        if not 1 <= hour <= 12:
            raise NotHours("Write times such as 9:30, 1pm or 17:00")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise NotHours("Write times such as 9:30, 1pm or 17:00")
    return time(hour, minute)


def words(hours: Sequence[tuple[time, time]]) -> str:
    """Write "10am to 1pm, 2pm to 5pm", or "Closed"."""
    if not hours:
        return "Closed"
    return ", ".join(f"{time_words(opens)} to {time_words(closes)}" for opens, closes in hours)


def week_words(week: Sequence[Intervals]) -> list[tuple[str, str]]:
    """Write a week from Monday, days in a row with the same hours together, as (days, hours)."""
    lines: list[tuple[int, int, Intervals]] = []
    for number, hours in enumerate(week):
        if lines and lines[-1][2] == hours:
            lines[-1] = (lines[-1][0], number, hours)
        else:
            lines.append((number, number, hours))
    return [(_days(first, last), words(hours)) for first, last, hours in lines]


def _days(first: int, last: int) -> str:
    if first == last:
        return WEEKDAYS[first]
    joint = " and " if last == first + 1 else " to "
    return f"{WEEKDAYS[first]}{joint}{WEEKDAYS[last]}"
