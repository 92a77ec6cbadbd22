"""Reading a shift on the day: who is coming, who is here, who came, and who may say so."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.ages import Band, band
from marketplace.accounts.queries import SOMEBODY_WHO_LEFT
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.attendance import rules
from marketplace.volunteering.eligibility.rules import Asking
from marketplace.volunteering.eligibility.rules import ticked_age as ticked
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import BookingState, HoursState
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.queries import ShiftView


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person on a shift; names only, because a name is all that is needed at the door.

    `band` is None for whoever is not known to be under 18 that day. `doubted`: their place was put
    in question, and nobody decided; it may have settled itself since.
    """

    booking_id: UUID
    person_id: UUID
    name: str
    state: BookingState
    hours_id: UUID | None
    minutes: int | None
    hours_state: HoursState | None
    in_at: datetime | None
    out_at: datetime | None
    excused: bool
    walked_in: bool
    band: Band | None
    doubted: bool

    @property
    def hours_confirmed(self) -> bool:
        """Tell whether the hours stand."""
        return self.hours_state is HoursState.CONFIRMED

    @property
    def may_leave(self) -> bool:
        """Tell whether it can be noted that they left."""
        return (
            self.state is BookingState.ATTENDED
            and self.out_at is None
            and self.hours_state is HoursState.PROPOSED
        )


@dataclass(frozen=True, slots=True)
class WalkInRow:
    """Somebody without an account who was there; `name` is "" once it is deleted."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Roster:
    """A shift with everybody who has a place on it, by name."""

    shift: ShiftView
    opportunity: OpportunityView
    rows: list[RosterRow]
    walk_ins: list[WalkInRow]

    @property
    def expected(self) -> list[UUID]:
        """Give the people who are still to come, or came."""
        states = (BookingState.CONFIRMED, BookingState.ATTENDED)
        return [row.person_id for row in self.rows if row.state in states]

    @property
    def unmarked(self) -> int:
        """Count those nobody has said anything about."""
        return sum(row.state is BookingState.CONFIRMED for row in self.rows)

    @property
    def here(self) -> int:
        """Count those who came."""
        return len(self.walk_ins) + sum(row.state is BookingState.ATTENDED for row in self.rows)

    @property
    def to_confirm(self) -> int:
        """Count the hours that wait to be confirmed."""
        return sum(row.hours_state is HoursState.PROPOSED for row in self.rows)


async def to_mark(
    actor: Actor, shift_id: UUID, *, lock: bool = False
) -> tuple[ShiftView, OpportunityView]:
    """Read a shift for those who say who came: its coordinators, and its leaders for some days.

    `lock` locks the shift's row.

    Raises:
        NotFound: there is no such shift, or the actor may not know of it.
        NotAllowed: the actor neither confirms hours there nor leads this shift now.
    """
    shift, opportunity = await shifts.shift(actor, shift_id)
    organisation = opportunity.organisation_id
    if not (actor.can(Permission.CONFIRM_HOURS, organisation) or await leads(actor, shift)):
        actor.require(Permission.CONFIRM_HOURS, organisation)
    if lock:
        await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", shift_id)
        shift, opportunity = await shifts.shift(actor, shift_id)
    return shift, opportunity


async def leads(actor: Actor, shift: ShiftView) -> bool:
    """Tell whether the actor was trusted with this shift, and it is about to be or just over."""
    if actor.person_id is None or not rules.leads(shift.starts_at, shift.ends_at, clock.now()):
        return False
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM shift_leader WHERE person_id = {} AND role_id = {}"
        " AND ended_at IS NULL AND (shift_id IS NULL OR shift_id = {}))",
        actor.person_id,
        shift.role_id,
        shift.id,
    )


async def roster(actor: Actor, shift_id: UUID) -> Roster:
    """Read a shift's roster; showing it to a person goes through `operations.look_at_roster`.

    Raises:
        NotFound: there is no such shift, or the actor may not know of it.
        NotAllowed: the actor may not see who volunteers there.
    """
    shift, opportunity = await to_mark(actor, shift_id)
    # Guests without an account stand on the list too; of a birth date only the band is kept.
    rows = await db.fetch(
        "SELECT b.id, b.person_id, p.name, p.anonymised_at IS NOT NULL AS left_us, b.state,"
        " CASE WHEN p.anonymised_at IS NULL THEN p.born_on END AS born_on,"
        " h.id AS hours_id, h.minutes, h.state AS hours_state, a.in_at, a.out_at,"
        " coalesce(a.excused, false) AS excused, coalesce(a.how = 'walk_in', false) AS walked_in,"
        " EXISTS (SELECT FROM place_doubt d WHERE d.booking_id = b.id AND d.kept_at IS NULL)"
        "  AS doubted, NULL::timestamptz AS added_at"
        " FROM booking b JOIN person p ON p.id = b.person_id"
        " LEFT JOIN hours h ON h.booking_id = b.id AND h.state <> 'withdrawn'"
        " LEFT JOIN attendance a ON a.booking_id = b.id"
        " WHERE b.shift_id = {} AND b.state <> 'cancelled'"
        " UNION ALL SELECT id, NULL, coalesce(name, ''), false, '', NULL, NULL, NULL, NULL, NULL,"
        "  NULL, false, true, false, added_at FROM walk_in"
        "  WHERE shift_id = {} AND removed_at IS NULL"
        " ORDER BY added_at, id",
        shift_id,
        shift_id,
    )
    found = [_row(row, shift) for row in rows if row["person_id"]]
    return Roster(
        shift,
        opportunity,
        sorted(found, key=lambda row: (by_name(row.name), row.name)),
        [WalkInRow(row["id"], row["name"]) for row in rows if not row["person_id"]],
    )


def _row(row: dict[str, Any], shift: ShiftView) -> RosterRow:
    young = row["born_on"] and band(row["born_on"], clock.local(shift.starts_at).date())
    return RosterRow(
        booking_id=row["id"],
        person_id=row["person_id"],
        name=SOMEBODY_WHO_LEFT if row["left_us"] else row["name"],
        state=BookingState(row["state"]),
        hours_id=row["hours_id"],
        minutes=row["minutes"],
        hours_state=HoursState(row["hours_state"]) if row["hours_state"] else None,
        in_at=row["in_at"],
        out_at=row["out_at"],
        excused=row["excused"],
        walked_in=row["walked_in"],
        band=None if young is Band.ADULT else young,
        doubted=row["doubted"],
    )


def by_name(name: str) -> str:
    """Fold a name for sorting: the database sorts "Zoe" before "adam"."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(each for each in plain if not unicodedata.combining(each))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One person and one shift, as the page behind a code shows them; None where not booked."""

    shift: ShiftView
    opportunity: OpportunityView
    booking_id: UUID | None
    state: BookingState | None
    in_at: datetime | None
    out_at: datetime | None

    @property
    def room(self) -> bool:
        """Tell whether somebody without a booking can take a place."""
        return self.shift.left > 0

    @property
    def is_in(self) -> bool:
        """Tell whether they are here."""
        return self.state is BookingState.ATTENDED and self.out_at is None


