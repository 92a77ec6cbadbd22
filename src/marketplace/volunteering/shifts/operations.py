"""Planning, changing and cancelling shifts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import audit, clock, db, settings
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor, Permission
from marketplace.volunteering import listing, rules
from marketplace.volunteering.bookings.steps import release
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities import steps as opportunity_steps
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import (
    MOST_WEEKS,
    SHIFT_MOVES,
    CancelledBy,
    Event,
    OpportunityState,
    Period,
    ShiftState,
)
from marketplace.volunteering.shifts import queries, steps
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.volunteering.shifts.rules import check_numbers
from marketplace.volunteering.tables import PersonalView, Shift
from marketplace.volunteering.waitlist import steps as waitlist

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
    least_needed: int = 0
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
    check_numbers(plan.places, plan.least_needed)
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
        refuse_shifts(opportunity)
        if not 1 <= plan.weeks <= MOST_WEEKS:
            raise Conflict(f"Enter a number of weeks from 1 to {MOST_WEEKS}", field="weeks")
        first = _period(plan, zone)
        role = await role_of(opportunity, plan.role)
        shifts = [
            Shift(
                steps.times(period),
                role_id=role,
                opportunity_id=opportunity_id,
                places=plan.places,
                least_needed=plan.least_needed,
                note=plan.note,
            )
            for period in rules.weekly(first, plan.weeks)
        ]
        await Shift.insert(*shifts)
        await opportunity_steps.touch(opportunity_id)
        for shift in shifts:
            await audit.record(
                Event.SHIFT_PLANNED,
                "shift",
                shift.id,
                by=actor,
                organisation=opportunity.organisation_id,
            )
    return [shift.id for shift in shifts]


def refuse_shifts(opportunity: OpportunityView) -> None:
    """Refuse new shifts where there are none to be.

    Raises:
        Conflict: the opportunity is cancelled, or its times are arranged otherwise.
    """
    if opportunity.state is OpportunityState.CANCELLED:
        raise Conflict("This opportunity is cancelled, so it takes no more shifts.")
    if opportunity.flexible:
        raise Conflict(
            "The times of this opportunity are arranged with its contact. Change that under"
            " “Edit the details” before you add shifts."
        )


async def role_of(opportunity: OpportunityView, chosen: UUID | None) -> UUID:
    """Give the role that new shifts belong to: the chosen one, or else the first.

    Raises:
        Conflict: the opportunity has no such role any more.
    """
    if chosen is None:
        return opportunity.role_id
    if chosen not in {role.id for role in await opportunities.roles(opportunity.id)}:
        raise Conflict("Choose a role from the list. It may have been retired", field="role")
    return chosen


async def change(actor: Actor, shift_id: UUID, plan: Plan, *, once: Once | None = None) -> int:
    """Change when a shift is, how many it needs, or its note; its bookings move with it.

    One of a series keeps its own terms from then on. Further places are offered to those who wait.
    Gives how many young people do not fit its new day: see `guardians.doubts`.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: it has started or is cancelled; fewer places than are taken; somebody who booked
            has another booking at the new time.
    """
    async with db.transaction(once):
        shift, opportunity = await queries.to_manage(actor, shift_id, lock=True)
        _refuse_the_past(shift)
        period = _period(plan, ZoneInfo(shift.zone))
        if plan.places < (gone := shift.taken + shift.held):
            raise TooFew(shift, gone)
        moved = (period.starts_at, period.ends_at) != (shift.starts_at, shift.ends_at)
        await Shift.update(
            {
                Shift.places: plan.places,
                Shift.least_needed: plan.least_needed,
                Shift.note: plan.note,
                Shift.own_terms: shift.series_id is not None,
            }
        ).where(Shift.id == shift_id)
        unfit = 0
        if moved:
            clash = Conflict(
                "Somebody who booked this shift has another booking at that time. Choose"
                " another time, or cancel this shift and add a new one",
                field="start",
            )
            unfit = await steps.move(actor, shift_id, period, clash=clash)
        if plan.places > shift.places:
            await waitlist.wake(shift_id)
        await _changed(actor, shift, opportunity, moved=moved)
        if unfit and once:
            once.answer(doubts.page(opportunity.organisation_id))
    return unfit


def _refuse_the_past(shift: ShiftView) -> None:
    if shift.cancelled:
        raise Conflict("This shift is cancelled. Add a new one instead.")
    if shift.started(clock.now()):
        raise Conflict("This shift has started, so its time and places stay as they were.")


async def _changed(
    actor: Actor, shift: ShiftView, opportunity: OpportunityView, *, moved: bool
) -> None:
    await opportunity_steps.touch(opportunity.id)
    await audit.record(
        Event.SHIFT_CHANGED,
        "shift",
        shift.id,
        by=actor,
        organisation=opportunity.organisation_id,
        data={"moved": moved},
    )


class TooFew(Conflict):
    """Fewer places than are taken: nobody loses theirs until somebody says who."""

    def __init__(self, shift: ShiftView, gone: int) -> None:
        people = "1 person has" if gone == 1 else f"{gone} people have"
        if shift.held:
            people += f" or {'is' if shift.held == 1 else 'are'} offered"
        super().__init__(
            f"{people} a place already, so enter {gone} or more. To take places away, choose by"
            " name who gives theirs up",
            field="places",
        )


async def look_at_booked(actor: Actor, shift_id: UUID) -> list[dict[str, Any]]:
    """Name who has a place on a shift, and write down who looked.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
    """
    async with db.transaction():
        _, opportunity = await queries.to_manage(actor, shift_id)
        actor.require_to_know(Permission.VIEW_ROSTER, opportunity.organisation_id)
        await PersonalView(
            viewer_id=actor.require_person(), subject_type="shift", subject_id=shift_id
        ).save()
        return await queries.booked(shift_id)


async def cut(
    actor: Actor,
    shift_id: UUID,
    places: int,
    bookings: Sequence[UUID],
    *,
    reason: str = "",
    once: Once | None = None,
) -> int:
    """Take away places and the bookings that somebody chose by name; gives how many people.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: it has started or is cancelled; too few or too many people are chosen.
    """
    async with db.transaction(once):
        shift, opportunity = await queries.to_manage(actor, shift_id, lock=True)
        # Who has a place is the organisation's; the names stand in the form.
        actor.require_to_know(Permission.VIEW_ROSTER, opportunity.organisation_id)
        _refuse_the_past(shift)
        if places < 1:
            raise Conflict("Keep at least one place, or cancel the shift", field="places")
        live = {row["id"] for row in await queries.booked(shift_id)}
        chosen = sorted(live & set(bookings))
        too_many = shift.taken + shift.held - len(chosen) - places
        if too_many > 0:
            raise Conflict(
                f"Choose {too_many} more, or keep {places + too_many} places",
                field="people",
            )
        for booking in chosen:
            # Their places go away: nobody is offered them.
            await release(actor, booking, CancelledBy.ORGANISATION, reason=reason, waking=False)
        await Shift.update(
            {Shift.places: places, Shift.least_needed: min(shift.least_needed, places)}
        ).where(Shift.id == shift_id)
        # Where more gave theirs up than places went, somebody who waits may come.
        await waitlist.wake(shift_id)
        await _changed(actor, shift, opportunity, moved=False)
    return len(chosen)


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
