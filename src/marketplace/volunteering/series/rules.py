"""What recurs when: patterns people understand, their days, and their shifts. Pure.

A pattern is kept as a rule of RFC 5545 in local time, so that 18:30 stays 18:30 over both clock
changes. It gives days; each day becomes a shift with the wall times of its series.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from holidays import country_holidays

from marketplace import clock
from marketplace.errors import Conflict
from marketplace.volunteering import rules
from marketplace.volunteering.rules import Period
from marketplace.volunteering.shifts.rules import check_numbers

WEEKS_AHEAD = 12
FIRST_WEEKS = 4
FURTHEST_END = timedelta(days=10 * 366)
# A day without a clock change: on it the times of a pattern are judged by themselves.
_PLAIN_DAY = date(2026, 1, 15)


class Every(StrEnum):
    """How often: each week, each second week, or on the n-th of its weekdays in the month."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    LAST = "last"


class SeriesState(StrEnum):
    """Whether further shifts are made of it."""

    RUNNING = "running"
    ENDED = "ended"


class Decision(StrEnum):
    """What becomes of an occurrence that people have booked, or wait for."""

    KEEP = "keep"
    MOVE = "move"
    CANCEL = "cancel"


class Event(StrEnum):
    """What happens to series."""

    SERIES_PLANNED = "series.planned"
    SERIES_CHANGED = "series.changed"
    SERIES_ENDED = "series.ended"


_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NTH = {Every.FIRST: 1, Every.SECOND: 2, Every.THIRD: 3, Every.FOURTH: 4, Every.LAST: -1}


@dataclass(frozen=True, slots=True)
class Pattern:
    """How often and on which weekdays; Monday is 0."""

    every: Every
    weekdays: tuple[int, ...]

    @property
    def monthly(self) -> bool:
        """Tell whether it goes by months rather than weeks."""
        return self.every in _NTH

    @property
    def rule(self) -> str:
        """Write it as a rule of RFC 5545."""
        days = sorted(self.weekdays)
        if self.monthly:
            nth = _NTH[self.every]
            return f"FREQ=MONTHLY;BYDAY={','.join(f'{nth:+d}{_DAYS[day]}' for day in days)}"
        interval = ";INTERVAL=2" if self.every is Every.FORTNIGHT else ""
        return f"FREQ=WEEKLY{interval};BYDAY={','.join(_DAYS[day] for day in days)}"

    @classmethod
    def of_rule(cls, rule: str) -> "Pattern":
        """Read what `rule` wrote."""
        parts = dict(part.split("=", 1) for part in rule.split(";"))
        days = parts["BYDAY"].split(",")
        weekdays = tuple(_DAYS.index(day[-2:]) for day in days)
        if parts["FREQ"] == "MONTHLY":
            nth = int(days[0][:-2])
            return cls(next(every for every, n in _NTH.items() if n == nth), weekdays)
        return cls(Every.FORTNIGHT if parts.get("INTERVAL") == "2" else Every.WEEK, weekdays)

    @property
    def words(self) -> str:
        """Write "every Tuesday and Thursday" or "every month on the first Tuesday"."""
        days = _and([WEEKDAYS[day] for day in sorted(self.weekdays)])
        if self.monthly:
            return f"every month on the {self.every.value} {days}"
        if self.every is Every.FORTNIGHT:
            return f"every 2 weeks on {days}"
        return "every day" if len(self.weekdays) == 7 else f"every {days}"

    def start_of_period(self, day: date) -> date:
        """Give the first day of the week, or of the month, that a day lies in."""
        return day.replace(day=1) if self.monthly else day - timedelta(days=day.weekday())


