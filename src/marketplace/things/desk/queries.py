"""Reading the desk: who comes today, what should be back, what needs a decision."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.things.catalogue.queries import UnitView
from marketplace.things.reservations.queries import NO_SUCH, SELECT, ReservationView, view
from marketplace.things.rules import ReservationState, UnitState

AHEAD = timedelta(days=7)
MOST = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One reservation at the desk.

    `planned` names the unit held for it; `at_risk` says that this unit is overdue from somebody.
    """

    reservation: ReservationView
    planned: str
    at_risk: bool
    today: date

    @property
    def late(self) -> bool:
        """Tell whether it should have been collected before today."""
        return self.reservation.first_day < self.today


@dataclass(frozen=True, slots=True)
class Desk:
    """What a desk has to do, by the calendar day of each site."""

    overdue: list[Row]
    undecided: list[Row]
    collections: list[Row]
    returns: list[Row]
    coming: list[Row]
    found: list[Row] | None = None

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to do at all."""
        return not any((self.overdue, self.undecided, self.collections, self.returns, self.coming))


_ROWS = (
    SELECT.replace(  # noqa: S608
        " FROM reservation r",
        ", coalesce(h.label, '') AS planned,"
        " r.state = 'reserved' AND EXISTS (SELECT FROM reservation late"
        "  WHERE late.thing_id = r.thing_id AND late.unit_id = o.unit_id AND late.state = 'out'"
        "  AND late.ends_at <= now()"
        "  AND NOT EXISTS (SELECT FROM occupancy n JOIN reservation nr ON nr.id = n.reservation_id"
        "   WHERE n.unit_id = o.unit_id AND n.state = 'held' AND nr.starts_at < r.starts_at))"
        "  AS at_risk"
        " FROM reservation r",
        1,
    )
    + " LEFT JOIN unit h ON h.id = o.unit_id"
    " WHERE r.organisation_id = {} AND r.state IN ('reserved', 'out')"
)


def _row(row: dict[str, Any], now: datetime) -> Row:
    kept = dict(row)
    planned, at_risk = kept.pop("planned"), kept.pop("at_risk")
    found = view(kept)
    return Row(found, planned, at_risk, clock.local(now, ZoneInfo(found.zone)).date())


async def desk(actor: Actor, organisation_id: UUID, q: str = "") -> Desk:
    """Read a lender's desk; `q` finds live reservations by name, thing, unit or code.

    Raises:
        NotAllowed: the actor does not lend for this organisation.
    """
    actor.require(Permission.LEND_THINGS, organisation_id)
    now = clock.now()
    rows = await db.fetch(
        f"{_ROWS} AND (r.first_day <= current_date + 8 OR r.state = 'out' OR o.state = 'unplaced')"
        " ORDER BY r.starts_at, lower(p.name), r.id LIMIT {}",
        organisation_id,
        MOST * 5,
    )
    every = [_row(row, now) for row in rows]
    reserved = [row for row in every if row.reservation.state is ReservationState.RESERVED]
    out = sorted(
        (row for row in every if row.reservation.state is ReservationState.OUT),
        key=lambda row: row.reservation.ends_at,
    )
    placed = [row for row in reserved if not row.reservation.unplaced]
    return Desk(
        overdue=[row for row in out if row.reservation.overdue(now)],
        undecided=[row for row in reserved if row.reservation.unplaced],
        collections=[row for row in placed if row.reservation.first_day <= row.today],
        returns=[
            row
            for row in out
            if not row.reservation.overdue(now) and row.reservation.last_day <= row.today
        ],
        coming=[
            row for row in placed if row.today < row.reservation.first_day <= row.today + AHEAD
        ],
        found=await _found(organisation_id, q, now) if q else None,
    )


async def _found(organisation_id: UUID, q: str, now: datetime) -> list[Row]:
    typed = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = await db.fetch(
        f"{_ROWS} AND (p.name ILIKE {{}} OR t.title ILIKE {{}} OR b.name ILIKE {{}}"
        " OR u.label ILIKE {} OR lower(u.asset_code) = lower({}))"
        " ORDER BY r.state = 'reserved', r.ends_at, r.id LIMIT {}",
        organisation_id,
        typed,
        typed,
        typed,
        typed,
        q,
        MOST,
    )
    return [_row(row, now) for row in rows]


async def out_by_code(organisation_id: UUID, code: str) -> UUID | None:
    """Give the loan that a scanned unit is out on; None where the code is no unit that is out."""
    return await db.fetch_value(
        "SELECT r.id FROM unit u JOIN reservation r ON r.unit_id = u.id AND r.state = 'out'"
        " WHERE u.organisation_id = {} AND u.asset_code <> '' AND lower(u.asset_code) = lower({})",
        organisation_id,
        code,
    )


async def at_home(organisation_id: UUID, code: str) -> UnitView | None:
    """Give the unit of a scanned code, whether or not anybody waits for it; None without one."""
    row = await db.fetch_one(
        "SELECT id, thing_id, organisation_id, label, asset_code, state, note FROM unit"
        " WHERE organisation_id = {} AND asset_code <> '' AND lower(asset_code) = lower({})"
        " AND state <> 'retired'",
        organisation_id,
        code,
    )
    if row is None:
        return None
    return UnitView(**{**row, "state": UnitState(row["state"]), "out_until": None})


async def to_lend(actor: Actor, id: UUID) -> ReservationView:
    """Read a reservation for those who lend.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
        NotAllowed: the actor sees the organisation's work but does not lend for it.
    """
    row = await db.fetch_one(f"{SELECT} WHERE r.id = {{}}", id)
    if row is None:
        actor.require_person()
        raise NotFound(NO_SUCH)
    actor.require_to_know(Permission.LEND_THINGS, row["organisation_id"])
    return view(row)


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit that is on the shelf; `planned` is the one held for this reservation."""

    unit: UnitView
    planned: bool
    held_for_others: bool


async def choices(reservation: ReservationView) -> list[Choice]:
    """List the units of a thing that are on the shelf, the one held for it first."""
    rows = await db.fetch(
        "SELECT u.id, u.thing_id, u.organisation_id, u.label, u.asset_code, u.state, u.note,"
        " coalesce(o.reservation_id = {}, false) AS planned, o.id IS NOT NULL AS held"
        " FROM unit u LEFT JOIN reservation mine ON mine.id = {}"
        " LEFT JOIN LATERAL (SELECT o.id, o.reservation_id FROM occupancy o"
        "  WHERE o.unit_id = u.id AND o.state = 'held' AND o.blocked_from < mine.ends_at"
        "  AND o.blocked_until > mine.starts_at ORDER BY o.reservation_id = {} DESC LIMIT 1)"
        "  AS o ON true"
        " WHERE u.thing_id = {} AND u.state = 'available' AND NOT EXISTS (SELECT FROM reservation r"
        "  WHERE r.thing_id = u.thing_id AND r.unit_id = u.id AND r.state = 'out')"
        " ORDER BY 8 DESC, 9, lower(u.label), u.id",
        reservation.id,
        reservation.id,
        reservation.id,
        reservation.thing_id,
    )
    found: list[Choice] = []
    for row in rows:
        planned, held = row.pop("planned"), row.pop("held")
        unit = UnitView(**{**row, "state": UnitState(row["state"]), "out_until": None})
        found.append(Choice(unit, planned, held and not planned))
    return found
