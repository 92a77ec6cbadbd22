"""The calendar of one thing as a page shows it: whole weeks of one month, a word for each day.

Pure. No colour is needed to read it: each day says its state in words.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from marketplace import clock
from marketplace.things import hours
from marketplace.things.availability import Day, DayState
from marketplace.things.reservations.queries import Bounds


@dataclass(frozen=True, slots=True)
class Cell:
    """One day; `short` stands under its number, `long` is read out, no `href` is no choice."""

    day: date
    state: str
    short: str
    long: str
    href: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """One month from Monday on; None are days of its neighbours, "" leads nowhere.

    `more` names the next month where it has return days too.
    """

    name: str
    weeks: list[list[Cell | None]]
    before: str
    after: str
    more: str


def month_of(text: str, otherwise: date) -> date:
    """Give the first day of a month written "2026-12"; that of `otherwise` for anything else."""
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text)
    return date(int(match[1]), int(match[2]), 1) if match else otherwise.replace(day=1)


def next_month(first: date) -> date:
    """Give the first day of the month after."""
    return (first + timedelta(days=32)).replace(day=1)


def shown_month(
    text: str, bounds: Bounds, chosen: date | None, returns: Collection[date] = ()
) -> date:
    """Choose the month to show: the one asked for, within the days that can be reserved."""
    asked = month_of(text, chosen or bounds.earliest)
    last = max(bounds.latest, *returns).replace(day=1) if returns else bounds.latest.replace(day=1)
    return min(max(asked, bounds.today.replace(day=1)), last)


def month(
    thing_id: UUID,
    first: date,
    days: Sequence[Day],
    bounds: Bounds,
    *,
    max_days: int,
    collected: date | None = None,
    returns: Collection[date] = (),
) -> Month:
    """Lay out one month: to choose the collection day, or once `collected` the return day.

    Weeks before the first day that may be chosen are left out.
    """
    cells: list[Cell | None] = [None] * first.weekday()
    for day in days:
        if collected is None:
            cells.append(_collect(thing_id, day, bounds, max_days))
        else:
            cells.append(_return(thing_id, day, bounds, collected, returns))
    cells += [None] * (-len(cells) % 7)
    keep = f"&first={collected}" if collected else ""
    more = any(day >= next_month(first) for day in returns)
    since = collected or bounds.today
    previous = (first - timedelta(days=1)).replace(day=1)
    following = next_month(first)
    weeks = [cells[n : n + 7] for n in range(0, len(cells), 7)]
    return Month(
        f"{first:%B} {first.year}",
        [week for week in weeks if any(cell and cell.day >= since for cell in week)],
        f"/things/{thing_id}?month={previous:%Y-%m}{keep}"
        if first > bounds.today.replace(day=1)
        else "",
        f"/things/{thing_id}?month={following:%Y-%m}{keep}"
        if more or following <= bounds.latest
        else "",
        f"{following:%B}" if more else "",
    )


def _state(day: Day) -> tuple[str, str, str]:
    """Give (state, word under the number, words read out)."""
    match day.state:
        case DayState.CLOSED:
            return "closed", "Closed", "closed"
        case DayState.NONE:
            return "none", "Taken", "taken"
        case DayState.SOME:
            return "some", f"{day.free} of {day.units}", f"{day.free} of {day.units} free"
        case DayState.FREE:
            return "free", "Free", "free"


def _cell(
    day: Day, words: str, *, state: str, short: str, href: str = "", chosen: bool = False
) -> Cell:
    opening = f", open {hours.words(day.hours)}" if day.hours else ""
    long = f"{clock.date_words(day.day)}: {words}{opening}"
    return Cell(day.day, state, short, long, href, chosen)


def _outside(day: Day, bounds: Bounds) -> tuple[str, str] | None:
    if day.day < bounds.today:
        return "over", "over"
    if day.day < bounds.earliest:
        return "Too soon", "too soon to reserve"
    if day.day > bounds.latest:
        return "Later", "too far ahead to reserve"
    return None


def _collect(thing_id: UUID, day: Day, bounds: Bounds, max_days: int) -> Cell:
    if outside := _outside(day, bounds):
        short = "" if outside[0] == "over" else outside[0]
        return _cell(day, outside[1], state="outside", short=short)
    state, short, words = _state(day)
    if state not in {"some", "free"}:
        return _cell(day, words, state=state, short=short)
    if max_days == 1:
        href = f"/things/{thing_id}/reservation?first={day.day}&last={day.day}"
    else:
        href = f"/things/{thing_id}?first={day.day}"
    return _cell(day, words, state=state, short=short, href=href)


def _return(
    thing_id: UUID, day: Day, bounds: Bounds, collected: date, returns: Collection[date]
) -> Cell:
    chosen = day.day == collected
    if day.day in returns:
        href = f"/things/{thing_id}/reservation?first={collected}&last={day.day}"
        words = "collect and return" if chosen else "bring it back on this day"
        return _cell(day, words, state="free", short="Return", href=href, chosen=chosen)
    if chosen:
        return _cell(day, "collect", state="free", short="Collect", chosen=True)
    state, short, words = _state(day)
    if day.day < collected or state in {"some", "free"}:
        return _cell(day, "cannot be the return day", state="outside", short="")
    return _cell(day, words, state=state, short=short)
