"""Hours that are claimed and disputed, what was spent, thanks, and a statement to show."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from marketplace.clock import LONDON
from marketplace.demo.crowd import Someone
from marketplace.demo.scene import GARDEN, Scene, words
from marketplace.permissions import OrgRole
from marketplace.volunteering.expenses.rules import Event as ExpenseEvent
from marketplace.volunteering.expenses.rules import Kind, State, mileage, rates
from marketplace.volunteering.hours.rules import Event as HoursEvent
from marketplace.volunteering.hours.rules import Side
from marketplace.volunteering.recognition.rules import Event, read_code
from marketplace.volunteering.recognition.rules import Kind as Paper
from marketplace.volunteering.rules import BookingState, HoursState, ProposedBy
from marketplace.volunteering.rules import Event as VolunteeringEvent

# Of the one statement: anybody can type it on the page that verifies them.
CODE = "ESSX-T0WN-PR1Y"
_EXPENSE_EVENTS = {
    State.RETURNED: ExpenseEvent.RETURNED,
    State.APPROVED: ExpenseEvent.APPROVED,
    State.PAID: ExpenseEvent.APPROVED,
}


def claim(scene: Scene) -> None:
    """Add all of it, at the garden."""
    _disputes(scene)
    for said in words()["claim"]:
        _hours(scene, said)
    for said in words()["expense"]:
        _expense(scene, said)
    _thanks(scene)
    _statement(scene)


def _of_the_garden(scene: Scene) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Give the flagship's hours with their bookings, latest first."""
    shifts = {row["id"] for row in scene.shifts(scene.programme.posted[0])}
    bookings = {row["id"]: row for row in scene.maker.rows["booking"] if row["shift_id"] in shifts}
    pairs = [
        (row, bookings[row["booking_id"]])
        for row in scene.maker.rows["hours"]
        if row["booking_id"] in bookings
    ]
    return sorted(pairs, key=lambda pair: pair[1]["period"].lower, reverse=True)


def _somebody(scene: Scene) -> Someone:
    """Give a volunteer of the garden who is not Priya."""
    pairs = _of_the_garden(scene)
    return next(
        scene.person(row["person_id"]) for row, _ in pairs if row["person_id"] != scene.priya.id
    )


def _disputes(scene: Scene) -> None:
    """Let one volunteer say that it was longer, and the organisation of Priya that it was less."""
    said, priya = words()["dispute"], scene.priya.id
    # Nobody had confirmed these yet.
    pairs = _of_the_garden(scene)
    mine = next(row for row, _ in pairs if row["person_id"] == priya)
    other = next(row for row, _ in pairs if row["person_id"] != priya)
    coordinator = scene.coordinator(GARDEN).id
    for row, side, minutes, by in (
        (other, Side.VOLUNTEER, other["minutes"] + 30, other["person_id"]),
        (mine, Side.ORGANISATION, mine["minutes"] - 30, coordinator),
    ):
        _unconfirm(scene, row)
        row |= {
            "state": HoursState.DISPUTED.value,
            "disputed_by": side.value,
            "disputed_minutes": minutes,
            "dispute": said[side.value],
        }
        # The roster had it before anybody could say otherwise.
        at = scene.maker.between(max(row["created_at"], scene.days(2)), scene.maker.now)
        scene.tell(HoursEvent.DISPUTED, "hours", row, at, by)


def _unconfirm(scene: Scene, row: dict[str, Any]) -> None:
    row["confirmed_by"] = row["confirmed_at"] = None
    scene.maker.rows["history"] = [
        entry
        for entry in scene.maker.rows["history"]
        if (entry["event"], entry["subject_id"])
        != (VolunteeringEvent.HOURS_CONFIRMED, row["booking_id"])
    ]


def _hours(scene: Scene, said: dict[str, Any]) -> None:
    """Claim hours without a shift."""
    posted = scene.programme.find(GARDEN, said["role"])
    day = scene.days(said["days"])
    at = day + timedelta(hours=20)
    confirmed = said.get("confirmed", False)
    by = scene.coordinator(GARDEN).id
    row = scene.maker.add(
        "hours",
        id=scene.maker.id(at),
        booking_id=None,
        person_id=scene.priya.id,
        organisation_id=posted.organisation_id,
        minutes=said["minutes"],
        state=(HoursState.CONFIRMED if confirmed else HoursState.PROPOSED).value,
        role_id=posted.row["id"],
        on_date=day.astimezone(LONDON).date(),
        proposed_by=ProposedBy.VOLUNTEER.value,
        note=said["note"],
        disputed_by=None,
        disputed_minutes=None,
        dispute="",
        created_at=at,
        confirmed_by=by if confirmed else None,
        confirmed_at=at + timedelta(days=1) if confirmed else None,
    )
    scene.tell(HoursEvent.CLAIMED, "hours", row, at, scene.priya.id)
    if confirmed:
        scene.tell(HoursEvent.AGREED, "hours", row, row["confirmed_at"], by)


