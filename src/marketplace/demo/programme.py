"""What the organisations ask for: opportunities, and shifts round today."""

import calendar
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import clock, places
from marketplace.demo.groups import GROUPS, Group
from marketplace.demo.maker import Maker
from marketplace.demo.roles import ROLES, Role
from marketplace.volunteering.rules import (
    UNPUBLISHED,
    Event,
    OpportunityState,
    ShiftState,
    Timing,
    period,
)

WEEKS_AHEAD = 8
WEEKS_BEHIND = 6
ROLES_EACH = 5
MOST_USES = 6

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# These need water, an altar or a hospital; no organisation gets them without asking.
_ROOTED = frozenset(
    {"beach", "sailing", "river", "cathedral", "mosque", "ward", "flood", "hospice", "swim"}
    | {"donkeys", "museum", "theatre"}
)
_SAINTS = ("St Cedd’s", "St Osyth’s", "St Alban’s", "All Saints", "St Helena’s", "Holy Trinity")
_ELSEWHERE = {
    "readers": "{saint} primary school",
    "breakfast": "{saint} primary school",
    "ward": "the hospital’s main entrance",
    "swim": "the leisure centre",
    "football": "the recreation ground",
    "parkrun": "the park gates",
    "scouts": "the scout hut",
    "market": "the market square",
    "vaccine": "the community centre",
    "walks": "the library steps",
    "digital": "the library",
    "lunch": "{saint} church hall",
    "lunchserve": "{saint} church hall",
}
_GETTING_THERE = (
    "Ten minutes’ walk from the station. Bicycles can be locked inside the gate.",
    "Free parking on the left. Step-free from the car park.",
    "The 31 and 36 buses stop outside.",
    "Look for the green door; the bell works if you hold it.",
    "Best on foot: parking is for permit holders until six.",
    "Share a lift with us if you live along the way; ask when you book.",
    "There is one step at the entrance, and a ramp we can put down.",
    "Satnavs send you to the farm. Carry on past the church instead.",
    "",
    "",
)
_EXPENSES = (
    "Bus fares and car parking are paid back the same day.",
    "55p a mile, and lunch if you stay past one.",
    "We can pay for childcare while you are with us. Please ask.",
    "Public transport is paid back with a ticket or a screenshot.",
    "",
    "",
)
_AVAILABILITY = (
    "About an hour a week, at a time you agree between you.",
    "Two or three hours a month, in the daytime or the evening.",
    "Once a month, on a day of your choosing.",
    "As often as suits: some do it weekly, some every school holiday.",
)


