"""Units and the periods in which they cannot be had: steps that every verb of the library shares.

Whoever changes the occupancy of a thing holds its lock first. The exclusion constraint says the
same once more: whatever the code gets wrong, no unit is in two places at once.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import audit, db
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM
from marketplace.things.planning import Claim, plan
from marketplace.things.rules import Event, OccupancyState, Period
from marketplace.things.tables import Occupancy

# A constant of ours, never what somebody typed: the indexes are made for exactly this.
ACTIVE_SQL = "('held', 'out', 'turnaround', 'blocked')"


def clash() -> AbstractContextManager[None]:
    """Say in words what the exclusion constraint refuses."""
    return db.clashes(
        {
            "occupancy_one_at_a_time": Conflict(
                "Somebody was quicker: it is taken then. Choose other days."
            )
        }
    )


async def lock(thing_id: UUID) -> None:
    """Hold a thing's occupancy until the transaction ends.

    A statement of its own: only the statements after it see what others committed meanwhile.
    """
    db.require_transaction()
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"thing:{thing_id}")


@dataclass(frozen=True, slots=True)
class Fleet:
    """The units of a thing that can be lent, and all that claims them from now on."""

    units: Sequence[UUID]
    claims: Sequence[Claim]


async def fleet(thing_id: UUID) -> Fleet:
    """Read what a plan needs, those who reserved first before those who came later."""
    units = await db.fetch(
        "SELECT id FROM unit WHERE thing_id = {} AND state = 'available' ORDER BY created_at, id",
        thing_id,
    )
    rows = await db.fetch(
        "SELECT o.id, o.unit_id, o.state, o.blocked_from,"  # noqa: S608
        " least(o.blocked_until, timestamptz '9999-01-01') AS blocked_until"
        " FROM occupancy o LEFT JOIN reservation r ON r.id = o.reservation_id"
        " WHERE o.thing_id = {} AND o.blocked_until > now() AND (o.state IN "
        f"{ACTIVE_SQL} OR o.state = 'unplaced') ORDER BY r.reserved_at, o.id",
        thing_id,
    )
    loose = {OccupancyState.HELD.value, OccupancyState.UNPLACED.value}
    return Fleet(
        [row["id"] for row in units],
        [
            Claim(
                row["id"],
                row["blocked_from"],
                row["blocked_until"],
                unit=row["unit_id"],
                pinned=row["state"] not in loose,
            )
            for row in rows
        ],
    )


async def find_unit(thing_id: UUID, period: Period) -> UUID | None:
    """Give a unit that is free for the whole period, others moved if need be; None without one.

    Needs the lock. The tightest gap is filled first, and a unit that should be back and is not
    comes last.
    """
    unit = await db.fetch_value(
        "SELECT u.id FROM unit u"  # noqa: S608
        " LEFT JOIN LATERAL (SELECT max(b.blocked_until) AS until FROM occupancy b"
        f"  WHERE b.unit_id = u.id AND b.state IN {ACTIVE_SQL} AND b.blocked_until <= {{}})"
        "  AS before ON true"
        " WHERE u.thing_id = {} AND u.state = 'available'"
        " AND NOT EXISTS (SELECT FROM occupancy o WHERE o.unit_id = u.id"
        f"  AND o.state IN {ACTIVE_SQL}"
        "  AND tstzrange(o.blocked_from, o.blocked_until, '[)') && tstzrange({}, {}, '[)'))"
        " ORDER BY EXISTS (SELECT FROM reservation late WHERE late.unit_id = u.id"
        "  AND late.state = 'out' AND late.ends_at < now()),"
        "  before.until DESC NULLS LAST, u.created_at, u.id LIMIT 1",
        period.blocked_from,
        thing_id,
        period.blocked_from,
        period.blocked_until,
    )
    if unit is not None:
        return unit
    now = await fleet(thing_id)
    held = [c for c in now.claims if c.pinned or c.unit is not None]
    wanted = Claim(new_id(), period.blocked_from, period.blocked_until)
    found = plan(now.units, [*held, wanted])
    if found is None:
        return None
    await _move(held, found)
    return found[wanted.id]


async def hold(thing_id: UUID, unit_id: UUID, reservation_id: UUID, period: Period) -> None:
    """Keep a unit for a reservation; it may be another one in the end."""
    with clash():
        await Occupancy(
            thing_id=thing_id,
            unit_id=unit_id,
            reservation_id=reservation_id,
            state=OccupancyState.HELD,
            blocked_from=period.blocked_from,
            blocked_until=period.blocked_until,
        ).save()


async def pin(thing_id: UUID, reservation_id: UUID, unit_id: UUID) -> bool:
    """Give a reservation the unit that is handed over, others moved if need be.

    Needs the lock. Gives False, and changes nothing, where the unit is promised to somebody whom
    no other unit can serve.
    """
    now = await fleet(thing_id)
    own = await db.fetch_one(
        "SELECT id, blocked_from, blocked_until FROM occupancy WHERE reservation_id = {}",
        reservation_id,
    )
    if own is None:
        return False
    others = [c for c in now.claims if c.id != own["id"] and (c.pinned or c.unit is not None)]
    mine = Claim(own["id"], own["blocked_from"], own["blocked_until"], unit=unit_id, pinned=True)
    if any(c.pinned and c.unit == unit_id and c.overlaps(mine) for c in others):
        return False
    found = plan(now.units, [*others, mine])
    if found is None:
        return False
    await _move([*others, mine], {**found, own["id"]: unit_id}, out=own["id"])
    return True


async def release(reservation_id: UUID) -> None:
    """Let a reservation's unit go at once."""
    await db.execute(
        "UPDATE occupancy SET state = 'released' WHERE reservation_id = {}", reservation_id
    )