def _and(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def days(pattern: Pattern, first_day: date, after: date, last: date) -> list[date]:
    """List the days of a pattern from `after` to `last`, both included.

    Every second week is counted from the week of `first_day`, before which there is none.
    """
    rule = rrulestr(pattern.rule, dtstart=datetime.combine(first_day, time()))
    found: Iterable[datetime] = rule.between(
        datetime.combine(after, time()), datetime.combine(last, time()), inc=True
    )
    return [at.date() for at in found]


@cache
def _holidays(year: int) -> Mapping[date, str]:
    return country_holidays("GB", subdiv="ENG", years=[year])


def bank_holiday(day: date) -> str:
    """Name the bank holiday of England that a day is; "" on any other."""
    return _holidays(day.year).get(day, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a coordinator says of a series; times are wall times, `until` None is without end."""

    pattern: Pattern
    start: time
    end: time
    places: int
    ends_next_day: bool = False
    until: date | None = None
    skip_holidays: bool = False
    least_needed: int = 0
    note: str = ""

    @property
    def times(self) -> str:
        """Write "6:30pm to 8pm"."""
        next_day = " the next day" if self.ends_next_day else ""
        return f"{clock.time_words(self.start)} to {clock.time_words(self.end)}{next_day}"

    @property
    def words(self) -> str:
        """Write "Every Tuesday, 6:30pm to 8pm, until Tuesday 4 March"."""
        until = f"until {clock.date_words(self.until)}" if self.until else "without end"
        pattern = self.pattern.words
        return f"{pattern[:1].upper()}{pattern[1:]}, {self.times}, {until}"


def check(terms: Terms, first_day: date) -> None:
    """Refuse terms of which no series can be made.

    Raises:
        Conflict: beside the field it is about.
    """
    if not terms.pattern.weekdays:
        raise Conflict("Tick at least one day of the week", field="weekdays")
    rules.period(
        _PLAIN_DAY,
        terms.start,
        terms.end,
        ends_next_day=terms.ends_next_day,
        zone=clock.LONDON,
    )
    check_numbers(terms.places, terms.least_needed)
    if terms.until is not None:
        if terms.until < first_day:
            raise Conflict(f"Enter a last day from {clock.date_words(first_day)} on", field="until")
        if terms.until > first_day + FURTHEST_END:
            raise Conflict(
                "Enter a last day within ten years, or choose “Without end”", field="until"
            )


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One shift of a series; `slot` is the wall time it stands for, `clocks` what moved it."""

    slot: datetime
    period: Period
    clocks: str


def occurrence(terms: Terms, day: date, zone: ZoneInfo) -> Occurrence:
    """Make the shift of one day; a time the clocks skip is an hour later, and says so.

    As RFC 5545 has it: a wall time that does not exist is read with the offset before the gap.
    The hour that happens twice means its first pass.
    """
    slot = datetime.combine(day, terms.start)
    last = datetime.combine(day + timedelta(days=1 if terms.ends_next_day else 0), terms.end)
    starts_at, ends_at = _utc(slot, zone), _utc(last, zone)
    if ends_at <= starts_at:
        # Only round the hour that is skipped or happens twice: it is as long as was said.
        ends_at = starts_at + (last - slot)
    start, end = _wall(starts_at, zone), _wall(ends_at, zone)
    clocks = ""
    if start != slot:
        clocks = (
            f"The clocks go forward that night and {clock.time_words(terms.start)} does not"
            f" exist: it starts at {clock.time_words(start.time())}."
        )
    elif end != last:
        clocks = f"The clocks change that night: it ends at {clock.time_words(end.time())}."
    return Occurrence(slot, Period(start, end, zone, starts_at, ends_at), clocks)


def _utc(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def planned(
    terms: Terms, first_day: date, zone: ZoneInfo, *, now: datetime, last: date
) -> list[Occurrence]:
    """Make the shifts of a series that lie ahead, up to `last`, without skipped bank holidays."""
    today = now.astimezone(zone).date()
    end = min(last, terms.until) if terms.until else last
    made = [
        occurrence(terms, day, zone)
        for day in days(terms.pattern, first_day, max(first_day, today), end)
        if not (terms.skip_holidays and bank_holiday(day))
    ]
    return [each for each in made if each.period.starts_at > now]


def horizon(today: date, first_day: date | None = None) -> date:
    """Give the day up to which shifts are made: of one that starts late, its first weeks."""
    last = today + timedelta(weeks=WEEKS_AHEAD)
    return max(last, first_day + timedelta(weeks=FIRST_WEEKS)) if first_day else last


def pair(
    old: Sequence[date], new: Sequence[date], before: Pattern, after: Pattern
) -> dict[date, date]:
    """Say on which new day an old occurrence takes place; days without one are left out.

    The same day first; of the rest of a week (of a month, where both go by months) the last with
    the last. Between weeks and months only the same day counts.
    """
    found = {day: day for day in old if day in set(new)}
    if before.monthly is not after.monthly:
        return found
    rest_of_old = [day for day in old if day not in found]
    free: dict[date, list[date]] = {}
    for day in sorted(set(new) - set(found)):
        free.setdefault(after.start_of_period(day), []).append(day)
    for day in sorted(rest_of_old, reverse=True):
        if left := free.get(after.start_of_period(day)):
            found[day] = left.pop()
    return found
