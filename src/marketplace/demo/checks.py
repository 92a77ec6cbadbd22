"""What named persons decided that roles need, and what organisations saw of whom."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from marketplace.credentials.rules import Check, Kind, Outcome, Workforce
from marketplace.credentials.rules import Event as CredentialEvent
from marketplace.demo.programme import Posted
from marketplace.demo.scene import Scene, words
from marketplace.volunteering.safeguarding.rulebook import rules
from marketplace.volunteering.safeguarding.rules import (
    Duty,
    Event,
    Frequency,
    Nation,
    Question,
    advise,
    allow,
)

_YEARS = timedelta(days=3 * 365)
_RUNS_OUT_IN = 18


def check(scene: Scene) -> list[Posted]:
    """Decide on some roles, record who was seen, and give what asks for a check."""
    found = [_check(scene, said) for said in words()["check"]]
    # First aid that Priya shows to every organisation, and that is soon to be renewed.
    today, garden = scene.maker.today, scene.programme.posted[0]
    _credential(
        scene,
        garden,
        scene.priya.id,
        Kind.FIRST_AID,
        issued=today - _YEARS + timedelta(days=25),
        until=today + timedelta(days=25),
        shared=True,
    )
    return found


def _check(scene: Scene, said: dict[str, Any]) -> Posted:
    maker = scene.maker
    posted = scene.programme.find(said["group"], said["role"])
    at = posted.opportunity["published_at"]
    question = Question(
        Nation.ENGLAND,
        Workforce(said["workforce"]),
        frozenset(map(Duty, said["duties"])),
        Frequency(said["frequency"]),
        said["supervised"],
    )
    advice = advise(rules(), question, at.date())
    level = allow(advice, Check(said["level"]))
    coordinator = scene.coordinator(said["group"]).id
    maker.add(
        "role_check",
        id=maker.id(at),
        role_id=posted.row["id"],
        organisation_id=posted.organisation_id,
        level=level,
        advised=advice.check,
        nation=question.nation,
        workforce=question.workforce,
        duties=sorted(question.duties),
        frequency=question.frequency,
        supervised=question.supervised,
        rules=[ground.key for ground in advice.grounds],
        judged_on=at.date(),
        why=said["why"],
        decided_by=coordinator,
        decided_at=at,
    )
    scene.tell(
        Event.DECIDED,
        "role",
        posted.row,
        at,
        coordinator,
        posted.organisation_id,
        level=said["level"],
    )
    trainings = list(map(Kind, said["training"]))
    for kind in trainings:
        maker.add("role_training", id=maker.id(at), role_id=posted.row["id"], kind=kind)
    booked = list(dict.fromkeys(row["person_id"] for row in scene.bookings(posted)))
    for number, person in enumerate(booked):
        issued = maker.today - timedelta(days=maker.chance.randint(60, 400))
        until = issued + _YEARS
        if number == 0:
            until = maker.today + timedelta(days=_RUNS_OUT_IN)
            issued = until - _YEARS
        _credential(
            scene,
            posted,
            person,
            Kind.CHECK,
            issued=issued,
            until=until,
            level=level,
            workforce=question.workforce,
        )
        for kind in trainings:
            _credential(
                scene, posted, person, kind, issued=issued, until=until, shared=number % 3 == 1
            )
    _ask(scene, posted, said.get("asks", 0))
    return posted


def _credential(
    scene: Scene,
    posted: Posted,
    person: UUID,
    kind: Kind,
    *,
    issued: date,
    until: date,
    level: Check | None = None,
    workforce: Workforce = Workforce.NEITHER,
    shared: bool = False,
) -> None:
    maker = scene.maker
    # Seen when they began, or a while ago; what stood in a check is kept for half a year.
    seen_at = maker.ago(20, 50)
    seen_by = scene.coordinator(posted.group.name).id
    row = maker.add(
        "credential",
        id=maker.id(seen_at),
        person_id=person,
        organisation_id=posted.organisation_id,
        kind=kind,
        level=level,
        workforce=workforce,
        reference=f"00{maker.chance.randrange(10**10):010d}" if kind is Kind.CHECK else "",
        issued_on=issued,
        holds_until=until,
        outcome=Outcome.SATISFACTORY,
        seen_by=seen_by,
        seen_at=seen_at,
        shared=shared,
    )
    scene.tell(
        CredentialEvent.RECORDED,
        "credential",
        row,
        seen_at,
        seen_by,
        person=str(person),
        kind=kind.value,
    )


def _ask(scene: Scene, posted: Posted, wanted: int) -> None:
    """Let some who applied ask to be looked at."""
    applied = [
        row
        for row in scene.maker.rows["role_application"]
        if row["role_id"] == posted.row["id"] and row["state"] == "submitted"
    ]
    for application in applied[:wanted]:
        at = application["submitted_at"] + timedelta(hours=1)
        row = scene.maker.add(
            "check_request",
            id=scene.maker.id(at),
            role_id=posted.row["id"],
            person_id=application["person_id"],
            organisation_id=posted.organisation_id,
            asked_at=at,
        )
        scene.tell(Event.ASKED, "role", posted.row, at, row["person_id"], posted.organisation_id)
