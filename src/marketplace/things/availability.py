"""When things can be had: days of several things at once, and which days fit a loan.

A day is free as far as units are free from its first opening to its last closing with the
turnaround round it. A loan fits where at no instant of it as many units are claimed as there are:
units are alike, so others are moved to make room (see `planning`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import db
from marketplace.things.hours import Intervals
from marketplace.things.occupancy import ACTIVE_SQL

# The hours of the site and day of `d`: dated ones alone where there are some, else the week's.
_HOURS = (
    " LEFT JOIN LATERAL (SELECT array_agg(h.opens ORDER BY h.opens) AS opens,"
    "  array_agg(h.closes ORDER BY h.opens) AS closes,"
    "  min(h.opens) AS first_opens, max(h.closes) AS last_closes"
    "  FROM (SELECT s.opens, s.closes FROM site_day s"
    "    WHERE s.site_id = d.site_id AND s.day = d.day AND s.opens IS NOT NULL"
    "   UNION ALL SELECT w.opens, w.closes FROM opening_hours w"
    "    WHERE w.site_id = d.site_id AND w.weekday = extract(isodow FROM d.day)"
    "    AND NOT EXISTS (SELECT FROM site_day s WHERE s.site_id = d.site_id AND s.day = d.day)"
    "  ) AS h) AS hours ON true"
)


class DayState(StrEnum):
    """What a day of the calendar says."""

    CLOSED = "closed"
    NONE = "none"
    SOME = "some"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one thing; `units` counts those in repair, `free` those to be had all day."""

    day: date
    hours: Intervals
    units: int
    free: int

    @property
    def state(self) -> DayState:
        """Tell what the day says."""
        if not self.hours:
            return DayState.CLOSED
        if self.free <= 0:
            return DayState.NONE
        return DayState.FREE if self.free >= self.units else DayState.SOME


# One row a thing with all that its days are made of: a day by day answer took PostgreSQL ten
# milliseconds for a page of twenty things, reading and converting the same hours again and again.
_FACTS = (
    "SELECT t.id, t.site_id, s.zone, t.hours_before, t.hours_after, units.*, week.*, dated.*,"  # noqa: S608 - our own words
    " claims.* FROM thing t JOIN site s ON s.id = t.site_id"
    " CROSS JOIN LATERAL (SELECT count(*) AS ever,"
    "  count(*) FILTER (WHERE u.state <> 'retired') AS units"
    "  FROM unit u WHERE u.thing_id = t.id) AS units"
    " CROSS JOIN LATERAL (SELECT array_agg(w.weekday) AS weekdays, array_agg(w.opens) AS opens,"
    "  array_agg(w.closes) AS closes FROM opening_hours w WHERE w.site_id = t.site_id) AS week"
    " CROSS JOIN LATERAL (SELECT array_agg(d.day) AS dated_days, array_agg(d.opens) AS dated_opens,"
    "  array_agg(d.closes) AS dated_closes FROM site_day d"
    "  WHERE d.site_id = t.site_id AND d.day >= {}::date AND d.day < {}::date) AS dated"
    " CROSS JOIN LATERAL (SELECT array_agg(o.unit_id) AS claimed,"
    "  array_agg(o.blocked_from) AS blocked_from,"
    # What is in repair is so for ever, which Python has no instant for.
    "  array_agg(least(o.blocked_until, {})) AS blocked_until"
    f"  FROM occupancy o WHERE o.thing_id = t.id AND o.state IN {ACTIVE_SQL}"
    "  AND o.blocked_until > {} AND o.blocked_from < {}) AS claims"
    " WHERE t.id = ANY({}::uuid[])"
)
# A day in any zone, and the longest turnaround beside it.
_MARGIN = timedelta(days=1, hours=168)


async def availability(
    thing_ids: Sequence[UUID], first_day: date, days: int
) -> dict[UUID, list[Day]]:
    """Give `days` days of each thing from `first_day` on, in one statement."""
    if not thing_ids:
        return {}
    asked = [first_day + timedelta(days=n) for n in range(days)]
    after = asked[-1] + timedelta(days=1)
    earliest = datetime.combine(first_day, time(), UTC) - _MARGIN
    latest = datetime.combine(after, time(), UTC) + _MARGIN
    rows = await db.fetch(_FACTS, first_day, after, latest, earliest, latest, list(thing_ids))
    found: dict[UUID, list[Day]] = {id: [] for id in thing_ids}
    sites: dict[UUID, list[_Open]] = {}
    for row in rows:
        if (opened := sites.get(row["site_id"])) is None:
            opened = sites[row["site_id"]] = _open_days(row, asked)
        found[row["id"]] = _days(row, opened)
    return found


class _Open(NamedTuple):
    """A day of a site; the instants of its first opening and last closing, None when closed."""

    day: date
    hours: Intervals
    start: datetime | None
    stop: datetime | None


def _open_days(row: dict[str, Any], asked: Sequence[date]) -> list[_Open]:
    """Give the hours of a site on these days: dated ones alone where there are some."""
    zone = row["zone"]
    week: dict[int, list[tuple[time, time]]] = {}
    for weekday, opens, closes in _together(row, "weekdays", "opens", "closes"):
        week.setdefault(weekday, []).append((opens, closes))
    dated: dict[date, list[tuple[time, time]]] = {}
    for day, opens, closes in _together(row, "dated_days", "dated_opens", "dated_closes"):
        on_it = dated.setdefault(day, [])
        if opens is not None:
            on_it.append((opens, closes))
    found: list[_Open] = []
    for day in asked:
        hours = sorted(dated[day] if day in dated else week.get(day.isoweekday(), ()))
        if not hours:
            found.append(_Open(day, (), None, None))
            continue
        last = hours[0][1] if len(hours) == 1 else max(closes for _, closes in hours)
        found.append(
            _Open(day, tuple(hours), _instant(day, hours[0][0], zone), _instant(day, last, zone))
        )
    return found


