"""Reading groups: a captain's own, those of a shift, and the seat of a link."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db, signing
from marketplace.errors import NotFound
from marketplace.permissions import Actor
from marketplace.volunteering.groups import rules
from marketplace.volunteering.groups.rules import Kind, SeatState
from marketplace.volunteering.rules import BookingState

NO_SUCH = "We cannot find that group."


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat; `name` is what the captain typed, "" once it is forgotten."""

    id: UUID
    group_id: UUID
    name: str
    email: str | None
    state: SeatState
    person_id: UUID | None
    booking: BookingState | None

    @property
    def words(self) -> str:
        """Write how it stands."""
        if self.booking is BookingState.CANCELLED:
            return "Gave the place back"
        return {
            SeatState.NAMED: "Not answered yet",
            SeatState.ACCEPTED: "Has a place",
            SeatState.DECLINED: "Said no",
            SeatState.TAKEN_BACK: "Taken back",
            SeatState.LAPSED: "Not answered in time",
        }[self.state]


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with its shift; `held` are places that nobody has accepted."""

    id: UUID
    shift_id: UUID
    organisation_id: UUID
    captain_id: UUID
    name: str
    kind: Kind
    held: int
    lapses_at: datetime
    title: str
    opportunity_id: UUID
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    named: int
    accepted: int

    @property
    def unnamed(self) -> int:
        """Count the places without a name."""
        return max(self.held - self.named, 0)

    @property
    def seats(self) -> int:
        """Count the places it has in all."""
        return self.held + self.accepted

    @property
    def period(self) -> str:
        """Write when the shift is."""
        return clock.period_words(self.starts_at, self.ends_at)

    def open(self, now: datetime) -> bool:
        """Tell whether seats can still be named and returned."""
        return not self.cancelled and now < self.starts_at


_SELECT = (
    "SELECT v.id, v.shift_id, v.organisation_id, v.captain_id, v.name, v.kind,"
    " CASE WHEN s.state = 'planned' THEN v.held ELSE 0 END AS held, v.lapses_at, o.title,"
    " o.id AS opportunity_id, g.name AS organisation_name, s.starts_at, s.ends_at,"
    " s.state = 'cancelled' AS cancelled,"
    " (SELECT count(*) FROM group_seat t WHERE t.group_id = v.id AND t.state = 'named') AS named,"
    " (SELECT count(*) FROM group_seat t JOIN booking b ON b.id = t.booking_id"
    "  AND b.state <> 'cancelled' WHERE t.group_id = v.id) AS accepted"
    " FROM volunteer_group v JOIN shift s ON s.id = v.shift_id"
    " JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = v.organisation_id"
)


def _view(row: dict[str, Any]) -> GroupView:
    return GroupView(**{**row, "kind": Kind(row["kind"])})


async def group(id: UUID, *, lock: bool = False) -> GroupView:
    """Read a group; `lock` locks it, after its shift, which the caller holds.

    Raises:
        NotFound: there is none.
    """
    if lock:
        await db.execute("SELECT FROM volunteer_group WHERE id = {} FOR NO KEY UPDATE", id)
    row = await db.fetch_one(f"{_SELECT} WHERE v.id = {{}}", id)
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


async def own(actor: Actor, id: UUID) -> GroupView:
    """Read a group of which the actor is captain.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or somebody else is its captain.
    """
    person = actor.require_person()
    found = await group(id)
    if found.captain_id != person:
        raise NotFound(NO_SUCH)
    return found


async def mine(actor: Actor) -> list[GroupView]:
    """List the actor's groups, the next shift first, and those that were.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        f"{_SELECT} WHERE v.captain_id = {{}}"
        " ORDER BY s.ends_at < now(), abs(extract(epoch FROM s.starts_at - now())) LIMIT 100",
        actor.require_person(),
    )
    return [_view(row) for row in rows]


