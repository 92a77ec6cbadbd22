"""Making the shifts of a series, and having one of them follow a change of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import Event
from marketplace.volunteering.series import queries, rules
from marketplace.volunteering.series.queries import OccurrenceRow, SeriesView
from marketplace.volunteering.series.rules import Decision, Occurrence, Terms
from marketplace.volunteering.series.tables import Series
from marketplace.volunteering.shifts import steps as shifts
from marketplace.volunteering.tables import Shift
from marketplace.volunteering.waitlist import steps as waitlist


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change of a series did, counted in shifts; `told` and `unfit` are people."""

    changed: int = 0
    added: int = 0
    removed: int = 0
    kept: int = 0
    told: int = 0
    unfit: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        """Count two together."""
        return Outcome(
            self.changed + other.changed,
            self.added + other.added,
            self.removed + other.removed,
            self.kept + other.kept,
            self.told + other.told,
            self.unfit + other.unfit,
        )


async def materialise(actor: Actor, series: SeriesView, organisation_id: UUID) -> list[UUID]:
    """Make the shifts that are missing up to the horizon; gives their ids in order.

    However often and by however many it is run: no occurrence is made twice.
    """
    db.require_transaction()
    now = clock.now()
    last = rules.horizon(clock.local(now, series.zone).date(), series.first_day)
    made: list[UUID] = []
    for each in rules.planned(series.terms, series.first_day, series.zone, now=now, last=last):
        shift = await _insert(series, each)
        if shift is not None:
            made.append(shift)
            await audit.record(
                Event.SHIFT_PLANNED,
                "shift",
                shift,
                by=actor,
                organisation=organisation_id,
                data={"series": str(series.id)},
            )
    await Series.update({Series.planned_until: last}).where(Series.id == series.id)
    return made


async def _insert(series: SeriesView, each: Occurrence) -> UUID | None:
    period, terms = each.period, series.terms
    return await db.fetch_value(
        "INSERT INTO shift (id, role_id, opportunity_id, state, starts_at, ends_at, local_start,"
        " local_end, zone, places, least_needed, note, series_id, series_start)"
        " VALUES ({}, {}, {}, 'planned', {}, {}, {}, {}, {}, {}, {}, {}, {}, {})"
        " ON CONFLICT (series_id, series_start) DO NOTHING RETURNING id",
        new_id(),
        series.role_id,
        series.opportunity_id,
        period.starts_at,
        period.ends_at,
        period.local_start,
        period.local_end,
        period.zone.key,
        terms.places,
        terms.least_needed,
        note_of(terms, each),
        series.id,
        each.slot,
    )


def note_of(terms: Terms, each: Occurrence) -> str:
    """Join the note of a series with what the clocks do that night."""
    return " ".join(filter(None, (terms.note, each.clocks)))


async def follow(
    actor: Actor,
    opportunity: OpportunityView,
    series: SeriesView,
    row: OccurrenceRow,
    target: Occurrence | None,
    decision: Decision,
) -> Outcome:
    """Do with one locked occurrence what was decided; it fills the slot of its target."""
    if target is not None:
        await Shift.update({Shift.series_id: series.id, Shift.series_start: target.slot}).where(
            Shift.id == row.id
        )
    match decision:
        case Decision.KEEP:
            if target is not None:
                await Shift.update({Shift.own_terms: True}).where(Shift.id == row.id)
            return Outcome(kept=1)
        case Decision.CANCEL:
            told = await shifts.cancel(actor, opportunity.organisation_id, row.id)
            return Outcome(removed=1, told=told)
        case Decision.MOVE:
            if target is None:
                await remove([row])
                return Outcome(removed=1)
            return await _move(actor, opportunity, series.terms, row, target)


async def _move(
    actor: Actor,
    opportunity: OpportunityView,
    terms: Terms,
    row: OccurrenceRow,
    target: Occurrence,
) -> Outcome:
    moved = (target.period.starts_at, target.period.ends_at) != (row.starts_at, row.ends_at)
    # Nobody loses a place because a series changed: fewer are left only where fewer are taken.
    places = max(terms.places, row.taken + row.held)
    await Shift.update(
        {
            Shift.places: places,
            Shift.least_needed: terms.least_needed,
            Shift.note: note_of(terms, target),
        }
    ).where(Shift.id == row.id)
    unfit = 0
    if moved:
        clash = Conflict(
            f"Somebody who booked {row.period} has another booking at the new time. Keep that"
            " shift as it is, or cancel it",
            field=f"decision-{row.id}",
        )
        unfit = await shifts.move(actor, row.id, target.period, clash=clash)
    if row.booked:
        if places > row.places:
            await waitlist.wake(row.id)
        await audit.record(
            Event.SHIFT_CHANGED,
            "shift",
            row.id,
            by=actor,
            organisation=opportunity.organisation_id,
            data={"moved": moved},
        )
    return Outcome(changed=1, told=row.taken if moved else 0, unfit=unfit)


async def remove(rows: Sequence[OccurrenceRow]) -> None:
    """Take down shifts nobody has; what somebody once booked stays as cancelled."""
    ids = [row.id for row in rows]
    known = await queries.ever_booked(ids)
    await db.execute(
        "UPDATE shift SET state = 'cancelled', series_id = NULL, series_start = NULL"
        " WHERE id = ANY({}::uuid[])",
        list(known),
    )
    await db.execute(
        "DELETE FROM shift WHERE id = ANY({}::uuid[])", [id for id in ids if id not in known]
    )
