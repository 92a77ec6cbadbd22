"""Reading a shift's roster: who is coming, who came, and for how long."""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from marketplace import db
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import BookingState, HoursState
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.queries import ShiftView


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person on a shift; names only, because a name is all that is needed at the door."""

    booking_id: UUID
    person_id: UUID
    name: str
    state: BookingState
    hours_id: UUID | None
    minutes: int | None
    hours_state: HoursState | None

    @property
    def hours_confirmed(self) -> bool:
        """Tell whether the hours stand."""
        return self.hours_state is HoursState.CONFIRMED


@dataclass(frozen=True, slots=True)
class Roster:
    """A shift with everybody who has a place on it, by name."""

    shift: ShiftView
    opportunity: OpportunityView
    rows: list[RosterRow]

    @property
    def unmarked(self) -> int:
        """Count those nobody has said anything about."""
        return sum(row.state is BookingState.CONFIRMED for row in self.rows)

    @property
    def to_confirm(self) -> int:
        """Count the hours that wait to be confirmed."""
        return sum(row.hours_state is HoursState.PROPOSED for row in self.rows)


async def roster(actor: Actor, shift_id: UUID) -> Roster:
    """Read a shift's roster; showing it to a person goes through `operations.look_at_roster`.

    Raises:
        NotFound: there is no such shift, or the actor may not know of it.
        NotAllowed: the actor may not see who volunteers for this organisation.
    """
    shift, opportunity = await shifts.to_manage(actor, shift_id, permission=Permission.VIEW_ROSTER)
    rows = await db.fetch(
        "SELECT b.id AS booking_id, b.person_id, p.name, p.anonymised_at IS NOT NULL AS left_us,"
        " b.state, h.id AS hours_id, h.minutes, h.state AS hours_state"
        " FROM booking b JOIN person p ON p.id = b.person_id"
        " LEFT JOIN hours h ON h.booking_id = b.id"
        " WHERE b.shift_id = {} AND b.state <> 'cancelled'",
        shift_id,
    )
    found = [
        RosterRow(
            booking_id=row["booking_id"],
            person_id=row["person_id"],
            name="Somebody who left" if row["left_us"] else row["name"],
            state=BookingState(row["state"]),
            hours_id=row["hours_id"],
            minutes=row["minutes"],
            hours_state=HoursState(row["hours_state"]) if row["hours_state"] else None,
        )
        for row in rows
    ]
    return Roster(shift, opportunity, sorted(found, key=lambda row: (_order(row.name), row.name)))


def _order(name: str) -> str:
    """Fold a name for sorting: the database sorts "Zoe" before "adam"."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(each for each in plain if not unicodedata.combining(each))
