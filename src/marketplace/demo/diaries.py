"""Who books what: places taken and given back, who came, and the hours that were confirmed."""

from collections import defaultdict
from datetime import datetime, timedelta
from math import dist
from typing import Any
from uuid import UUID

from asyncpg import Range

from marketplace.demo.crowd import Crowd, Someone
from marketplace.demo.maker import Maker
from marketplace.demo.programme import Planned
from marketplace.volunteering.rules import (
    BookingState,
    CancelledBy,
    Event,
    HoursState,
    ProposedBy,
    ShiftState,
    proposed_minutes,
)

MOST_A_SHIFT = 9
NEIGHBOURS = 45


class Diaries:
    """Fill the shifts so that nobody is in two places at once."""

    def __init__(self, maker: Maker, crowd: Crowd) -> None:
        self.maker = maker
        self.crowd = crowd
        self._busy: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._near: dict[tuple[float, float], list[Someone]] = {}

    def fill(self, shifts: list[Planned], flagship: list[Planned]) -> None:
        """Book everybody in; the `flagship`'s next shift keeps exactly one place."""
        now, chance = self.maker.now, self.maker.chance
        ahead = [shift for shift in flagship if shift.row["starts_at"] > now]
        behind = [shift for shift in flagship if shift.row["starts_at"] <= now]
        special = {id(shift) for shift in flagship}
        volunteer = self.crowd.known["Volunteer"]
        self._book_for(volunteer, behind[-5:], shifts)
        if ahead:
            self._take(ahead[0], ahead[0].row["places"] - 1)
        for number, shift in enumerate(ahead[1:]):
            self._take(shift, max(0, 5 - number))
        for shift in behind:
            self._take(shift, chance.randint(4, 6))
        for shift in shifts:
            if id(shift) not in special:
                self._take(shift, self._wanted(shift))

    def join(self, shifts: list[Planned]) -> None:
        """Book people into shifts that came later."""
        for shift in shifts:
            self._take(shift, self._wanted(shift))

    def book(self, shift: Planned, person: Someone) -> bool:
        """Give somebody a place, if there is one and they are free."""
        return self._book(shift, person, None)

    def free(self, person: Someone, shift: Planned) -> bool:
        """Tell whether somebody has nothing else while a shift lasts."""
        start, end = shift.row["starts_at"], shift.row["ends_at"]
        return not any(begin < end and start < over for begin, over in self._busy[person.id])

    def near(self, shift: Planned) -> list[Someone]:
        """Give those who live next to a shift, nearest first."""
        return self._neighbours(shift)

    def _book_for(self, person: Someone, behind: list[Planned], shifts: list[Planned]) -> None:
        """Give the demo's volunteer a past and two bookings to come, at other places."""
        for shift in behind:
            self._book(shift, person, BookingState.ATTENDED if self._is_past(shift) else None)
        ahead = sorted(
            (
                shift
                for shift in shifts
                if shift.row["starts_at"] > self.maker.now + timedelta(days=1)
                and shift.row["state"] == ShiftState.PLANNED.value
                and shift.row["local_start"].weekday() < 5
                and shift.row["places"] > 2
            ),
            key=lambda shift: (dist(shift.point, person.xy), shift.row["starts_at"]),
        )
        seen: set[UUID] = set()
        for shift in ahead:
            if shift.organisation_id in seen or len(seen) == 3:
                continue
            if self._book(shift, person, BookingState.CANCELLED if len(seen) == 2 else None):
                seen.add(shift.organisation_id)

    def _wanted(self, shift: Planned) -> int:
        chance, row = self.maker.chance, shift.row
        most = min(row["places"], MOST_A_SHIFT)
        if self._is_past(shift):
            return chance.randint(0, most)
        weeks = (row["starts_at"] - self.maker.now).days / 7
        if weeks > 5:
            return 0
        if row["places"] <= MOST_A_SHIFT and chance.random() < 0.12 / (1 + weeks):
            return row["places"]
        return int(chance.random() ** (1 + weeks) * most)

    def _take(self, shift: Planned, wanted: int) -> None:
        chance, row = self.maker.chance, shift.row
        pool = self._neighbours(shift)
        for person in chance.sample(pool, min(len(pool), wanted * 2 + 6)):
            if row["taken"] >= wanted:
                break
            state = None
            if row["state"] == ShiftState.CANCELLED.value or chance.random() < 0.06:
                state = BookingState.CANCELLED
            elif self._is_past(shift):
                state = self._afterwards(shift)
            self._book(shift, person, state)
            if row["state"] == ShiftState.CANCELLED.value and chance.random() < 0.4:
                break

    def _afterwards(self, shift: Planned) -> BookingState:
        """Tell what became of a place; the last few days are not marked yet."""
        if self.maker.now - shift.row["ends_at"] < timedelta(days=3):
            return BookingState.CONFIRMED
        return self.maker.chance.choices(
            [BookingState.ATTENDED, BookingState.NO_SHOW], weights=[92, 8]
        )[0]

    def _book(self, shift: Planned, person: Someone, state: BookingState | None) -> bool:
        """Book one place unless that cannot be; `state` None means that it is simply held."""
        maker, chance, row = self.maker, self.maker.chance, shift.row
        start, end = row["starts_at"], row["ends_at"]
        state = state or BookingState.CONFIRMED
        live = state is not BookingState.CANCELLED
        if live and row["taken"] >= row["places"]:
            return False
        if any(begin < end and start < finish for begin, finish in self._busy[person.id]):
            return False
        earliest = max(shift.published_at, person.since, start - timedelta(days=30))
        latest = min(start - timedelta(hours=3), maker.now)
        if earliest >= latest:
            return False
        booked_at = earliest + (latest - earliest) * chance.random()
        self._busy[person.id].append((start, end))
        called_off = row["state"] == ShiftState.CANCELLED.value
        by = None
        cancelled_at = None
        if not live:
            by = CancelledBy.ORGANISATION if called_off else CancelledBy.VOLUNTEER
            cancelled_at = booked_at + (latest - booked_at) * chance.random()
        booking = maker.add(
            "booking",
            id=maker.id(booked_at),
            shift_id=row["id"],
            person_id=person.id,
            organisation_id=shift.organisation_id,
            state=state.value,
            period=Range(start, end),
            cancelled_by=by.value if by else None,
            booked_at=booked_at,
            cancelled_at=cancelled_at,
            reason="",
        )
        row["taken"] += live
        about: dict[str, Any] = {"shift": str(row["id"]), "person": str(person.id)}
        self._tell(Event.BOOKING_MADE, booking, booked_at, person.id, **about)
        if by is not None and cancelled_at is not None:
            who = person.id if by is CancelledBy.VOLUNTEER else shift.coordinator
            self._tell(Event.BOOKING_CANCELLED, booking, cancelled_at, who, by_whom=by, **about)
        elif state in {BookingState.ATTENDED, BookingState.NO_SHOW}:
            marked_at = min(end + timedelta(hours=chance.uniform(0.2, 20)), maker.now)
            self._tell(
                Event.ATTENDANCE_MARKED,
                booking,
                marked_at,
                shift.coordinator,
                shift=str(row["id"]),
                state=state.value,
            )
            if state is BookingState.ATTENDED:
                self._hours(shift, booking, marked_at)
        return True

    def _hours(self, shift: Planned, booking: dict[str, Any], marked_at: datetime) -> None:
        maker, chance = self.maker, self.maker.chance
        minutes = proposed_minutes(shift.row["starts_at"], shift.row["ends_at"])
        if chance.random() < 0.1:
            minutes = max(15, minutes - 30)
        confirmed_at = marked_at + timedelta(hours=chance.uniform(0.1, 30))
        # The freshest still wait for the coordinator.
        confirmed = confirmed_at < maker.now - timedelta(days=6)
        maker.add(
            "hours",
            id=maker.id(marked_at),
            booking_id=booking["id"],
            person_id=booking["person_id"],
            organisation_id=booking["organisation_id"],
            minutes=minutes,
            state=(HoursState.CONFIRMED if confirmed else HoursState.PROPOSED).value,
            # The database fills in role and day of a booking's hours.
            role_id=None,
            on_date=None,
            proposed_by=ProposedBy.ATTENDANCE.value,
            note="",
            disputed_by=None,
            disputed_minutes=None,
            dispute="",
            created_at=marked_at,
            confirmed_by=shift.coordinator if confirmed else None,
            confirmed_at=confirmed_at if confirmed else None,
        )
        if confirmed:
            self._tell(
                Event.HOURS_CONFIRMED,
                booking,
                confirmed_at,
                shift.coordinator,
                person=str(booking["person_id"]),
                minutes=minutes,
            )

    def _tell(
        self,
        event: Event,
        booking: dict[str, Any],
        at: datetime,
        by: UUID,
        *,
        by_whom: CancelledBy | None = None,
        **data: str | int,
    ) -> None:
        self.maker.happened(
            event,
            "booking",
            booking["id"],
            at,
            by=by,
            organisation=booking["organisation_id"],
            **data,
        )
        if by_whom is not None:
            self.maker.rows["history"][-1]["data"]["by"] = by_whom.value

    def _is_past(self, shift: Planned) -> bool:
        return shift.row["ends_at"] <= self.maker.now

    def _neighbours(self, shift: Planned) -> list[Someone]:
        if shift.point not in self._near:
            self._near[shift.point] = sorted(
                self.crowd.volunteers, key=lambda person: dist(shift.point, person.xy)
            )[:NEIGHBOURS]
        return self._near[shift.point]
