"""Reading series: those of an opportunity, and one with its occurrences to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import ShiftState
from marketplace.volunteering.series import rules
from marketplace.volunteering.series.rules import Pattern, SeriesState, Terms

NO_SUCH = "We cannot find that series of shifts. It may have been taken down."

_COLUMNS = (
    "s.id, s.opportunity_id, s.role_id, s.state, s.rule, s.zone, s.first_day, s.until,"
    " s.start_time, s.end_time, s.ends_next_day, s.skip_holidays, s.places, s.least_needed,"
    " s.note, s.planned_until, s.for_visits"
)


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A recurring shift; times are wall times in `zone`, `until` None is without end."""

    id: UUID
    opportunity_id: UUID
    role_id: UUID
    state: SeriesState
    zone: ZoneInfo
    first_day: date
    terms: Terms
    planned_until: date | None
    for_visits: bool

    @property
    def ended(self) -> bool:
        """Tell whether no more shifts are made of it."""
        return self.state is SeriesState.ENDED

    @property
    def words(self) -> str:
        """Write "Every Tuesday, 6:30pm to 8pm, without end"."""
        return self.terms.words

    def next_day(self, now: datetime) -> date | None:
        """Give the first day of its rule that lies ahead; None when it is over."""
        last = rules.horizon(clock.local(now, self.zone).date(), self.first_day)
        ahead = rules.planned(self.terms, self.first_day, self.zone, now=now, last=last)
        return ahead[0].slot.date() if ahead else None


def view(row: dict[str, Any]) -> SeriesView:
    """Make a series of its row."""
    names = ("until", "ends_next_day", "skip_holidays", "places", "least_needed", "note")
    start: time = row["start_time"]
    return SeriesView(
        id=row["id"],
        opportunity_id=row["opportunity_id"],
        role_id=row["role_id"],
        state=SeriesState(row["state"]),
        zone=ZoneInfo(row["zone"]),
        first_day=row["first_day"],
        terms=Terms(
            pattern=Pattern.of_rule(row["rule"]),
            start=start,
            end=row["end_time"],
            **{name: row[name] for name in names},
        ),
        planned_until=row["planned_until"],
        for_visits=row["for_visits"],
    )


async def series(id: UUID, *, lock: bool = False) -> SeriesView:
    """Read a series; `lock` keeps it still. Who may know of it is the caller's to ask.

    Raises:
        NotFound: there is none.
    """
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM series s WHERE s.id = {{}}"  # noqa: S608
        + (" FOR UPDATE" if lock else ""),
        id,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return view(row)


async def to_manage(
    actor: Actor, id: UUID, *, lock: bool = False
) -> tuple[SeriesView, OpportunityView]:
    """Read a series for those who work on it; `lock` locks the opportunity, then the series.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
        NotAllowed: the actor may not write opportunities here.
    """
    found = await series(id)
    if found.for_visits:
        # Two people agreed on these: they are changed by agreeing on others.
        raise NotFound(NO_SUCH)
    opportunity = await opportunities.opportunity(actor, found.opportunity_id, lock=lock)
    actor.require(Permission.WRITE_OPPORTUNITIES, opportunity.organisation_id)
    return (await series(id, lock=True) if lock else found), opportunity


async def of_opportunity(opportunity_id: UUID) -> dict[UUID, SeriesView]:
    """Give the running series of an opportunity that have not run out, by id."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM series s WHERE s.opportunity_id = {{}}"  # noqa: S608
        " AND s.state = 'running' AND NOT s.for_visits"
        " AND (s.until IS NULL OR s.until >= now()::date)"
        " ORDER BY s.created_at, s.id",
        opportunity_id,
    )
    return {row["id"]: view(row) for row in rows}


@dataclass(frozen=True, slots=True)
class OccurrenceRow:
    """A shift of a series that lies ahead; `waiting` people wait for a place or were offered one.

    `slot` is the wall time of the rule that it stands for.
    """

    id: UUID
    state: ShiftState
    starts_at: datetime
    ends_at: datetime
    slot: datetime
    places: int
    taken: int
    held: int
    own_terms: bool
    waiting: int

    @property
    def booked(self) -> bool:
        """Tell whether somebody has a place, keeps one for others, or waits for one."""
        return bool(self.taken or self.held or self.waiting)

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)


async def ahead(
    series_id: UUID, since: datetime | None, *, lock: bool = False
) -> list[OccurrenceRow]:
    """List the occurrences that have not started, from the slot `since` on, the cancelled too.

    Locked, they are read as they stand once everybody who was booking them is done.
    """
    if lock:
        # A statement of its own: what those who were booking wrote is seen by the next only.
        await db.execute(
            "SELECT FROM shift WHERE series_id = {} AND starts_at > now()"
            " ORDER BY id FOR NO KEY UPDATE",
            series_id,
        )
    rows = await db.fetch(
        "SELECT s.id, s.state, s.starts_at, s.ends_at, s.series_start AS slot, s.places, s.taken,"
        " s.held, s.own_terms, (SELECT count(*) FROM offer_queue q JOIN offer_entry e"
        "  ON e.queue_id = q.id AND e.state IN ('waiting', 'offered')"
        "  WHERE q.subject_type = 'shift' AND q.subject_id = s.id) AS waiting"
        " FROM shift s WHERE s.series_id = {} AND s.starts_at > now()"
        " AND ({}::timestamp IS NULL OR s.series_start >= {}) ORDER BY s.series_start",
        series_id,
        since,
        since,
    )
    return [OccurrenceRow(**{**row, "state": ShiftState(row["state"])}) for row in rows]


async def ever_booked(shift_ids: Iterable[UUID]) -> set[UUID]:
    """Tell which shifts somebody ever booked or waited for: these are never deleted."""
    rows = await db.fetch(
        "SELECT s.id FROM shift s WHERE s.id = ANY({}::uuid[])"
        " AND (EXISTS (SELECT FROM booking b WHERE b.shift_id = s.id) OR EXISTS"
        " (SELECT FROM offer_queue q WHERE q.subject_type = 'shift' AND q.subject_id = s.id))",
        list(shift_ids),
    )
    return {row["id"] for row in rows}


async def due(last: date) -> list[UUID]:
    """List the series of which shifts are still to be made up to `last`, not those for visits."""
    rows = await db.fetch(
        "SELECT s.id FROM series s JOIN role r ON r.id = s.role_id"
        " JOIN opportunity o ON o.id = s.opportunity_id"
        " WHERE s.state = 'running' AND NOT s.for_visits AND r.retired_at IS NULL"
        " AND o.state NOT IN ('cancelled', 'expired') AND o.timing = 'shifts'"
        " AND coalesce(s.planned_until, '-infinity') < least({}::date, s.until) ORDER BY s.id",
        last,
    )
    return [row["id"] for row in rows]