_ARRIVAL = (
    "SELECT b.id AS booking_id, b.shift_id, b.state, a.in_at, a.out_at"
    " FROM booking b LEFT JOIN attendance a ON a.booking_id = b.id"
)


async def arrival(actor: Actor, shift_id: UUID) -> Arrival:
    """Read what the actor has to do with a shift.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such shift.
    """
    person = actor.require_person()
    shift, opportunity = await shifts.shift(actor, shift_id)
    row = await db.fetch_one(
        f"{_ARRIVAL} WHERE b.shift_id = {{}} AND b.person_id = {{}} AND b.state <> 'cancelled'",
        shift_id,
        person,
    )
    return _arrival(shift, opportunity, row)


async def arrival_of_booking(actor: Actor, booking_id: UUID) -> Arrival:
    """Read one of the actor's own bookings on the day.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, it was given back, or it is somebody else's.
    """
    person = actor.require_person()
    row = await db.fetch_one(
        f"{_ARRIVAL} WHERE b.id = {{}} AND b.person_id = {{}} AND b.state <> 'cancelled'",
        booking_id,
        person,
    )
    if row is None:
        raise NotFound("We cannot find that booking.")
    shift, opportunity = await shifts.shift(actor, row["shift_id"])
    return _arrival(shift, opportunity, row)


