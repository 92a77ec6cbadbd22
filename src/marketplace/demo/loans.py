"""Who borrows what: the last ten weeks, today at the desk, and the weeks to come."""

import tomllib
from datetime import date, datetime, timedelta
from math import dist
from typing import Any
from uuid import UUID

from marketplace import clock, paths
from marketplace.demo.crowd import Crowd, Someone
from marketplace.demo.maker import Maker
from marketplace.demo.shelves import Shelf, Unit
from marketplace.things.rules import (
    CancelledBy,
    Event,
    Kind,
    OccupancyState,
    Period,
    ReservationState,
    UnitState,
)

DAYS_BEHIND = 70
DAYS_AHEAD = 40
NEIGHBOURS = 60
# How PostgreSQL's driver writes "for good": what a broken unit is blocked until.
FOR_GOOD = datetime.max

_SAID = tomllib.loads((paths.PACKAGE / "demo" / "words" / "remarks.toml").read_text("utf-8"))


class Loans:
    """Lend so that no unit is in two places at once."""

    def __init__(self, maker: Maker, crowd: Crowd, shelves: list[Shelf]) -> None:
        self.maker = maker
        self.crowd = crowd
        self.shelves = shelves
        self._near: dict[str, list[Someone]] = {}
        self._came_back: dict[UUID, tuple[dict[str, Any], dict[str, Any]]] = {}
        # Those who run a group borrow for it.
        self._group: dict[UUID, UUID] = {
            row["person_id"]: row["organisation_id"] for row in maker.rows["membership"]
        }

    def lend(self) -> None:
        """Fill the desk of the demo's librarian first, then every shelf."""
        self._borrower()
        self._desk()
        for shelf in self.shelves:
            # Some things are never on the shelf, some always; the first units go out first.
            gap = self.maker.chance.choice((8, 20, 45, 90))
            for number, unit in enumerate(shelf.units):
                breaks = (
                    shelf.row["kind"] == Kind.THING.value
                    and unit is not shelf.units[0]
                    and not unit.busy
                    and self.maker.chance.random() < 0.06
                )
                last = self._through(shelf, unit, gap + 15 * number, breaks=breaks)
                if breaks:
                    self._break(shelf, unit, last)

    def _shelf(self, title: str, site: str = "steps") -> Shelf:
        return next(
            each for each in self.shelves if each.row["title"] == title and each.site.key == site
        )

    def _at(self, shelf: Shelf, first: int, last: int) -> tuple[date, date]:
        """Give open days so many days from today; the last is never before the first."""
        today, site = self.maker.today, shelf.site
        start = site.open_from(today + timedelta(days=first))
        return start, max(start, site.open_from(today + timedelta(days=last), -1))

    def _borrower(self) -> None:
        """Give the demo's borrower a past, something at home and something to look forward to."""
        joel = self.crowd.known["Borrower"]
        for title, first, last, state in (
            ("Carpet cleaner", -47, -45, ReservationState.RETURNED),
            ("Projector", -24, -22, ReservationState.RETURNED),
            ("Gazebo, 3 by 3 metres", -15, -13, ReservationState.CANCELLED),
            ("Sewing machine", -5, 2, ReservationState.OUT),
            ("Four-person tent", 15, 18, ReservationState.RESERVED),
        ):
            shelf = self._shelf(title)
            self._lend(shelf, shelf.units[0], joel, self._at(shelf, first, last), state)

    def _desk(self) -> None:
        """Make a morning at the library's desk: one overdue, some to collect, some to return."""
        out, reserved = ReservationState.OUT, ReservationState.RESERVED
        for title, first, last, state in (
            ("Projector", -6, -2, out),
            ("Ukulele", -9, 0, out),
            ("Laptop with mobile data", -6, 0, out),
            ("Nordic walking poles", -12, 0, out),
            ("Cordless drill driver", 0, 3, reserved),
            ("Wheelchair", 0, 8, reserved),
            ("Travel cot with mattress", 0, 5, reserved),
            ("Table easel and board", -1, 4, reserved),
        ):
            shelf = self._shelf(title)
            self._lend(shelf, shelf.units[-1], self._somebody(shelf), self._at(shelf, first, last),
                       state)  # fmt: skip

    def _through(
        self, shelf: Shelf, unit: Unit, gap: int, *, breaks: bool
    ) -> dict[str, Any] | None:
        """Lend one unit again and again; gives its last loan that came back."""
        maker, chance, site = self.maker, self.maker.chance, shelf.site
        last_back = None
        day = maker.today + timedelta(days=chance.randint(0, gap) - DAYS_BEHIND)
        until = maker.today + timedelta(days=-1 if breaks else DAYS_AHEAD)
        while True:
            first = site.open_from(day)
            longest = chance.choice((1, 2, 3, 4, 7, shelf.row["max_days"]))
            days = min(longest, shelf.row["max_days"])
            last = max(first, site.open_from(first + timedelta(days=days - 1), -1))
            if last >= until:
                return last_back
            state = self._what_became(shelf.period(first, last), first)
            row = self._lend(shelf, unit, self._somebody(shelf), (first, last), state)
            day = last + timedelta(days=2 + int(chance.expovariate(1 / gap)))
            if row and row["returned_at"]:
                last_back = row
                day = max(day, row["returned_at"].date() + timedelta(days=1))

    def _what_became(self, said: Period, first: date) -> ReservationState:
        now, roll = self.maker.now, self.maker.chance.random()
        if said.ends_at <= now:
            if roll < 0.9:
                return ReservationState.RETURNED
            return ReservationState.CANCELLED if roll < 0.97 else ReservationState.NOT_COLLECTED
        if roll > 0.95:
            return ReservationState.CANCELLED
        if first < self.maker.today:
            return ReservationState.OUT
        return ReservationState.RESERVED

    def _somebody(self, shelf: Shelf) -> Someone:
        """Choose somebody who lives near, or now and then somebody of a group."""
        if self.maker.chance.random() < 0.12:
            team = self.maker.chance.choice(list(self.crowd.staff.values()))
            return team[0][0]
        key = shelf.site.key
        if key not in self._near:
            point = shelf.site.row["point"]
            everybody = sorted(
                self.crowd.volunteers, key=lambda each: dist((point.x, point.y), each.xy)
            )
            self._near[key] = everybody[:NEIGHBOURS]
        return self.maker.chance.choice(self._near[key])

    def _lend(
        self,
        shelf: Shelf,
        unit: Unit,
        person: Someone,
        days: tuple[date, date],
        state: ReservationState,
    ) -> dict[str, Any] | None:
        """Make one reservation and what became of it, unless that cannot be."""
        maker, (first, last) = self.maker, days
        said = shelf.period(first, last)
        notice = timedelta(days=shelf.row["notice_days"], hours=2)
        latest = min(said.starts_at - notice, maker.now - timedelta(minutes=5))
        earliest = max(shelf.row["published_at"], person.since, said.starts_at - timedelta(days=25))
        if earliest >= latest or not unit.free(said):
            return None
        reserved_at = maker.between(earliest, latest)
        row = maker.add(
            "reservation",
            id=maker.id(reserved_at),
            thing_id=shelf.row["id"],
            organisation_id=shelf.row["organisation_id"],
            person_id=person.id,
            for_organisation_id=self._group.get(person.id),
            state=state.value,
            first_day=first,
            last_day=last,
            zone=clock.LONDON.key,
            starts_at=said.starts_at,
            ends_at=said.ends_at,
            unit_id=None,
            reserved_at=reserved_at,
            out_at=None,
            out_by=None,
            condition_out="",
            returned_at=None,
            returned_by=None,
            condition_in="",
            needs_repair=False,
            cancelled_at=None,
            cancelled_by=None,
            reason="",
        )
        self._tell(Event.RESERVATION_MADE, row, reserved_at, person.id)
        occupied = maker.add(
            "occupancy",
            id=maker.id(reserved_at),
            thing_id=shelf.row["id"],
            unit_id=unit.row["id"],
            reservation_id=row["id"],
            reason="",
            state=OccupancyState.HELD.value,
            blocked_from=said.blocked_from,
            blocked_until=said.blocked_until,
        )
        match state:
            case ReservationState.CANCELLED:
                self._cancel(shelf, row, occupied)
            case ReservationState.NOT_COLLECTED:
                occupied["state"] = OccupancyState.RELEASED.value
                at = min(said.ends_at + timedelta(hours=1), maker.now)
                self._tell(Event.RESERVATION_NOT_COLLECTED, row, at, self._clerk(shelf))
            case ReservationState.OUT | ReservationState.RETURNED:
                self._hand_over(shelf, unit, row, occupied)
                if state is ReservationState.RETURNED:
                    self._take_back(shelf, row, occupied)
            case _:
                pass
        if occupied["state"] != OccupancyState.RELEASED.value:
            unit.busy.append((occupied["blocked_from"], occupied["blocked_until"]))
        return row

    def _clerk(self, shelf: Shelf) -> UUID:
        return self.maker.chance.choice(shelf.site.desk).id

    def _on(self, shelf: Shelf, day: date) -> datetime:
        """Choose an instant of a day while the desk is open, and not after now."""
        day_hours = shelf.site.hours(day)
        opens, closes = (clock.instant(day, at) for at in (day_hours[0][0], day_hours[-1][1]))
        return min(self.maker.between(opens, closes), self.maker.now)

    def _cancel(self, shelf: Shelf, row: dict[str, Any], occupied: dict[str, Any]) -> None:
        maker, chance = self.maker, self.maker.chance
        lender = chance.random() < 0.2
        at = maker.between(row["reserved_at"], min(row["starts_at"], maker.now))
        by = CancelledBy.LENDER if lender else CancelledBy.BORROWER
        row |= {
            "cancelled_at": at,
            "cancelled_by": by.value,
            "reason": chance.choice(_SAID["called_off"]) if lender else "",
        }
        occupied["state"] = OccupancyState.RELEASED.value
        who = self._clerk(shelf) if lender else row["person_id"]
        self._tell(Event.RESERVATION_CANCELLED, row, at, who)["data"]["by"] = by.value

    def _hand_over(
        self, shelf: Shelf, unit: Unit, row: dict[str, Any], occupied: dict[str, Any]
    ) -> None:
        chance = self.maker.chance
        row |= {
            "unit_id": unit.row["id"],
            "out_at": self._on(shelf, row["first_day"]),
            "out_by": self._clerk(shelf),
            "condition_out": chance.choice(_SAID["handed"]) if chance.random() < 0.25 else "",
        }
        occupied["state"] = OccupancyState.OUT.value
        self._tell(
            Event.LOAN_HANDED_OVER, row, row["out_at"], row["out_by"], unit=str(unit.row["id"])
        )

    def _take_back(self, shelf: Shelf, row: dict[str, Any], occupied: dict[str, Any]) -> None:
        maker, chance = self.maker, self.maker.chance
        day = row["last_day"]
        late = shelf.site.open_from(day + timedelta(days=1))
        if chance.random() < 0.06 and late < maker.today:
            day = late
        at = max(self._on(shelf, day), min(row["out_at"] + timedelta(minutes=20), maker.now))
        row |= {
            "returned_at": at,
            "returned_by": self._clerk(shelf),
            "condition_in": chance.choice(_SAID["returned"]) if chance.random() < 0.6 else "",
        }
        # As the desk does it: the turnaround from now on, and never longer than was planned.
        until = at + timedelta(hours=shelf.row["hours_after"])
        turnaround = until > max(at, occupied["blocked_from"])
        state = OccupancyState.TURNAROUND if turnaround else OccupancyState.RELEASED
        earliest = occupied["blocked_from"] + timedelta(seconds=1)
        occupied["state"] = state.value
        occupied["blocked_until"] = min(occupied["blocked_until"], max(until, earliest))
        told = self._tell(
            Event.LOAN_RETURNED, row, at, row["returned_by"],
            unit=str(row["unit_id"]), condition="good",
        )  # fmt: skip
        self._came_back[row["id"]] = occupied, told

    def _break(self, shelf: Shelf, unit: Unit, last: dict[str, Any] | None) -> None:
        """Put a unit aside: since its last loan, or since somebody looked at it."""
        maker, chance = self.maker, self.maker.chance
        if last is not None:
            at = last["returned_at"]
            last |= {"needs_repair": True, "condition_in": chance.choice(_SAID["broken"])}
            occupied, told = self._came_back[last["id"]]
            occupied["state"] = OccupancyState.RELEASED.value
            told["data"]["condition"] = "needs_repair"
        else:
            at = maker.ago(3, 20)
            maker.happened(
                Event.UNIT_CHANGED,
                "unit",
                unit.row["id"],
                at,
                by=self._clerk(shelf),
                organisation=shelf.row["organisation_id"],
                state=UnitState.IN_REPAIR.value,
            )
        unit.row |= {"state": UnitState.IN_REPAIR.value, "note": chance.choice(_SAID["repair"])}
        maker.add(
            "occupancy",
            id=maker.id(at),
            thing_id=shelf.row["id"],
            unit_id=unit.row["id"],
            reservation_id=None,
            reason="repair",
            state=OccupancyState.BLOCKED.value,
            blocked_from=at,
            blocked_until=FOR_GOOD,
        )

    def _tell(
        self, event: Event, row: dict[str, Any], at: datetime, by: UUID, **data: str
    ) -> dict[str, Any]:
        return self.maker.happened(
            event,
            "reservation",
            row["id"],
            at,
            by=by,
            organisation=row["organisation_id"],
            thing=str(row["thing_id"]),
            person=str(row["person_id"]),
            **data,
        )
