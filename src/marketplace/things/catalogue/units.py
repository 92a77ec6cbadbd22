"""Adding units, describing them, and taking them out of use and back."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import audit, db
from marketplace.db import Once, again_on_deadlock
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor
from marketplace.things import occupancy
from marketplace.things.catalogue import queries
from marketplace.things.rules import UNIT_MOVES, Event, UnitState
from marketplace.things.tables import Unit

_REASON = {UnitState.IN_REPAIR: "repair", UnitState.RETIRED: "retired"}
_CLASHES = {
    "unit_asset_code": Conflict(
        "Another unit has this code. Give each unit a code of its own", field="asset_code"
    ),
    "unit_label": Conflict(
        "Another unit of this thing is called that. Give it another name", field="label"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a librarian says of a unit."""

    label: str
    asset_code: str = ""
    note: str = ""


@again_on_deadlock
async def add(actor: Actor, thing_id: UUID, details: Details, *, once: Once | None = None) -> UUID:
    """Add a unit, which serves those who wait for one first; gives its id.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: its label or code is another's.
    """
    async with db.transaction(once):
        thing = await queries.to_manage(actor, thing_id, lock=True)
        await occupancy.lock(thing_id)
        unit = Unit(
            thing_id=thing_id,
            organisation_id=thing.organisation_id,
            label=details.label,
            asset_code=details.asset_code,
            note=details.note,
        )
        with db.clashes(_CLASHES):
            await unit.save()
        await occupancy.replan(thing_id)
        await audit.record(
            Event.UNIT_ADDED, "unit", unit.id, by=actor, organisation=thing.organisation_id
        )
    return unit.id


async def change(actor: Actor, id: UUID, details: Details, *, once: Once | None = None) -> None:
    """Replace what a unit is called.

    Raises:
        NotFound, NotAllowed: see `queries.unit_to_manage`.
        Conflict: its label or code is another's.
    """
    async with db.transaction(once):
        unit, thing = await queries.unit_to_manage(actor, id)
        with db.clashes(_CLASHES):
            await Unit.update(
                {
                    Unit.label: details.label,
                    Unit.asset_code: details.asset_code,
                    Unit.note: details.note,
                }
            ).where(Unit.id == unit.id)
        await audit.record(
            Event.UNIT_CHANGED, "unit", id, by=actor, organisation=thing.organisation_id
        )


@again_on_deadlock
async def set_state(
    actor: Actor, id: UUID, state: UnitState, *, once: Once | None = None
) -> list[UUID]:
    """Take a unit out of use or back; gives the reservations that have no unit then.

    Raises:
        NotFound, NotAllowed: see `queries.unit_to_manage`.
        Conflict: it is out with somebody.
        IllegalMove: it is in that state already, or retired.
    """
    async with db.transaction(once):
        unit, thing = await queries.unit_to_manage(actor, id)
        await occupancy.lock(thing.id)
        # Read again under the lock: it may have been handed over meanwhile.
        now = UnitState(await _state(id))
        UNIT_MOVES.check(now, state)
        if await db.fetch_value(
            "SELECT EXISTS (SELECT FROM reservation WHERE thing_id = {} AND unit_id = {}"
            " AND state = 'out')",
            thing.id,
            id,
        ):
            raise Conflict(
                f"{unit.label} is out with a borrower. Take it back at the desk first, and say"
                " there that it needs repair."
            )
        unplaced = await move(thing.id, id, state)
        await audit.record(
            Event.UNIT_CHANGED,
            "unit",
            id,
            by=actor,
            organisation=thing.organisation_id,
            data={"state": state.value},
        )
    return unplaced


async def move(thing_id: UUID, id: UUID, state: UnitState) -> list[UUID]:
    """Write a unit's state and what it blocks; a step that needs the thing's lock.

    Gives the reservations that have no unit then.
    """
    await Unit.update({Unit.state: state}).where(Unit.id == id)
    if reason := _REASON.get(state):
        return await occupancy.block(thing_id, id, reason)
    await occupancy.unblock(id)
    return await occupancy.replan(thing_id)


async def _state(id: UUID) -> str:
    state = await db.fetch_value("SELECT state FROM unit WHERE id = {} FOR NO KEY UPDATE", id)
    if state is None:
        raise NotFound(queries.NO_SUCH_UNIT)
    return state