def _arrival(shift: ShiftView, opportunity: OpportunityView, row: dict[str, Any] | None) -> Arrival:
    row = row or {"booking_id": None, "state": None, "in_at": None, "out_at": None}
    state = BookingState(row["state"]) if row["state"] else None
    return Arrival(shift, opportunity, row["booking_id"], state, row["in_at"], row["out_at"])


@dataclass(frozen=True, slots=True)
class LeaderView:
    """Somebody trusted with a shift, or with all of its role."""

    id: UUID
    person_id: UUID
    name: str
    all_shifts: bool


async def leaders(shift: ShiftView) -> list[LeaderView]:
    """List who is trusted with a shift."""
    rows = await db.fetch(
        "SELECT l.id, l.person_id, p.name, l.shift_id IS NULL AS all_shifts"
        " FROM shift_leader l JOIN person p ON p.id = l.person_id AND p.anonymised_at IS NULL"
        " WHERE l.ended_at IS NULL AND l.role_id = {} AND (l.shift_id IS NULL OR l.shift_id = {})"
        " ORDER BY l.named_at, l.id",
        shift.role_id,
        shift.id,
    )
    return [LeaderView(**row) for row in rows]


async def may_lead(shift: ShiftView) -> list[tuple[UUID, str]]:
    """List who could be trusted with a shift: those who have, or had, a place on its role."""
    rows = await db.fetch(
        "SELECT DISTINCT p.id, p.name FROM booking b JOIN shift s ON s.id = b.shift_id"
        " JOIN person p ON p.id = b.person_id AND p.anonymised_at IS NULL"
        " WHERE s.role_id = {} AND b.state IN ('confirmed', 'attended')",
        shift.role_id,
    )
    found = [(row["id"], row["name"]) for row in rows]
    return sorted(found, key=lambda one: (by_name(one[1]), one[0]))


def asking(person_id: UUID, shift: ShiftView, organisation_id: UUID) -> Asking:
    """Give what the rooms that know reasons against a booking are asked."""
    return Asking(
        person_id=person_id,
        shift_id=shift.id,
        role_id=shift.role_id,
        opportunity_id=shift.opportunity_id,
        organisation_id=organisation_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
    )


@dataclass(frozen=True, slots=True)
class Led:
    """A shift that somebody is trusted with; `open_now` says that its names can be seen."""

    shift_id: UUID
    title: str
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    open_now: bool

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)


async def led(actor: Actor, limit: int = 50) -> list[Led]:
    """List the shifts the actor is trusted with that are not long over, soonest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    now = clock.now()
    rows = await db.fetch(
        "SELECT DISTINCT s.id AS shift_id, o.title, g.name AS organisation_name, s.starts_at,"
        " s.ends_at FROM shift_leader l JOIN shift s ON s.role_id = l.role_id"
        "  AND (l.shift_id IS NULL OR l.shift_id = s.id)"
        " JOIN opportunity o ON o.id = s.opportunity_id"
        " JOIN organisation g ON g.id = l.organisation_id"
        " WHERE l.person_id = {} AND l.ended_at IS NULL AND s.state = 'planned' AND s.ends_at > {}"
        " ORDER BY s.starts_at, s.id LIMIT {}",
        actor.require_person(),
        now - rules.LEADS_UNTIL,
        limit,
    )
    return [Led(**row, open_now=rules.leads(row["starts_at"], row["ends_at"], now)) for row in rows]


async def ticked_age(role_id: UUID, person_id: UUID | None = None) -> int:
    """Give the age to be ticked for a role, in years; 0 where a birth date is known, or for any."""
    return ticked(
        await db.fetch_value(
            "SELECT CASE WHEN EXISTS (SELECT FROM person WHERE id = {} AND born_on IS NOT NULL)"
            " THEN 0 ELSE minimum_age END FROM role WHERE id = {}",
            person_id,
            role_id,
        )
    )


async def here(shift_id: UUID) -> int:
    """Count who came to a shift, with or without an account."""
    return await db.fetch_value(
        "SELECT (SELECT count(*) FROM booking WHERE shift_id = {} AND state = 'attended')"
        " + (SELECT count(*) FROM walk_in WHERE shift_id = {}"
        "  AND removed_at IS NULL)",
        shift_id,
        shift_id,
    )