async def turn_around(reservation_id: UUID, until: datetime) -> None:
    """Keep a returned unit off the shelf for its turnaround, never longer than was planned."""
    await db.execute(
        "UPDATE occupancy SET state = CASE WHEN {}::timestamptz > greatest(now(), blocked_from)"
        "  THEN 'turnaround' ELSE 'released' END,"
        " blocked_until = least(blocked_until, greatest({}::timestamptz,"
        "  blocked_from + interval '1 second')) WHERE reservation_id = {}",
        until,
        until,
        reservation_id,
    )


async def block(thing_id: UUID, unit_id: UUID, reason: str) -> list[UUID]:
    """Take a unit out of use from now on, and give the reservations that find no unit any more.

    Needs the lock, and the unit's state changed already. Whoever reserved first keeps a unit, as
    which one was held for whom is chance. The others keep their days: somebody decides.
    """
    held = await db.fetch(
        "SELECT id FROM occupancy WHERE thing_id = {} AND state = 'held'", thing_id
    )
    await db.execute(
        "UPDATE occupancy SET state = CASE state WHEN 'held' THEN 'unplaced' ELSE 'released' END,"
        " unit_id = CASE state WHEN 'held' THEN NULL ELSE unit_id END"
        " WHERE unit_id = {} AND state IN ('held', 'turnaround', 'blocked')",
        unit_id,
    )
    with clash():
        await db.execute(
            "INSERT INTO occupancy (id, thing_id, unit_id, reason, state, blocked_from,"
            " blocked_until) VALUES ({}, {}, {}, {}, 'blocked', now(), 'infinity')",
            new_id(),
            thing_id,
            unit_id,
            reason,
        )
    return await replan(thing_id, anew=frozenset(row["id"] for row in held))


async def unblock(unit_id: UUID) -> None:
    """Put a unit back into use."""
    await db.execute(
        "UPDATE occupancy SET state = 'released', blocked_until = greatest(now(),"
        " blocked_from + interval '1 second') WHERE unit_id = {} AND state = 'blocked'",
        unit_id,
    )


async def replan(thing_id: UUID, *, anew: frozenset[UUID] = frozenset()) -> list[UUID]:
    """Give the unplaced what has become free; gives the reservations that stay without a unit.

    Needs the lock. Those who have a unit keep one, but for the occupancies in `anew`: they are
    planned as if none were held yet, the first reserved first. Whose reservation loses its unit,
    and whose has one again, is written down.
    """
    now = await fleet(thing_id)
    settled = [c for c in now.claims if c.pinned or (c.unit is not None and c.id not in anew)]
    known = {claim.id for claim in settled}
    again = [c for c in now.claims if c.id in anew and c.id not in known]
    waiting = [c for c in now.claims if c.unit is None and c.id not in anew]
    if not again and not waiting:
        return []
    chosen: dict[UUID, UUID | None] = {}
    for claim in (*again, *waiting):
        found = plan(now.units, [*settled, claim])
        if found is None:
            chosen[claim.id] = None
        else:
            settled.append(claim)
            chosen |= found
    await _move(now.claims, chosen)
    rows = await db.fetch(
        "SELECT o.id, o.reservation_id, r.organisation_id, r.thing_id, r.person_id"
        " FROM occupancy o JOIN reservation r ON r.id = o.reservation_id"
        " WHERE o.id = ANY({}::uuid[]) ORDER BY o.blocked_from, o.id",
        [claim.id for claim in (*again, *waiting)],
    )
    before = {claim.id for claim in waiting}
    for row in rows:
        if (row["id"] in before) == (chosen[row["id"]] is None):
            continue
        await audit.record(
            Event.UNIT_FOUND if row["id"] in before else Event.UNIT_LOST,
            "reservation",
            row["reservation_id"],
            by=SYSTEM,
            organisation=row["organisation_id"],
            data={"thing": str(row["thing_id"]), "person": str(row["person_id"])},
        )
    return [row["reservation_id"] for row in rows if chosen[row["id"]] is None]


async def _move(
    claims: Sequence[Claim],
    chosen: Mapping[UUID, UUID | None],
    *,
    out: UUID | None = None,
) -> None:
    """Write all units in one UPDATE: swaps pass through no state in which two share a unit.

    None is no unit; `out` is the claim that is handed over.
    """
    was = {claim.id: claim.unit for claim in claims}
    moved = [
        (id, unit) for id, unit in chosen.items() if id in was and (was[id] != unit or id == out)
    ]
    if not moved:
        return
    with clash():
        await db.execute(
            "UPDATE occupancy o SET unit_id = m.unit, state = CASE WHEN o.id = {} THEN 'out'"
            "  WHEN m.unit IS NULL THEN 'unplaced' ELSE 'held' END"
            " FROM unnest({}::uuid[], {}::uuid[]) AS m(id, unit) WHERE o.id = m.id",
            out,
            [id for id, _ in moved],
            [unit for _, unit in moved],
        )
