"""When things can be had: days of several things at once, and which days fit a loan; SQL only.

A day is free as far as units are free from its first opening to its last closing with the
turnaround round it. A loan fits where at no instant of it as many units are claimed as there are:
units are alike, so others are moved to make room (see `planning`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

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


async def availability(
    thing_ids: Sequence[UUID], first_day: date, days: int
) -> dict[UUID, list[Day]]:
    """Give `days` days of each thing from `first_day` on, in one statement."""
    if not thing_ids:
        return {}
    rows = await db.fetch(
        # All that is put together here is written in this file and in `occupancy`.
        "WITH thing_site AS MATERIALIZED (SELECT t.id, t.site_id, s.zone, t.hours_before,"  # noqa: S608
        "  t.hours_after,"
        "  (SELECT count(*) FROM unit u WHERE u.thing_id = t.id AND u.state <> 'retired') AS units,"
        "  (SELECT count(*) FROM unit u WHERE u.thing_id = t.id) AS ever"
        "  FROM thing t JOIN site s ON s.id = t.site_id WHERE t.id = ANY({}::uuid[])),"
        " site_calendar AS MATERIALIZED (SELECT d.site_id, d.day, hours.*"
        "  FROM (SELECT DISTINCT x.site_id, {}::date + n AS day"
        "   FROM thing_site x, generate_series(0, {}::int - 1) AS n) AS d"
        + _HOURS
        + "), shown AS MATERIALIZED (SELECT x.id, x.units, x.ever, c.day, c.opens, c.closes,"  # noqa: S608
        "  (c.day + c.first_opens) AT TIME ZONE x.zone"
        "   - x.hours_before * interval '1 hour' AS start,"
        "  (c.day + c.last_closes) AT TIME ZONE x.zone + x.hours_after * interval '1 hour' AS stop"
        "  FROM thing_site x JOIN site_calendar c ON c.site_id = x.site_id)"
        " SELECT d.id, d.day, d.opens, d.closes, d.units, d.ever - coalesce(busy.number, 0) AS free"
        " FROM shown d LEFT JOIN LATERAL (SELECT count(DISTINCT o.unit_id) AS number"
        f"  FROM occupancy o WHERE o.thing_id = d.id AND o.state IN {ACTIVE_SQL}"
        "  AND o.blocked_until > d.start AND o.blocked_from < d.stop) AS busy ON true"
        " ORDER BY d.id, d.day",
        list(thing_ids),
        first_day,
        days,
    )
    found: dict[UUID, list[Day]] = {id: [] for id in thing_ids}
    for row in rows:
        found[row["id"]].append(Day(row["day"], _intervals(row), row["units"], row["free"]))
    return found


def _intervals(row: dict[str, Any], prefix: str = "") -> Intervals:
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
