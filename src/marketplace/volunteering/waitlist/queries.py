"""Reading waitlists: one person's own, and a shift's for those who run it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.queries import names
from marketplace.errors import NotFound
from marketplace.offers import queries as offers
from marketplace.offers import steps as queue
from marketplace.offers.queries import Entry
from marketplace.offers.rules import EntryState, Mode, too_soon
from marketplace.permissions import Actor
from marketplace.volunteering.private_places import hide
from marketplace.volunteering.queries import place_words
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.volunteering.waitlist.steps import SHIFT


@dataclass(frozen=True, slots=True)
class WaitingView:
    """One entry as the person who waits sees it; `position` is 1 for the next, 0 when asked.

    `minimum_age` is the role's, in years.
    """

    entry: Entry
    state: EntryState
    position: int
    shift_id: UUID
    opportunity_id: UUID
    title: str
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    place: str
    getting_there: str
    note: str
    minimum_age: int

    @property
    def id(self) -> UUID:
        """Give the entry's id."""
        return self.entry.id

    @property
    def period(self) -> str:
        """Write when the shift is."""
        return clock.period_words(self.starts_at, self.ends_at)

    @property
    def answer_by(self) -> str:
        """Write until when an offer stands, "" without one."""
        return clock.moment_words(self.entry.expires_at) if self.entry.expires_at else ""

    @property
    def offered(self) -> bool:
        """Tell whether a place is theirs for the taking."""
        return self.state is EntryState.OFFERED

    @property
    def waiting(self) -> bool:
        """Tell whether they wait."""
        return self.state is EntryState.WAITING

    @property
    def chosen(self) -> bool:
        """Tell whether the organisation chooses who gets a place."""
        return self.entry.mode is Mode.CHOOSE


_SELECT = (
    f"SELECT {offers.COLUMNS}, {offers.POSITION} AS position, s.id AS shift_id,"
    " o.id AS opportunity_id, o.title, g.name AS organisation_name, s.starts_at, s.ends_at,"
    " o.place_name, o.town, o.postcode, o.place_private, o.getting_there, s.note, r.minimum_age"
    f" {offers.TABLES} JOIN shift s ON q.subject_type = 'shift' AND s.id = q.subject_id"
    " JOIN role r ON r.id = s.role_id JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = o.organisation_id"
)
# An offer that has run out is over, also where nobody has noted it yet.
_LIVE = "(e.state = 'waiting' OR e.state = 'offered' AND e.expires_at > now())"
# Of all who wait on a shift, that there is somebody: one row is enough.
_NEXT = (
    "(SELECT min(next.place) FROM offer_entry next"
    " WHERE next.queue_id = e.queue_id AND next.state = 'waiting')"
)


def _view(row: dict[str, Any]) -> WaitingView:
    entry = offers.entry_of(row)
    state = entry.state_at(clock.now())
    position = row.pop("position")
    hide(row)
    place = place_words(row.pop("place_name"), row.pop("town"), row.pop("postcode"))
    return WaitingView(
        entry=entry,
        state=state,
        position=position if state is EntryState.WAITING else 0,
        place=place,
        **row,
    )


async def waiting(actor: Actor, entry_id: UUID) -> WaitingView:
    """Read one of the actor's own entries, live or ended.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    row = await db.fetch_one(
        f"{_SELECT} WHERE e.id = {{}} AND e.person_id = {{}}", entry_id, actor.require_person()
    )
    if row is None:
        raise NotFound(queue.NO_SUCH)
    return _view(row)


async def waiting_for(actor: Actor, shift_id: UUID) -> WaitingView | None:
    """Read the actor's live entry on a shift, if there is one."""
    row = await db.fetch_one(
        f"{_SELECT} WHERE s.id = {{}} AND e.person_id = {{}} AND {_LIVE}",
        shift_id,
        actor.require_person(),
    )
    return _view(row) if row else None


async def mine(actor: Actor) -> list[WaitingView]:
    """List what the actor waits for and is offered, soonest shift first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        f"{_SELECT} WHERE e.person_id = {{}} AND s.starts_at > now() AND {_LIVE}"
        " ORDER BY s.starts_at LIMIT 50",
        actor.require_person(),
    )
    return [_view(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """Of some shifts: where the actor has an entry, and where free places go to who waits."""

    mine: dict[UUID, Entry]
    queued: set[UUID]


async def standing(actor: Actor, shift_ids: list[UUID]) -> Standing:
    """Read what a list of shifts has to say about waiting."""
    rows = await db.fetch(
        f"SELECT {offers.COLUMNS}, s.starts_at {offers.TABLES} JOIN shift s ON s.id = q.subject_id"
        f" WHERE q.subject_type = 'shift' AND q.subject_id = ANY({{}}::uuid[]) AND {_LIVE}"
        f" AND (e.person_id = {{}} OR e.place = {_NEXT})",
        shift_ids,
        actor.person_id,
    )
    found, now = Standing({}, set()), clock.now()
    for row in rows:
        starts_at = row.pop("starts_at")
        entry = offers.entry_of(row)
        if actor.is_self(entry.person_id):
            found.mine[entry.subject.id] = entry
        if entry.state is EntryState.WAITING and not too_soon(now, starts_at):
            found.queued.add(entry.subject.id)
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person on a shift's list, as those who run the shift see it; `position` 1 is next."""

    entry_id: UUID
    person_id: UUID
    name: str
    offered: bool
    position: int
    answer_by: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Waitlist:
    """A shift's list in order, and who is offered what comes free."""

    mode: Mode
    rows: list[Waiting]

    @property
    def chosen(self) -> bool:
        """Tell whether the organisation chooses who gets a place."""
        return self.mode is Mode.CHOOSE


async def waitlist(shift: ShiftView) -> Waitlist:
    """Read a shift's list; showing it to a person goes through `operations.look_at_waitlist`."""
    now = clock.now()
    live = [
        entry for entry in await offers.live(SHIFT, shift.id) if entry.state_at(now) is entry.state
    ]
    known = await names([entry.person_id for entry in live])
    return Waitlist(
        mode=await offers.mode(SHIFT, shift.id) or Mode.FIRST_COME,
        rows=[
            Waiting(
                entry_id=entry.id,
                person_id=entry.person_id,
                name=known[entry.person_id],
                offered=entry.state is EntryState.OFFERED,
                position=sum(
                    each.state is EntryState.WAITING and each.place <= entry.place for each in live
                ),
                answer_by=clock.moment_words(entry.expires_at) if entry.expires_at else "",
                since=entry.joined_at,
            )
            for entry in live
        ],
    )


async def chosen(shift_id: UUID) -> bool:
    """Tell whether the organisation chooses who gets a free place."""
    return await offers.mode(SHIFT, shift_id) is Mode.CHOOSE