_SEAT = {
    "id": "t.id",
    "group_id": "t.group_id",
    "name": "t.name",
    "email": "t.email",
    "state": "t.state",
    "person_id": "t.person_id",
    "booking": "b.state",
}
_AS_SEAT = ", ".join(f"{column} AS seat_{name}" for name, column in _SEAT.items())


async def seats(group_ids: list[UUID]) -> list[SeatView]:
    """List the seats of groups that were named and not taken back, as they were named."""
    rows = await db.fetch(
        "SELECT t.id, t.group_id, t.name, t.email, t.state, t.person_id, b.state AS booking"
        " FROM group_seat t LEFT JOIN booking b ON b.id = t.booking_id"
        " WHERE t.group_id = ANY({}::uuid[]) AND t.state <> 'taken_back' ORDER BY t.named_at, t.id",
        group_ids,
    )
    return [_seat(row) for row in rows]


def _seat(row: dict[str, Any]) -> SeatView:
    row["state"] = SeatState(row["state"])
    row["booking"] = BookingState(row["booking"]) if row["booking"] else None
    return SeatView(**row)


async def seat(id: UUID) -> SeatView | None:
    """Read one seat; None when there is none."""
    row = await db.fetch_one(
        "SELECT t.id, t.group_id, t.name, t.email, t.state, t.person_id, b.state AS booking"
        " FROM group_seat t LEFT JOIN booking b ON b.id = t.booking_id WHERE t.id = {}",
        id,
    )
    return _seat(row) if row else None


@dataclass(frozen=True, slots=True)
class OnShift:
    """A group as those who run the shift see it."""

    group: GroupView
    seats: list[SeatView]


async def on_shift(shift_id: UUID) -> list[OnShift]:
    """List the groups that have places on a shift, as they were made, with their seats."""
    rows = await db.fetch(
        f"WITH v AS MATERIALIZED ({_SELECT} WHERE v.shift_id = {{}})"  # noqa: S608
        f" SELECT v.*, {_AS_SEAT} FROM v LEFT JOIN group_seat t ON t.group_id = v.id"
        "  AND t.state <> 'taken_back' LEFT JOIN booking b ON b.id = t.booking_id"
        " ORDER BY v.id, t.named_at, t.id",
        shift_id,
    )
    found: dict[UUID, OnShift] = {}
    for row in rows:
        seat = {name: row.pop(f"seat_{name}") for name in _SEAT}
        here = found.setdefault(row["id"], OnShift(_view(row), []))
        if seat["id"] is not None:
            here.seats.append(_seat(seat))
    return [each for each in found.values() if each.group.seats]


async def of_link(token: str) -> tuple[SeatView, GroupView]:
    """Read the seat that a signed link names.

    Raises:
        LinkExpired: it is too old, or the seat was taken back.
        LinkBroken: it is not one of ours.
    """
    signed = signing.unsign(rules.LINK, token, within=rules.LINK_WITHIN)
    found = await seat(signed.id)
    if found is None or found.state in {SeatState.TAKEN_BACK, SeatState.LAPSED}:
        raise signing.LinkExpired(
            "This place is not kept for you any more. Ask whoever sent it, or look for a free one."
        )
    return found, await group(found.group_id)


async def due(limit: int) -> list[tuple[UUID, UUID]]:
    """Give groups (group, shift) that hold places past their time, or of shifts called off."""
    rows = await db.fetch(
        "SELECT v.id, v.shift_id FROM volunteer_group v JOIN shift s ON s.id = v.shift_id"
        " WHERE v.held > 0 AND (s.state <> 'planned' OR s.starts_at <= {}"
        "  OR v.lapses_at <= {} AND v.held > (SELECT count(*) FROM group_seat t"
        "   WHERE t.group_id = v.id AND t.state = 'named'))"
        " ORDER BY v.lapses_at, v.id LIMIT {}",
        clock.now() + rules.ANSWER_UNTIL,
        clock.now(),
        limit,
    )
    return [(row["id"], row["shift_id"]) for row in rows]
