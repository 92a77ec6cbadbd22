"""What becomes of an arrangement, for the verbs of both sides and for whoever leaves."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.permissions import Actor
from marketplace.volunteering.rules import CancelledBy
from marketplace.volunteering.series.rules import SeriesState
from marketplace.volunteering.series.tables import Series
from marketplace.volunteering.shifts import steps as shifts
from marketplace.volunteering.visits.queries import VisitView
from marketplace.volunteering.visits.rules import VISIT_MOVES, Event, VisitState
from marketplace.volunteering.visits.tables import Visit


async def lock(opportunity_id: UUID) -> None:
    """Hold the opportunity of arrangements: before its shifts, as everywhere."""
    await db.execute("SELECT FROM opportunity WHERE id = {} FOR NO KEY UPDATE", opportunity_id)


async def record(
    actor: Actor, event: Event, id: UUID, organisation_id: UUID, **data: int | str
) -> None:
    """Write what happened to an arrangement."""
    await audit.record(event, "visit", id, by=actor, organisation=organisation_id, data=data)


async def move(visit: VisitView, state: VisitState) -> None:
    """Bring a locked arrangement into another state.

    Raises:
        IllegalMove: it is in none from which this is possible.
    """
    db.require_transaction()
    VISIT_MOVES.check(visit.state, state)
    now = clock.now()
    over = state is VisitState.ENDED
    await Visit.update(
        {Visit.state: state, (Visit.ended_at if over else Visit.answered_at): now}
    ).where(Visit.id == visit.id)


async def decline(actor: Actor, visit: VisitView, answer: str = "") -> None:
    """Say no to a locked proposal, with a word to the coordinator or without."""
    await move(visit, VisitState.DECLINED)
    await Visit.update({Visit.answer: answer}).where(Visit.id == visit.id)
    await record(actor, Event.VISIT_DECLINED, visit.id, visit.organisation_id)


async def end(actor: Actor, visit: VisitView, by: CancelledBy) -> None:
    """End locked visits; those that lie ahead are off. The caller holds the opportunity."""
    await move(visit, VisitState.ENDED)
    await Series.update({Series.state: SeriesState.ENDED}).where(Series.id == visit.series_id)
    rows = await db.fetch(
        "SELECT id FROM shift WHERE series_id = {} AND state = 'planned'"
        " AND starts_at > now() ORDER BY id FOR NO KEY UPDATE",
        visit.series_id,
    )
    for row in rows:
        await shifts.cancel(actor, visit.organisation_id, row["id"], by=by)
    await record(actor, Event.VISIT_ENDED, visit.id, visit.organisation_id, by=by.value)
