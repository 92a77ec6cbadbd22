"""Planning, changing and cancelling shifts."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Range

from marketplace import audit, clock, db, settings
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.volunteering import listing, rules
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import (
    MOST_PLACES,
    MOST_WEEKS,
    SHIFT_MOVES,
    Event,
    OpportunityState,
    Period,
    ShiftState,
)
from marketplace.volunteering.shifts import queries, steps
from marketplace.volunteering.tables import Shift

FURTHEST = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a coordinator says of a shift; times are wall times in the place's zone.

    `weeks` is on how many weeks it takes place, the first included; only planning reads it, and
    `role`, without which it is the first role's.
    """

    day: date
    start: time
    end: time
    places: int
    ends_next_day: bool = False
    note: str = ""
    weeks: int = 1
    role: UUID | None = None


def _period(plan: Plan, zone: ZoneInfo) -> Period:
    found = rules.period(
        plan.day, plan.start, plan.end, ends_next_day=plan.ends_next_day, zone=zone
    )
    if found.starts_at <= clock.now():
        raise Conflict("Enter a day and time that lie ahead", field="day")
    if found.starts_at > clock.now() + FURTHEST:
        raise Conflict("Enter a day within the next two years", field="day")
    if not 1 <= plan.places <= MOST_PLACES:
        raise Conflict(f"Enter a number of people from 1 to {MOST_PLACES:,}", field="places")
    return found


async def plan(
    actor: Actor, opportunity_id: UUID, plan: Plan, *, once: Once | None = None
) -> list[UUID]:
    """Add a shift, or one each week; gives their ids in order.

    Raises:
        NotFound, NotAllowed: see `opportunities.queries.to_manage`.
        Conflict: beside the field it is about; or the opportunity is cancelled.
    """
    zone = settings.current().zone
    async with db.transaction(once):
        opportunity = await opportunities.to_manage(actor, opportunity_id, lock=True)
        if opportunity.state is OpportunityState.CANCELLED:
            raise Conflict("This opportunity is cancelled, so it takes no more shifts.")
        if opportunity.flexible:
            raise Conflict(
                "The times of this opportunity are arranged with its contact. Change that under"
                " “Edit the details” before you add shifts."
            )
        if not 1 <= plan.weeks <= MOST_WEEKS:
            raise Conflict(f"Enter a number of weeks from 1 to {MOST_WEEKS}", field="weeks")
        first = _period(plan, zone)
        role = await _role(opportunity, plan.role)
        shifts = [
            Shift(
                _times(period),
                role_id=role,
                opportunity_id=opportunity_id,
                places=plan.places,
                note=plan.note,
            )
            for period in rules.weekly(first, plan.weeks)
        ]
        await Shift.insert(*shifts)
        await listing.refresh(opportunity_id)
        for shift in shifts:
            await audit.record(
                Event.SHIFT_PLANNED,
                "shift",
                shift.id,
                by=actor,
                organisation=opportunity.organisation_id,
            )
    return [shift.id for shift in shifts]


async def _role(opportunity: OpportunityView, chosen: UUID | None) -> UUID:
    if chosen is None:
        return opportunity.role_id
    if chosen not in {role.id for role in await opportunities.roles(opportunity.id)}:
        raise Conflict("Choose a role from the list. It may have been retired", field="role")
    return chosen


def _times(period: Period) -> dict[Any, Any]:
    return {
        Shift.starts_at: period.starts_at,
        Shift.ends_at: period.ends_at,
        Shift.local_start: period.local_start,
        Shift.local_end: period.local_end,
        Shift.zone: period.zone.key,
    }


async def change(actor: Actor, shift_id: UUID, plan: Plan, *, once: Once | None = None) -> None:
    """Change when a shift is, how many it needs, or its note; its bookings move with it.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: it has started or is cancelled; fewer places than are taken; somebody who booked
            has another booking at the new time.
    """
    async with db.transaction(once):
        shift, opportunity = await queries.to_manage(actor, shift_id, lock=True)
        if shift.cancelled:
            raise Conflict("This shift is cancelled. Add a new one instead.")
        if shift.started(clock.now()):
            raise Conflict("This shift has started, so its time and places stay as they were.")
        period = _period(plan, ZoneInfo(shift.zone))
        if plan.places < (gone := shift.taken + shift.held):
            people = "1 person has" if gone == 1 else f"{gone} people have"
            raise Conflict(
                f"{people} a place already, so enter {gone} or more. To take places away,"
                " cancel the shift: everybody is told",
                field="places",
            )
        moved = (period.starts_at, period.ends_at) != (shift.starts_at, shift.ends_at)
        await Shift.update(
            {Shift.places: plan.places, Shift.note: plan.note, **_times(period)}
        ).where(Shift.id == shift_id)
        if moved:
            with db.clashes(
                {
                    "booking_one_place_at_a_time": Conflict(
                        "Somebody who booked this shift has another booking at that time. Choose"
                        " another time, or cancel this shift and add a new one",
                        field="start",
                    )
                }
            ):
                await db.execute(
                    "UPDATE booking SET period = {} WHERE shift_id = {} AND state = 'confirmed'",
                    Range(period.starts_at, period.ends_at),
                    shift_id,
                )
        await listing.refresh(opportunity.id)
        await audit.record(
            Event.SHIFT_CHANGED,
            "shift",
            shift_id,
            by=actor,
            organisation=opportunity.organisation_id,
            data={"moved": moved},
        )


async def cancel(actor: Actor, shift_id: UUID, *, once: Once | None = None) -> int:
    """Cancel a shift and its bookings, and tell those who booked; gives how many people.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: it has started.
        IllegalMove: it is cancelled already.
    """
    async with db.transaction(once):
        shift, opportunity = await queries.to_manage(actor, shift_id, lock=True)
        SHIFT_MOVES.check(shift.state, ShiftState.CANCELLED)
        if shift.started(clock.now()):
            raise Conflict(
                "This shift has started and cannot be cancelled any more. Mark who came instead."
            )
        affected = await steps.cancel(actor, opportunity.organisation_id, shift_id)
        await listing.refresh(opportunity.id)
    return affected
