"""Seven days of many things, a word for each day.

Pure. No colour is needed to read it: each day says its state in words.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.things.availability import Day, DayState
from marketplace.things.rules import FURTHEST

DAYS = 7
# So many things a page: more than a list of cards has, as a row is a few words.
MOST = 40


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days; `before` and `after` begin the ones beside it, None leads nowhere."""

    days: tuple[date, ...]
    before: date | None
    after: date | None

    @property
    def labels(self) -> list[str]:
        """Write its days as the heads of columns: "Mon 23 Nov"."""
        return [f"{day:%a} {day.day} {day:%b}" for day in self.days]


def week_from(text: str, today: date) -> Week:
    """Give seven days from "2026-11-23" on, from `today` for the past and for anything else."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        asked = today
    latest = today + timedelta(days=FURTHEST)
    first = min(max(asked, today), latest)
    step = timedelta(days=DAYS)
    return Week(
        tuple(first + timedelta(days=n) for n in range(DAYS)),
        max(first - step, today) if first > today else None,
        first + step if first + step <= latest else None,
    )


def word(day: Day) -> str:
    """Say what a day is."""
    match day.state:
        case DayState.CLOSED:
            return "Closed"
        case DayState.NONE:
            return "None"
        case _ if day.units == 1:
            return "Free"
        case _:
            return f"{day.free} of {day.units}"
