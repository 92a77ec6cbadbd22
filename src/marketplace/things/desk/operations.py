"""Handing over, taking back, and ending what is lost, was not collected or cannot be lent."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import clock, db
from marketplace.db import Once, again_on_deadlock
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.things import occupancy
from marketplace.things.catalogue import units
from marketplace.things.desk import queries
from marketplace.things.desk.queries import Desk
from marketplace.things.reservations import steps
from marketplace.things.reservations.queries import ReservationView
from marketplace.things.rules import (
    RESERVATION_MOVES,
    CancelledBy,
    Event,
    ReservationState,
    UnitState,
)
from marketplace.things.tables import Reservation


async def look(actor: Actor, organisation_id: UUID, q: str = "") -> Desk:
    """Read the desk; that its names were looked at is written down.

    Raises:
        NotAllowed: see `queries.desk`.
    """
    found = await queries.desk(actor, organisation_id, q)
    if not found.empty or found.found:
        # The table is append-only and belongs to nobody's feature alone.
        await db.execute(
            "INSERT INTO personal_view (id, viewer_id, subject_type, subject_id, at)"
            " VALUES ({}, {}, 'desk', {}, {})",
            new_id(),
            actor.person_id,
            organisation_id,
            clock.now(),
        )
    return found


@dataclass(frozen=True, slots=True)
class _Chosen:
    id: UUID
    label: str
    state: UnitState


async def _chosen(reservation: ReservationView, unit_id: UUID | None, code: str) -> _Chosen:
    """Find the unit that is handed over, by its code where one was typed or scanned."""
    if code:
        row = await db.fetch_one(
            "SELECT id, label, state, thing_id FROM unit WHERE organisation_id = {}"
            " AND lower(asset_code) = lower({}) AND asset_code <> ''"
            " ORDER BY state = 'retired' LIMIT 1",
            reservation.organisation_id,
            code,
        )
        field = "code"
        if row is None:
            raise Conflict(f"No unit has the code “{code}”. Check it, or choose below", field=field)
    else:
        field = "unit_id"
        row = await db.fetch_one(
            "SELECT id, label, state, thing_id FROM unit WHERE id = {}", unit_id
        )
    if row is None or row["thing_id"] != reservation.thing_id:
        what = f"{row['label']} is not one of these" if row and code else "Choose a unit"
        raise Conflict(f"{what}: {reservation.title} was reserved", field=field)
    if row["state"] != UnitState.AVAILABLE.value:
        raise Conflict(
            f"{row['label']} is {row['state'].replace('_', ' ')}. Choose another unit", field=field
        )
    return _Chosen(row["id"], row["label"], UnitState(row["state"]))


@again_on_deadlock
async def hand_over(
    actor: Actor,
    id: UUID,
    *,
    unit_id: UUID | None = None,
    code: str = "",
    condition: str = "",
    once: Once | None = None,
) -> str:
    """Lend a unit out for a reservation, and give its label; others move where it was theirs.

    Raises:
        NotFound, NotAllowed: see `queries.to_lend`.
        Conflict: it is not time, or the unit cannot be had; names the field where it is about one.
        IllegalMove: it was handed over already, or is over.
    """
    async with db.transaction(once):
        reservation = await queries.to_lend(actor, id)
        state = await steps.locked_state(reservation)
        RESERVATION_MOVES.check(state, ReservationState.OUT)
        _refuse_other_days(reservation)
        unit = await _chosen(reservation, unit_id, code)
        field = "code" if code else "unit_id"
        away = await db.fetch_one(
            "SELECT p.name, r.last_day FROM reservation r JOIN person p ON p.id = r.person_id"
            " WHERE r.thing_id = {} AND r.unit_id = {} AND r.state = 'out'",
            reservation.thing_id,
            unit.id,
        )
        if away is not None:
            raise Conflict(
                f"{unit.label} is out with {away['name']}, due"
                f" {clock.date_words(away['last_day'])}. Take it back first, or choose another"
                " unit",
                field=field,
            )
        if not await occupancy.pin(reservation.thing_id, id, unit.id):
            raise Conflict(
                f"{unit.label} is promised to somebody else in these days, and no other unit is"
                " free for them. Choose another unit",
                field=field,
            )
        await Reservation.update(
            {
                Reservation.state: ReservationState.OUT,
                Reservation.unit_id: unit.id,
                Reservation.out_at: clock.now(),
                Reservation.out_by: actor.person_id,
                Reservation.condition_out: condition,
            }
        ).where(Reservation.id == id)
        await steps.record(actor, Event.LOAN_HANDED_OVER, reservation, unit=str(unit.id))
    return unit.label


def _refuse_other_days(reservation: ReservationView) -> None:
    now = clock.now()
    if (today := _today(reservation)) < reservation.first_day:
        raise Conflict(
            f"This is reserved from {clock.date_words(reservation.first_day)}. It can be handed"
            " over from that day on."
        )
    if today > reservation.last_day or now >= reservation.ends_at:
        raise Conflict(
            f"This was reserved until {clock.moment_words(reservation.ends_at)}. Mark it as not"
            " collected; they can reserve it again."
        )


def _today(reservation: ReservationView) -> date:
    return clock.local(clock.now(), ZoneInfo(reservation.zone)).date()


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What came of a return or a loss: `unplaced` are reservations that have no unit now."""

    reservation: ReservationView
    unplaced: list[UUID]


