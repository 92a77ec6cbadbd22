"""Giving places of a group back, for its captain and for a captain who leaves."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.permissions import Actor
from marketplace.volunteering.groups import queries
from marketplace.volunteering.groups.queries import GroupView
from marketplace.volunteering.groups.rules import SEAT_MOVES, Event, SeatState
from marketplace.volunteering.groups.tables import GroupSeat
from marketplace.volunteering.waitlist import steps as waitlist


async def lock(shift_id: UUID) -> None:
    """Hold the shift: before its group, as everywhere."""
    await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", shift_id)


async def let_go(group: GroupView, places: int) -> None:
    """Give places of a locked group back; they are offered to whoever waits."""
    db.require_transaction()
    await db.execute(
        "UPDATE volunteer_group SET held = held - {}::int WHERE id = {}", places, group.id
    )
    await waitlist.let_go(group.shift_id, places)
    await waitlist.wake(group.shift_id)


async def give_up(actor: Actor, group: GroupView) -> None:
    """Give back every place of a locked group that nobody has accepted.

    Whoever accepted one keeps it: the booking is their own.
    """
    for seat in await queries.seats([group.id]):
        if seat.state is SeatState.NAMED:
            await answer(seat.id, SEAT_MOVES.check(seat.state, SeatState.TAKEN_BACK))
            await record(actor, Event.SEAT_TAKEN_BACK, seat.id, group.organisation_id)
    if group.held:
        await let_go(group, group.held)
        await record(actor, Event.RETURNED, group.id, group.organisation_id, seats=group.held)


async def answer(seat_id: UUID, state: SeatState) -> None:
    """Write what became of a seat."""
    await GroupSeat.update({GroupSeat.state: state, GroupSeat.answered_at: clock.now()}).where(
        GroupSeat.id == seat_id
    )


async def record(actor: Actor, event: Event, id: UUID, organisation: UUID, **data: int) -> None:
    """Write what happened to a group or one of its seats."""
    kind = "group_seat" if event.value.startswith("group_seat") else "volunteer_group"
    await audit.record(event, kind, id, by=actor, organisation=organisation, data=data)
