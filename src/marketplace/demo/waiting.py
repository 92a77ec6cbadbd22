"""Full shifts with people who wait, and a place that came free and is offered."""

from collections import defaultdict
from collections.abc import Set
from datetime import datetime, timedelta
from math import dist
from typing import Any
from uuid import UUID

from marketplace import clock
from marketplace.demo.crowd import Someone
from marketplace.demo.programme import Planned
from marketplace.demo.scene import Scene
from marketplace.offers.rules import EntryState, Mode, expiry
from marketplace.offers.rules import Event as OfferEvent
from marketplace.volunteering.rules import BookingState, CancelledBy, Event

# Who ever booked a shift.
Booked = dict[UUID, list[UUID]]

_QUEUES = 8
_OFFERED_HOURS_AGO = 1


def wait(scene: Scene, closed: Set[UUID]) -> None:
    """Queue people for full shifts, except of opportunities whose roles not everybody may take."""
    booked: Booked = defaultdict(list)
    for row in scene.maker.rows["booking"]:
        booked[row["shift_id"]].append(row["person_id"])
    full = [
        shift
        for shift in scene.ahead(4)
        if shift.row["taken"] == shift.row["places"] and shift.opportunity_id not in closed
    ]
    mine = sorted(
        (shift for shift in full if _could(scene, booked, shift)),
        key=lambda shift: dist(shift.point, scene.priya.xy),
    )
    if mine:
        _offer(scene, booked, mine[0])
    others = [shift for shift in full if shift not in mine[:1]][:_QUEUES]
    for number, shift in enumerate(others):
        queue = _queue(scene, shift, Mode.CHOOSE if number == 2 else Mode.FIRST_COME)
        people = scene.strangers(shift, booked[shift.row["id"]], 1 + number % 3)
        if shift in mine[1:2]:
            people.insert(0, scene.priya)
        for place, person in enumerate(people, 1):
            _entry(scene, queue, person, place)


def _could(scene: Scene, booked: Booked, shift: Planned) -> bool:
    return scene.priya.id not in booked[shift.row["id"]] and scene.diaries.free(scene.priya, shift)


def _offer(scene: Scene, booked: Booked, shift: Planned) -> None:
    """Let somebody give a place back, and hold it for Priya."""
    given = next(
        row
        for row in scene.maker.rows["booking"]
        if row["shift_id"] == shift.row["id"] and row["state"] == BookingState.CONFIRMED
    )
    at = scene.maker.now - timedelta(hours=_OFFERED_HOURS_AGO)
    joined = at - timedelta(minutes=40)
    given["booked_at"] = min(given["booked_at"], joined - timedelta(hours=20))
    for entry in scene.maker.rows["history"]:
        if entry["subject_id"] == given["id"]:
            entry["at"] = given["booked_at"]
    given |= {
        "state": BookingState.CANCELLED.value,
        "cancelled_by": CancelledBy.VOLUNTEER.value,
        "cancelled_at": at,
    }
    shift.row["taken"] -= 1
    shift.row["held"] = 1
    scene.tell(
        Event.BOOKING_CANCELLED,
        "booking",
        given,
        at,
        given["person_id"],
        shift=str(shift.row["id"]),
        person=str(given["person_id"]),
    )
    scene.maker.rows["history"][-1]["data"]["by"] = CancelledBy.VOLUNTEER.value
    queue = _queue(scene, shift, Mode.FIRST_COME)
    mine = _entry(scene, queue, scene.priya, 1, joined)
    until = expiry(at, shift.row["starts_at"], clock.LONDON)
    mine |= {"state": EntryState.OFFERED.value, "offered_at": at, "expires_at": until}
    _tell(scene, OfferEvent.OFFERED, mine, queue, at, None)
    behind = scene.strangers(shift, [*booked[shift.row["id"]], scene.priya.id], 2)
    for place, person in enumerate(behind, 2):
        _entry(scene, queue, person, place, joined + timedelta(minutes=5 * place))


def _queue(scene: Scene, shift: Planned, mode: Mode) -> dict[str, Any]:
    at = scene.maker.ago(1.5, 3)
    return scene.maker.add(
        "offer_queue",
        id=scene.maker.id(at),
        subject_type="shift",
        subject_id=shift.row["id"],
        organisation_id=shift.organisation_id,
        mode=mode.value,
        created_at=at,
    )


def _entry(
    scene: Scene, queue: dict[str, Any], person: Someone, place: int, joined: datetime | None = None
) -> dict[str, Any]:
    at: datetime = joined or queue["created_at"] + timedelta(hours=5 * place)
    row = scene.maker.add(
        "offer_entry",
        id=scene.maker.id(at),
        queue_id=queue["id"],
        person_id=person.id,
        place=place,
        state=EntryState.WAITING.value,
        joined_at=at,
        offered_at=None,
        expires_at=None,
    )
    _tell(scene, OfferEvent.JOINED, row, queue, at, person.id)
    return row


def _tell(
    scene: Scene,
    event: OfferEvent,
    row: dict[str, Any],
    queue: dict[str, Any],
    at: datetime,
    by: UUID | None,
) -> None:
    scene.tell(
        event,
        "offer",
        row,
        at,
        by,
        queue["organisation_id"],
        subject=str(queue["subject_id"]),
        of="shift",
        person=str(row["person_id"]),
    )