@lru_cache(maxsize=4096)  # sites keep the same hours, and the same days are looked at
def _instant(day: date, at: time, zone: str) -> datetime:
    # In UTC, since instants of one zone are compared by their wall clocks.
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def _days(row: dict[str, Any], opened: Sequence[_Open]) -> list[Day]:
    """Count on each day the units that nobody claims from its opening to its closing."""
    units, ever = row["units"], row["ever"]
    before, after = timedelta(hours=row["hours_before"]), timedelta(hours=row["hours_after"])
    claims = list(_together(row, "claimed", "blocked_from", "blocked_until"))
    found: list[Day] = []
    for each in opened:
        taken = 0
        if claims and each.start is not None and each.stop is not None:
            start, stop = each.start - before, each.stop + after
            taken = len({unit for unit, begin, end in claims if end > start and begin < stop})
        found.append(Day(each.day, each.hours, units, ever - taken))
    return found


def _together(row: dict[str, Any], *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(row[column] or () for column in columns), strict=True)


def _intervals(row: dict[str, Any], prefix: str) -> Intervals:
    opens: Sequence[time] = row[f"{prefix}opens"] or ()
    closes: Sequence[time] = row[f"{prefix}closes"] or ()
    return tuple(zip(opens, closes, strict=True))


@dataclass(frozen=True, slots=True)
class Loan:
    """Two days to collect and return on, their hours, and whether a unit can be had."""

    first: date
    last: date
    first_hours: Intervals
    last_hours: Intervals
    fits: bool

    @property
    def possible(self) -> bool:
        """Tell whether it can be collected, returned, and had."""
        return self.fits and bool(self.first_hours) and bool(self.last_hours)


# One row a pair of days: its hours on both, the instants it would block, whether it fits.
_LOANS = (
    "WITH asked AS MATERIALIZED (SELECT t.id, t.site_id, s.zone, t.hours_before, t.hours_after,"  # noqa: S608
    "  (SELECT count(*) FROM unit u WHERE u.thing_id = t.id) AS ever"
    "  FROM thing t JOIN site s ON s.id = t.site_id WHERE t.id = {}),"
    " pair AS (SELECT p.first, p.last FROM unnest({}::date[], {}::date[]) AS p(first, last)),"
    " calendar AS MATERIALIZED (SELECT d.day, hours.* FROM (SELECT DISTINCT a.site_id, e.day"
    "  FROM asked a, pair p CROSS JOIN LATERAL (VALUES (p.first), (p.last)) AS e(day)) AS d"
    + _HOURS
    + "), claim AS MATERIALIZED (SELECT o.blocked_from, o.blocked_until FROM occupancy o, asked a"  # noqa: S608
    f"  WHERE o.thing_id = a.id AND o.state IN {ACTIVE_SQL} AND o.blocked_until > now()),"
    " loan AS (SELECT p.first, p.last, b.opens AS first_opens, b.closes AS first_closes,"
    "  e.opens AS last_opens, e.closes AS last_closes, a.ever,"
    "  (p.first + b.first_opens) AT TIME ZONE a.zone - a.hours_before * interval '1 hour' AS start,"
    "  (p.last + e.last_closes) AT TIME ZONE a.zone + a.hours_after * interval '1 hour' AS stop"
    "  FROM asked a, pair p JOIN calendar b ON b.day = p.first JOIN calendar e ON e.day = p.last)"
    " SELECT * FROM (SELECT l.*, l.start IS NOT NULL AND l.stop IS NOT NULL AND l.stop > l.start"
    "  AND l.ever > coalesce((SELECT max(peak.number) FROM (SELECT count(*) AS number"
    "   FROM (SELECT l.start AS at UNION SELECT x.blocked_from FROM claim x"
    "    WHERE x.blocked_from > l.start AND x.blocked_from < l.stop) AS moment"
    "   JOIN claim c ON c.blocked_from <= moment.at AND c.blocked_until > moment.at"
    "   GROUP BY moment.at) AS peak), 0) AS fits FROM loan l) AS judged"
)


def _loan(row: dict[str, Any]) -> Loan:
    return Loan(
        row["first"],
        row["last"],
        _intervals(row, "first_"),
        _intervals(row, "last_"),
        row["fits"],
    )


async def loans(thing_id: UUID, pairs: Sequence[tuple[date, date]]) -> list[Loan]:
    """Judge pairs of a collection and a return day, in their order; none without a site."""
    rows = await db.fetch(
        _LOANS + " ORDER BY first, last",
        thing_id,
        [first for first, _ in pairs],
        [last for _, last in pairs],
    )
    return [_loan(row) for row in rows]


async def next_loans(
    thing_id: UUID, length: int, earliest: date, latest: date, limit: int = 3
) -> list[Loan]:
    """Give the next loans of so many calendar days that are possible, collected in these days."""
    firsts = [earliest + timedelta(days=n) for n in range((latest - earliest).days + 1)]
    rows = await db.fetch(
        _LOANS + " WHERE fits ORDER BY first LIMIT {}",
        thing_id,
        firsts,
        [first + timedelta(days=length - 1) for first in firsts],
        limit,
    )
    return [_loan(row) for row in rows]
