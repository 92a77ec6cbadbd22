"""Planning recurring shifts, changing and ending them: this one on, or all to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db, settings
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import SYSTEM, Actor
from marketplace.volunteering import listing
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities import steps as opportunity_steps
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import ShiftState
from marketplace.volunteering.series import queries, rules, steps
from marketplace.volunteering.series.queries import OccurrenceRow, SeriesView
from marketplace.volunteering.series.rules import Decision, Event, Occurrence, SeriesState, Terms
from marketplace.volunteering.series.steps import Outcome
from marketplace.volunteering.series.tables import Series
from marketplace.volunteering.shifts import steps as shifts
from marketplace.volunteering.shifts.operations import FURTHEST, refuse_shifts, role_of

ENDED = "This series has ended, so nothing of it lies ahead. Add a new one instead."


@dataclass(frozen=True, slots=True)
class Affected:
    """An occurrence somebody booked; `target` is where it would move, None without a place for it.

    Moving one changes its number of places and its note too.
    """

    row: OccurrenceRow
    target: Occurrence | None

    @property
    def new_period(self) -> str:
        """Write when it would be; "" where the new pattern has no day for it."""
        if self.target is None:
            return ""
        return clock.period_words(self.target.period.starts_at, self.target.period.ends_at)

    @property
    def moves(self) -> bool:
        """Tell whether its time would change."""
        return self.target is not None and self.new_period != self.row.period


class Undecided(Conflict):
    """People have booked some of what would change: somebody decides about each.

    `refused` is what forbids one of the decisions that were made.
    """

    def __init__(self, affected: Sequence[Affected], refused: Conflict | None = None) -> None:
        asking = "People have booked some of these shifts. Decide about each."
        super().__init__(refused.message if refused else asking)
        self.affected = affected
        self.refused = refused


async def plan(
    actor: Actor,
    opportunity_id: UUID,
    first_day: date,
    terms: Terms,
    *,
    role: UUID | None = None,
    once: Once | None = None,
) -> tuple[UUID, int]:
    """Plan a series and its shifts of the coming weeks; gives its id and how many shifts.

    Raises:
        NotFound, NotAllowed: see `opportunities.queries.to_manage`.
        Conflict: beside the field it is about; or the opportunity takes no shifts.
    """
    zone = settings.current().zone
    async with db.transaction(once):
        opportunity = await opportunities.to_manage(actor, opportunity_id, lock=True)
        refuse_shifts(opportunity)
        if first_day < clock.today(zone):
            raise Conflict("Enter a first day that lies ahead", field="day")
        if first_day > clock.today(zone) + FURTHEST:
            raise Conflict("Enter a day within the next two years", field="day")
        rules.check(terms, first_day)
        series = await create(opportunity_id, await role_of(opportunity, role), first_day, terms)
        made = await steps.materialise(actor, series, opportunity.organisation_id)
        if not made and series.next_day(clock.now()) is None:
            raise Conflict(
                "There is no such day until then. Enter a later last day, or other days",
                field="until",
            )
        await _recorded(actor, series, opportunity, Event.SERIES_PLANNED, Outcome(added=len(made)))
    return series.id, len(made)


async def create(
    opportunity_id: UUID,
    role_id: UUID,
    first_day: date,
    terms: Terms,
    *,
    split_from: UUID | None = None,
    for_visits: bool = False,
) -> SeriesView:
    """Keep a series, inside an open transaction; its shifts are `materialise`d next."""
    db.require_transaction()
    row = Series(
        _columns(terms),
        opportunity_id=opportunity_id,
        role_id=role_id,
        zone=settings.current().zone.key,
        first_day=first_day,
        split_from=split_from,
        for_visits=for_visits,
    )
    await row.save()
    return await queries.series(row.id, lock=True)


def _columns(terms: Terms) -> dict[Any, Any]:
    return {
        Series.rule: terms.pattern.rule,
        Series.until: terms.until,
        Series.start_time: terms.start,
        Series.end_time: terms.end,
        Series.ends_next_day: terms.ends_next_day,
        Series.skip_holidays: terms.skip_holidays,
        Series.places: terms.places,
        Series.least_needed: terms.least_needed,
        Series.note: terms.note,
    }


async def _recorded(
    actor: Actor,
    series: SeriesView,
    opportunity: OpportunityView,
    event: Event,
    outcome: Outcome,
) -> None:
    await opportunity_steps.touch(opportunity.id)
    await audit.record(
        event,
        "series",
        series.id,
        by=actor,
        organisation=opportunity.organisation_id,
        data={"added": outcome.added, "removed": outcome.removed, "changed": outcome.changed},
    )


async def plan_ahead() -> int:
    """Make the shifts of all series that came within reach; gives how many. For the schedule."""
    made = 0
    for id in await queries.due(rules.horizon(clock.today(settings.current().zone))):
        async with db.transaction():
            found = await queries.series(id)
            organisation = await db.fetch_value(
                # The same lock as every verb takes, so that no series is changed meanwhile.
                "SELECT organisation_id FROM opportunity WHERE id = {} FOR NO KEY UPDATE",
                found.opportunity_id,
            )
            series = await queries.series(id, lock=True)
            if series.ended:
                continue
            made += len(await steps.materialise(SYSTEM, series, organisation))
            await listing.refresh(series.opportunity_id)
    return made


async def change(
    actor: Actor,
    series_id: UUID,
    terms: Terms,
    *,
    since: UUID | None = None,
    decisions: Mapping[UUID, Decision] | None = None,
    once: Once | None = None,
) -> Outcome:
    """Change a series from the shift `since` on, or all of it that lies ahead.

    Occurrences nobody booked follow the new terms. Of those that were booked each is decided
    about. From a later shift on, a new series begins and the old one ends before it.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Undecided: occurrences that were booked and are not in `decisions`.
        Conflict: beside the field it is about; the series has ended; somebody cannot be moved.
    """
    async with db.transaction(once):
        series, opportunity = await queries.to_manage(actor, series_id, lock=True)
        refuse_shifts(opportunity)
        cut, rows = await _from(series, since)
        first_day, targets = _targets(series, terms, cut, [row.slot.date() for row in rows])
        rules.check(terms, first_day)
        affected = [Affected(row, targets.get(row.slot.date())) for row in rows if _to_decide(row)]
        decided = _decided(affected, decisions or {})
        series = await _new_terms(series, terms, cut, first_day)
        # Out of the way first: one takes the slot that another leaves.
        await db.execute(
            "UPDATE shift SET series_id = NULL, series_start = NULL WHERE id = ANY({}::uuid[])",
            [row.id for row in rows],
        )
        outcome = Outcome()
        for row in rows:
            target = targets.get(row.slot.date())
            decision = decided.get(row.id, Decision.MOVE)
            if not _free(row) and row.id not in decided:
                decision = Decision.KEEP
            try:
                outcome += await steps.follow(actor, opportunity, series, row, target, decision)
            except Conflict as refused:
                raise Undecided(affected, refused) from refused
        made = await steps.materialise(actor, series, opportunity.organisation_id)
        outcome = replace(outcome, added=len(made))
        await _recorded(actor, series, opportunity, Event.SERIES_CHANGED, outcome)
        if outcome.unfit and once:
            once.answer(doubts.page(opportunity.organisation_id))
    return outcome


async def _from(series: SeriesView, since: UUID | None) -> tuple[date, list[OccurrenceRow]]:
    """Give the first day that changes, and the occurrences from it on, locked."""
    if series.ended:
        raise Conflict(ENDED)
    slot: datetime | None = None
    if since is not None:
        slot = await db.fetch_value(
            "SELECT series_start FROM shift WHERE id = {} AND series_id = {} AND starts_at > now()",
            since,
            series.id,
        )
        if slot is None:
            raise Conflict(
                "That shift has started or left the series meanwhile. Open the list again and"
                " choose another."
            )
    rows = await queries.ahead(series.id, slot, lock=True)
    if slot is not None:
        return slot.date(), rows
    days = [row.slot.date() for row in rows]
    if following := series.next_day(clock.now()):
        days.append(following)
    if not days:
        raise Conflict(ENDED)
    return min(days), rows


def _targets(
    series: SeriesView, terms: Terms, cut: date, old: list[date]
) -> tuple[date, dict[date, Occurrence]]:
    """Say from which day the new terms hold, and which occurrence each old day becomes."""
    if not terms.pattern.weekdays:
        return cut, {}
    now = clock.now()
    last = max([rules.horizon(clock.local(now, series.zone).date()), cut, *old])
    # The whole week, or month, of the first: a Tuesday may become the Monday before it.
    begin = terms.pattern.start_of_period(cut)
    made = {
        each.slot.date(): each
        for each in rules.planned(terms, begin, series.zone, now=now, last=last)
    }
    pairs = rules.pair(old, list(made), series.terms.pattern, terms.pattern)
    first_day = min([cut, *pairs.values()])
    return first_day, {day: made[new] for day, new in pairs.items()}


def _free(row: OccurrenceRow) -> bool:
    """Tell whether it follows its series: not changed or cancelled by itself."""
    return row.state is ShiftState.PLANNED and not row.own_terms and not row.booked


def _to_decide(row: OccurrenceRow) -> bool:
    return row.state is ShiftState.PLANNED and not row.own_terms and row.booked


def _decided(
    affected: Sequence[Affected], decisions: Mapping[UUID, Decision]
) -> dict[UUID, Decision]:
    found: dict[UUID, Decision] = {}
    for each in affected:
        decision = decisions.get(each.row.id)
        if decision is None or (decision is Decision.MOVE and each.target is None):
            raise Undecided(affected)
        found[each.row.id] = decision
    return found


async def _new_terms(series: SeriesView, terms: Terms, cut: date, first_day: date) -> SeriesView:
    """Put the terms on the series, or on a new one from a later shift on."""
    if await _earlier_ahead(series, cut):
        await Series.update({Series.until: cut - timedelta(days=1)}).where(Series.id == series.id)
        return await create(
            series.opportunity_id,
            series.role_id,
            first_day,
            terms,
            split_from=series.id,
        )
    await Series.update({**_columns(terms), Series.first_day: first_day}).where(
        Series.id == series.id
    )
    return await queries.series(series.id, lock=True)


async def end(
    actor: Actor,
    series_id: UUID,
    *,
    since: UUID | None = None,
    decisions: Mapping[UUID, Decision] | None = None,
    once: Once | None = None,
) -> Outcome:
    """Cancel a series from the shift `since` on, or all of it that lies ahead.

    Occurrences nobody booked are taken down; of those that were booked each is kept or cancelled.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Undecided: occurrences that were booked and are not in `decisions`.
        Conflict: the series has ended.
    """
    async with db.transaction(once):
        series, opportunity = await queries.to_manage(actor, series_id, lock=True)
        cut, rows = await _from(series, since)
        planned = [row for row in rows if row.state is ShiftState.PLANNED]
        affected = [Affected(row, None) for row in planned if row.booked]
        decided = _decided(affected, decisions or {})
        await Series.update(
            {Series.until: cut - timedelta(days=1)}
            if since is not None and await _earlier_ahead(series, cut)
            else {Series.state: SeriesState.ENDED}
        ).where(Series.id == series.id)
        free = [row for row in planned if not row.booked]
        await steps.remove(free)
        outcome = Outcome(removed=len(free))
        for row in planned:
            if decided.get(row.id) is Decision.CANCEL:
                told = await shifts.cancel(actor, opportunity.organisation_id, row.id)
                outcome += Outcome(removed=1, told=told)
            elif row.booked:
                # It stands by itself now: the series says nothing about it any more.
                await db.execute(
                    "UPDATE shift SET series_id = NULL, series_start = NULL WHERE id = {}", row.id
                )
                outcome += Outcome(kept=1)
        await _recorded(actor, series, opportunity, Event.SERIES_ENDED, outcome)
    return outcome


async def _earlier_ahead(series: SeriesView, cut: date) -> bool:
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM shift WHERE series_id = {} AND series_start < {}"
        " AND starts_at > now())",
        series.id,
        datetime.combine(cut, series.terms.start),
    )


async def of_shift(actor: Actor, shift_id: UUID) -> tuple[SeriesView, OpportunityView]:
    """Read the series that a shift belongs to, for those who work on it.

    Raises:
        NotFound: it belongs to none, or the actor may not know that there is one.
        NotAllowed: the actor may not write opportunities here.
    """
    id = await db.fetch_value("SELECT series_id FROM shift WHERE id = {}", shift_id)
    if id is None:
        raise NotFound(queries.NO_SUCH)
    return await queries.to_manage(actor, id)