def _named(said: str) -> frozenset[int]:
    """Give the weekdays that a wording names, Monday being 0."""
    low = said.lower()
    days = {number for number, name in enumerate(calendar.day_name) if name.lower() in low}
    return frozenset(days | ({5, 6} if "weekend" in low else set()))


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift with what the bookings need to know about it."""

    row: dict[str, Any]
    opportunity_id: UUID
    organisation_id: UUID
    coordinator: UUID
    point: tuple[float, float]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """An opportunity with its first role, and who does what there."""

    group: Group
    role: Role
    opportunity: dict[str, Any]
    row: dict[str, Any]
    coordinator: UUID

    @property
    def organisation_id(self) -> UUID:
        """Tell whose it is."""
        return self.opportunity["organisation_id"]


class Programme:
    """Give every organisation its opportunities, each worded as nobody near says it."""

    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.shifts: list[Planned] = []
        self.posted: list[Posted] = []
        self._wordings: dict[str, Counter[int]] = defaultdict(Counter)
        self._said_in: set[tuple[str, int, str]] = set()

    def choose(self) -> dict[str, list[Role]]:
        """Give each organisation its roles: its own, and little used ones of its causes.

        One that has none of its own asks for no volunteers.
        """
        chosen = {group.name: [ROLES[key] for key in group.roles] for group in GROUPS}
        uses = Counter(role.key for roles in chosen.values() for role in roles)
        for group in GROUPS:
            mine = chosen[group.name]
            wanted = ROLES_EACH + (group.kind == "charity")
            while mine and group.state == "approved" and len(mine) < wanted:
                fitting = [
                    role
                    for role in ROLES.values()
                    if role not in mine
                    and role.key not in _ROOTED
                    and uses[role.key] < MOST_USES
                    and set(role.causes) & {*group.causes, "community"}
                ]
                if not fitting:
                    break
                extra = min(fitting, key=lambda role: uses[role.key])
                mine.append(extra)
                uses[extra.key] += 1
        return chosen

    def find(self, group: str, role: str) -> Posted:
        """Give what an organisation asks for by the keys of the words."""
        return next(
            each for each in self.posted if (each.group.name, each.role.key) == (group, role)
        )

    def add(
        self,
        group: Group,
        organisation: dict[str, Any],
        role: Role,
        coordinator: tuple[UUID, str],
        *,
        state: OpportunityState | None = None,
        timing: Timing | None = None,
    ) -> Posted:
        """Add one opportunity with its shifts; chance says what is not said."""
        maker, chance = self.maker, self.maker.chance
        wording = self._wording(role, group)
        use = self._wordings[role.key].total()
        flagship = group is GROUPS[0] and role.key == "garden"
        venue = _ELSEWHERE.get(role.key, group.venue).format(saint=chance.choice(_SAINTS))
        if flagship:
            venue = group.venue
        slots = {"place": venue, "town": group.town, "org": group.name}
        state = state or self._state(group, flagship)
        if timing is None:
            flexible = not role.when and use % 3 == 2
            timing = Timing.FLEXIBLE if flexible else Timing.SHIFTS
        flexible = timing is not Timing.SHIFTS
        public = state not in UNPUBLISHED
        published_at = max(maker.ago(45, 170), organisation["approved_at"] or maker.ago(3, 10))
        created_at = published_at - timedelta(days=chance.uniform(0.1, 3))
        point = maker.near(group.town, 900)
        if flagship and (outward := places.outward_code(group.outward)):
            # The nearest of all to whoever asks for "gardening near CM1".
            point = Point(outward.point[0] + 300, outward.point[1] - 400)
        opportunity = maker.add(
            "opportunity",
            id=maker.id(created_at),
            organisation_id=organisation["id"],
            title=role.wordings[wording][0].format(**slots),
            summary=role.wordings[wording][1].format(**slots),
            description=role.bodies[wording % len(role.bodies)].format(**slots),
            state=state.value,
            causes=role.causes,
            skills=role.skills,
            remote=role.remote,
            place_name="" if role.remote else venue[0].upper() + venue[1:],
            town="" if role.remote else group.town,
            postcode="" if role.remote else maker.postcode(group.outward),
            point=None if role.remote else point,
            getting_there="" if role.remote else chance.choice(_GETTING_THERE),
            expenses=chance.choice(_EXPENSES),
            contact_name=coordinator[1],
            contact_how=organisation["contact_email"] if flexible else "",
            expenses_paid="",
            access=[],
            support=[],
            timing=timing.value,
            availability=chance.choice(_AVAILABILITY) if flexible else "",
            created_by=coordinator[0],
            created_at=created_at,
            published_at=published_at if public else None,
            submitted_at=None,
            accepted_at=published_at if public else None,
            accepted_text=None,
            moderator_note="",
            recheck_since=None,
            touched_at=published_at if public else created_at,
            asked_at=None,
            faded_at=None,
        )
        if public:
            self._happened(Event.OPPORTUNITY_PUBLISHED, opportunity, published_at)
        if state is OpportunityState.CLOSED:
            self._happened(Event.OPPORTUNITY_CLOSED, opportunity, maker.ago(1, 20))
        if state is OpportunityState.CANCELLED:
            self._happened(Event.OPPORTUNITY_CANCELLED, opportunity, maker.ago(1, 20))
        row = maker.add(
            "role",
            id=maker.id(created_at),
            opportunity_id=opportunity["id"],
            title=role.title,
            description="",
            position=0,
            minimum_age=role.age,
            wanted=role.places,
            least_needed=0,
            skills=[],
        )
        posted = Posted(group, role, opportunity, row, coordinator[0])
        self.posted.append(posted)
        if not flexible:
            planned = Planned(
                row,
                opportunity["id"],
                organisation["id"],
                coordinator[0],
                (point.x, point.y),
                published_at,
            )
            named = _named(f"{opportunity['title']} {opportunity['summary']}")
            self._plan(role, planned, state, use, named, fixed=flagship)
        return posted

    def _wording(self, role: Role, group: Group) -> int:
        """Choose how to say it: not as somebody in the same district does, if that can be."""
        located = places.resolve(group.town)
        district = (located.district if located else None) or ""
        used = self._wordings[role.key]
        first = sum(map(ord, role.key)) % 3 if group is not GROUPS[0] else 0
        wording = min(
            ((first + step) % 3 for step in range(3)),
            key=lambda number: ((role.key, number, district) in self._said_in, used[number]),
        )
        used[wording] += 1
        self._said_in.add((role.key, wording, district))
        return wording

    def _state(self, group: Group, flagship: bool) -> OpportunityState:
        if group.state != "approved":
            return OpportunityState.DRAFT
        if flagship:
            return OpportunityState.OPEN
        return self.maker.chance.choices(
            [
                OpportunityState.OPEN,
                OpportunityState.DRAFT,
                OpportunityState.CLOSED,
                OpportunityState.CANCELLED,
            ],
            weights=[92, 3, 3, 2],
        )[0]

    def _happened(self, event: Event, opportunity: dict[str, Any], at: datetime) -> None:
        self.maker.happened(
            event,
            "opportunity",
            opportunity["id"],
            at,
            by=opportunity["created_by"],
            organisation=opportunity["organisation_id"],
        )

    def _plan(
        self,
        role: Role,
        planned: Planned,
        state: OpportunityState,
        use: int,
        named: frozenset[int],
        *,
        fixed: bool,
    ) -> None:
        """Add the shifts: some weeks back where it has been running, and the weeks to come."""
        if state in {OpportunityState.DRAFT, OpportunityState.CANCELLED}:
            return
        chance = self.maker.chance
        when = role.when or ("tue 18:30",)
        every = role.every if role.when else 4
        minutes = role.minutes if role.when else 60
        moved = 0 if fixed else chance.choice((-60, -30, 0, 0, 0, 30, 60))
        # What is said to be on a Thursday is.
        when = tuple(one for one in when if _DAYS.index(one[:3]) in named) or when
        shifted = 0 if fixed or named else use % 5
        phase = 0 if fixed else chance.randrange(every)
        running = fixed or chance.random() < 0.5
        today = self.maker.now.astimezone(clock.LONDON).date()
        monday = today - timedelta(days=today.weekday())
        first = -WEEKS_BEHIND if running else 0
        over = {OpportunityState.CLOSED, OpportunityState.PAUSED, OpportunityState.EXPIRED}
        last = 0 if state in over else WEEKS_AHEAD + 1
        added = 0
        for week in range(first, last):
            if (week + phase) % every:
                continue
            for one in when:
                name, start = one.split()
                number = _DAYS.index(name)
                if number < 5:
                    number = (number + shifted) % 5
                day = monday + timedelta(weeks=week, days=number)
                added += self._shift(planned, role, day, start, minutes, moved, running)
        if not added and state is OpportunityState.OPEN:
            day = today + timedelta(days=10)
            while named and day.weekday() not in named:
                day += timedelta(days=1)
            self._shift(planned, role, day, "10:00", minutes, 0, running)

    def _shift(
        self,
        planned: Planned,
        role: Role,
        day: Any,
        start: str,
        minutes: int,
        moved: int,
        running: bool,
    ) -> int:
        """Add one shift, and tell how many of them lie ahead: one or none."""
        maker = self.maker
        begins = datetime.combine(day, time.fromisoformat(start)) + timedelta(minutes=moved)
        ends = begins + timedelta(minutes=minutes)
        said = period(
            begins.date(),
            begins.time(),
            ends.time(),
            ends_next_day=ends.date() > begins.date(),
            zone=clock.LONDON,
        )
        if said.starts_at < planned.published_at or (said.starts_at <= maker.now and not running):
            return 0
        ahead = said.starts_at > maker.now
        called_off = ahead and maker.chance.random() < 0.01
        row = maker.add(
            "shift",
            id=maker.id(planned.published_at),
            role_id=planned.row["id"],
            opportunity_id=planned.opportunity_id,
            state=(ShiftState.CANCELLED if called_off else ShiftState.PLANNED).value,
            starts_at=said.starts_at,
            ends_at=said.ends_at,
            local_start=said.local_start,
            local_end=said.local_end,
            zone=clock.LONDON.key,
            places=role.places,
            least_needed=0,
            taken=0,
            held=0,
            note="",
            series_id=None,
            series_start=None,
        )
        self._tell(Event.SHIFT_PLANNED, row["id"], planned, planned.published_at)
        if called_off:
            self._tell(Event.SHIFT_CANCELLED, row["id"], planned, maker.ago(0.1, 2))
        self.shifts.append(replace(planned, row=row))
        return int(ahead and not called_off)

    def _tell(self, event: Event, shift: UUID, planned: Planned, at: datetime) -> None:
        self.maker.happened(
            event, "shift", shift, at, by=planned.coordinator, organisation=planned.organisation_id
        )