def _expense(scene: Scene, said: dict[str, Any]) -> None:
    maker = scene.maker
    person = scene.priya if said["who"] == "priya" else _somebody(scene)
    on, kind, state = scene.days(said["days"]), Kind(said["kind"]), State(said["state"])
    at = min(on + timedelta(hours=22), maker.now)
    tenths = said.get("tenths")
    rate = rates().at(kind, on.date())
    pence = mileage(rate, tenths, 0) if tenths and rate else said["pence"]
    decided = state is not State.SUBMITTED
    decided_at = at + timedelta(days=1.5) if decided else None
    by = scene.crowd.of(GARDEN, OrgRole.OWNER)[0].id
    row = maker.add(
        "expense",
        id=maker.id(at),
        person_id=person.id,
        organisation_id=scene.organisations[GARDEN]["id"],
        on_date=on.astimezone(LONDON).date(),
        kind=kind.value,
        what=said["what"],
        pence=pence,
        tenths_of_miles=tenths,
        state=state.value,
        note=said.get("note", ""),
        decided_by=by if decided else None,
        decided_at=decided_at,
        paid_at=at + timedelta(days=4) if state is State.PAID else None,
        submitted_at=at,
    )
    scene.tell(ExpenseEvent.SUBMITTED, "expense", row, at, person.id)
    if decided_at is not None:
        scene.tell(_EXPENSE_EVENTS[state], "expense", row, decided_at, by)
    if row["paid_at"] is not None:
        scene.tell(ExpenseEvent.PAID, "expense", row, row["paid_at"], by)


def _thanks(scene: Scene) -> None:
    """Thank Priya, and two others, each for a shift they came to."""
    came = [booking for _, booking in _of_the_garden(scene)]
    came = [row for row in came if row["state"] == BookingState.ATTENDED]
    mine = [row for row in came if row["person_id"] == scene.priya.id]
    others = [row for row in came if row["person_id"] != scene.priya.id]
    tom = scene.coordinator(GARDEN).id
    for sentence, booking in zip(words()["thanks"], [mine[-1], *others[1:3]], strict=False):
        at = min(booking["period"].upper + timedelta(hours=26), scene.maker.now)
        row = scene.maker.add(
            "thanks",
            id=scene.maker.id(at),
            person_id=booking["person_id"],
            organisation_id=booking["organisation_id"],
            booking_id=booking["id"],
            words=sentence,
            said_by=tom,
            said_at=at,
        )
        scene.tell(Event.THANKED, "thanks", row, at, tom, person=str(booking["person_id"]))


def _statement(scene: Scene) -> None:
    """Let Priya show what was confirmed of her."""
    assert read_code(CODE) == CODE
    maker, roles, garden = scene.maker, _roles(scene), scene.organisations[GARDEN]["id"]
    confirmed = [
        row
        for row in maker.rows["hours"]
        if (row["person_id"], row["state"]) == (scene.priya.id, HoursState.CONFIRMED)
        and row["organisation_id"] == garden
        and row["confirmed_at"] < scene.days(1)
    ]
    minutes: Counter[UUID] = Counter()
    for row in confirmed:
        minutes[row["role_id"] or roles[row["booking_id"]]] += row["minutes"]
    at = scene.days(0.7)
    day = at.astimezone(LONDON).date()
    made = maker.add(
        "statement",
        id=maker.id(at),
        person_id=scene.priya.id,
        code=CODE,
        kind=Paper.CERTIFICATE.value,
        first_day=day - timedelta(days=183),
        last_day=day,
        shows_name=True,
        shows_roles=True,
        shows_hours=True,
        minutes=minutes.total(),
        made_at=at,
    )
    for role, given in minutes.items():
        maker.add(
            "statement_line",
            id=maker.id(at),
            statement_id=made["id"],
            organisation_id=garden,
            role_id=role,
            minutes=given,
        )
    scene.tell(Event.STATEMENT_MADE, "statement", made, at, scene.priya.id)


def _roles(scene: Scene) -> dict[UUID, UUID]:
    """Give the role of each booking."""
    of_shift = {row["id"]: row["role_id"] for row in scene.maker.rows["shift"]}
    return {row["id"]: of_shift[row["shift_id"]] for row in scene.maker.rows["booking"]}
