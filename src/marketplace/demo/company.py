"""Groups with a captain, and people without e-mail for whom the volunteer centre books."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.demo.crowd import Someone
from marketplace.demo.programme import Planned
from marketplace.demo.scene import Scene, words
from marketplace.volunteering.assisted.rules import WORDS
from marketplace.volunteering.assisted.rules import Event as AssistedEvent
from marketplace.volunteering.groups.rules import USUAL_DAYS, Event, SeatState, lapses_at

_BOOKED = "volunteering/booked"


def gather(scene: Scene, closed: Set[UUID]) -> None:
    """Add all of it, except to opportunities whose roles not everybody may take."""
    waited = {row["subject_id"] for row in scene.maker.rows["offer_queue"]}
    ahead = [
        shift
        # The garden’s next shift keeps its one place.
        for shift in scene.ahead(8)
        if shift.opportunity_id not in closed and shift.row["id"] not in waited
    ]
    for said in words()["company"]:
        _keep_places(scene, said, ahead)
    for row in scene.maker.rows["person"]:
        row |= {"assisted_by": None, "assisted_at": None}
    for number, said in enumerate(words()["assisted"]):
        _assist(scene, said, ahead, told=number > 0)


def _shift(
    scene: Scene, said: dict[str, Any], ahead: list[Planned], days: float, free: int
) -> Planned | None:
    """Choose the first shift with so many places left, of the organisation named if it has one."""
    first, whose = scene.days(-days), scene.organisations[said["group"]]["id"]
    fitting = [
        shift
        for shift in ahead
        if shift.row["starts_at"] > first
        and shift.row["places"] - shift.row["taken"] - shift.row["held"] >= free
    ]
    theirs = (shift for shift in fitting if shift.organisation_id == whose)
    return next(theirs, fitting[0] if fitting else None)


def _keep_places(scene: Scene, said: dict[str, Any], ahead: list[Planned]) -> None:
    shift = _shift(scene, said, ahead, said["days"], said["seats"])
    if shift is None:
        return
    captain, at = scene.crowd.known[said["captain"]], scene.daytime(scene.days(6))
    group = scene.maker.add(
        "volunteer_group",
        id=scene.maker.id(at),
        shift_id=shift.row["id"],
        organisation_id=shift.organisation_id,
        captain_id=captain.id,
        name=said["name"],
        kind=said["kind"],
        held=said["seats"],
        lapses_at=lapses_at(shift.row["starts_at"], USUAL_DAYS),
        made_at=at,
        warned_at=at,
    )
    scene.tell(Event.RESERVED, "volunteer_group", group, at, captain.id)
    shift.row["held"] += said["seats"]
    for name, email in said["named"]:
        _seat(scene, group, name, email, SeatState.NAMED)
    for name, email in filter(None, [said["declined"]]):
        _seat(scene, group, name, email, SeatState.DECLINED)
    if not said["accepted"]:
        return
    for person in scene.strangers(shift, [captain.id, *_booked(scene, shift)], 9):
        if scene.diaries.book(shift, person):
            shift.row["held"] -= 1
            group["held"] -= 1
            booking = scene.maker.rows["booking"][-1]
            _at(scene, booking, group["made_at"] + timedelta(hours=21))
            _seat(scene, group, person.name, person.email, SeatState.ACCEPTED, person, booking)
            break


def _booked(scene: Scene, shift: Planned) -> list[UUID]:
    rows = scene.maker.rows["booking"]
    return [row["person_id"] for row in rows if row["shift_id"] == shift.row["id"]]


def _at(scene: Scene, booking: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Move the making of the latest booking to an instant; gives its entry of history."""
    booking["booked_at"] = at
    entry = scene.maker.rows["history"][-1]
    entry["at"] = at
    return entry


def _seat(
    scene: Scene,
    group: dict[str, Any],
    name: str,
    email: str,
    state: SeatState,
    person: Someone | None = None,
    booking: dict[str, Any] | None = None,
) -> None:
    at = group["made_at"] + timedelta(hours=1)
    answered = None if state is SeatState.NAMED else at + timedelta(hours=20)
    seat = scene.maker.add(
        "group_seat",
        id=scene.maker.id(at),
        group_id=group["id"],
        name=name,
        email=email,
        state=state.value,
        person_id=person.id if person else None,
        booking_id=booking["id"] if booking else None,
        named_at=at,
        answered_at=answered,
    )
    of = group["organisation_id"]
    scene.tell(Event.SEAT_NAMED, "group_seat", seat, at, group["captain_id"], of)
    if answered:
        event = Event.SEAT_ACCEPTED if person else Event.SEAT_DECLINED
        scene.tell(event, "group_seat", seat, answered, person.id if person else None, of)


def _assist(scene: Scene, said: dict[str, Any], ahead: list[Planned], *, told: bool) -> None:
    """Sign somebody up who has no e-mail, book for them, and tell them or have it to tell."""
    maker, broker = scene.maker, scene.crowd.known["Broker"]
    at = scene.daytime(scene.days(said["days"]))
    point = maker.near(said["town"], 900)
    someone = Someone(maker.id(at), said["name"], "", (point.x, point.y), at)
    blank = dict.fromkeys(maker.rows["person"][0])
    maker.add(
        "person",
        **blank
        | {
            "id": someone.id,
            "name": someone.name,
            "postcode": "",
            "skills": [],
            "causes": [],
            "created_at": at,
            "assisted_by": broker.id,
            "assisted_at": at,
        },
    )
    maker.add(
        "assisted_person",
        id=maker.id(at),
        person_id=someone.id,
        phone=said["phone"],
        address=said["address"],
        agreed_to=WORDS,
        agreed_how=said["how"],
        agreed_on=at.date(),
    )
    scene.tell(
        AssistedEvent.SIGNED_UP, "person", {"id": someone.id}, at, broker.id, how=said["how"]
    )
    shift = _shift(scene, said, ahead, 8, 1)
    if shift is None or not scene.diaries.book(shift, someone):
        return
    booking = maker.rows["booking"][-1]
    # Whoever books for somebody does it at their desk.
    made = scene.daytime(scene.days(5))
    entry = _at(scene, booking, made)
    entry["actor_id"] = broker.id
    maker.add(
        "to_tell",
        id=maker.id(made),
        person_id=someone.id,
        key=f"{entry['id']}:{_BOOKED}:{someone.id}",
        what=_BOOKED,
        booking_id=booking["id"],
        at=made,
        told_at=made + timedelta(hours=2) if told else None,
        told_by=broker.id if told else None,
    )
