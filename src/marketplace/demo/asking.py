"""When somebody is free, and people who were asked to fill a shift that is short."""

from datetime import timedelta

from marketplace.demo.scene import GARDEN, Scene, words
from marketplace.volunteering.desk.rules import Answer, Event

_DAYS_BEFORE = 12
_ASKED = 3


def ask(scene: Scene) -> None:
    """Say when Priya is free, and let Tom ask some who agreed to be asked."""
    at = scene.days(40)
    scene.maker.add(
        "availability",
        id=scene.maker.id(at),
        person_id=scene.priya.id,
        **words()["free"],
        changed_at=at,
    )
    garden = scene.organisations[GARDEN]["id"]
    short = next(
        (
            shift.row
            for shift in scene.ahead(1)
            if shift.organisation_id == garden
            and shift.row["taken"] < shift.row["least_needed"]
            and shift.row["starts_at"] < scene.days(-_DAYS_BEFORE)
        ),
        None,
    )
    if short is None:
        return
    booked = {
        row["person_id"] for row in scene.maker.rows["booking"] if row["shift_id"] == short["id"]
    }
    agreed: dict[object, bool] = {}
    for row in scene.maker.rows["consent"]:
        if row["organisation_id"] == garden:
            agreed[row["person_id"]] = row["agreed"]
    people = [id for id, yes in agreed.items() if yes and id not in booked]
    asked_at = scene.days(0.8)
    for number, person in enumerate(people[:_ASKED]):
        declined = number == 0
        row = scene.maker.add(
            "fill_ask",
            id=scene.maker.id(asked_at),
            shift_id=short["id"],
            person_id=person,
            organisation_id=garden,
            asked_by=scene.coordinator(GARDEN).id,
            asked_at=asked_at,
            told_at=asked_at + timedelta(minutes=1),
            answer=Answer.DECLINED.value if declined else None,
            answered_at=asked_at + timedelta(hours=5) if declined else None,
        )
        scene.tell(Event.ASKED, "fill_ask", row, asked_at, row["asked_by"])
        if declined:
            scene.tell(Event.ANSWERED, "fill_ask", row, row["answered_at"], row["person_id"])