@again_on_deadlock
async def take_back(
    actor: Actor,
    id: UUID,
    *,
    needs_repair: bool,
    condition: str = "",
    once: Once | None = None,
) -> TakenBack:
    """Take a unit back. One that needs repair is out of use at once, and others are planned anew.

    Raises:
        NotFound, NotAllowed: see `queries.to_lend`.
        IllegalMove: it is not out.
    """
    now = clock.now()
    async with db.transaction(once):
        reservation = await queries.to_lend(actor, id)
        state = await steps.locked_state(reservation)
        RESERVATION_MOVES.check(state, ReservationState.RETURNED)
        row = await db.fetch_one(
            "SELECT r.unit_id, t.hours_after FROM reservation r JOIN thing t ON t.id = r.thing_id"
            " WHERE r.id = {}",
            id,
        )
        assert row is not None
        await Reservation.update(
            {
                Reservation.state: ReservationState.RETURNED,
                Reservation.returned_at: now,
                Reservation.returned_by: actor.person_id,
                Reservation.condition_in: condition,
                Reservation.needs_repair: needs_repair,
            }
        ).where(Reservation.id == id)
        await occupancy.turn_around(id, now + timedelta(hours=row["hours_after"]))
        if needs_repair:
            unplaced = await units.move(reservation.thing_id, row["unit_id"], UnitState.IN_REPAIR)
        else:
            unplaced = await occupancy.replan(reservation.thing_id)
        await steps.record(
            actor,
            Event.LOAN_RETURNED,
            reservation,
            unit=str(row["unit_id"]),
            condition="needs_repair" if needs_repair else "good",
        )
    return TakenBack(reservation, unplaced)


@again_on_deadlock
async def lose(
    actor: Actor, id: UUID, *, condition: str = "", once: Once | None = None
) -> TakenBack:
    """End a loan that will not come back. Its unit is retired, and others are planned anew.

    Raises:
        NotFound, NotAllowed: see `queries.to_lend`.
        IllegalMove: it is not out.
    """
    async with db.transaction(once):
        reservation = await queries.to_lend(actor, id)
        state = await steps.locked_state(reservation)
        RESERVATION_MOVES.check(state, ReservationState.LOST)
        unit = await db.fetch_value("SELECT unit_id FROM reservation WHERE id = {}", id)
        await Reservation.update(
            {Reservation.state: ReservationState.LOST, Reservation.condition_in: condition}
        ).where(Reservation.id == id)
        await occupancy.release(id)
        unplaced = await units.move(reservation.thing_id, unit, UnitState.RETIRED)
        await steps.record(actor, Event.LOAN_LOST, reservation, unit=str(unit))
    return TakenBack(reservation, unplaced)


@again_on_deadlock
async def not_collected(actor: Actor, id: UUID, *, once: Once | None = None) -> ReservationView:
    """End a reservation that nobody came for; its unit is free for others at once.

    Raises:
        NotFound, NotAllowed: see `queries.to_lend`.
        Conflict: its collection day is not over.
        IllegalMove: it was collected, or is over.
    """
    async with db.transaction(once):
        reservation = await queries.to_lend(actor, id)
        state = await steps.locked_state(reservation)
        RESERVATION_MOVES.check(state, ReservationState.NOT_COLLECTED)
        if _today(reservation) <= reservation.first_day:
            raise Conflict(
                f"They have until the end of {clock.date_words(reservation.first_day)}. Mark it as"
                " not collected from the next day on."
            )
        await steps.end(reservation, ReservationState.NOT_COLLECTED, {})
        await steps.record(actor, Event.RESERVATION_NOT_COLLECTED, reservation)
    return reservation


@again_on_deadlock
async def cancel(
    actor: Actor, id: UUID, *, reason: str, once: Once | None = None
) -> ReservationView:
    """Cancel somebody's reservation; they are told the reason.

    Raises:
        NotFound, NotAllowed: see `queries.to_lend`.
        IllegalMove: it was collected, or is over.
    """
    async with db.transaction(once):
        reservation = await queries.to_lend(actor, id)
        await steps.cancel(actor, reservation, by=CancelledBy.LENDER, reason=reason)
    return reservation
