"""Worries and their records, who is out on their own, and a place that does not fit any more."""

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from marketplace.clock import LONDON
from marketplace.concerns.queries import VIEW
from marketplace.concerns.rules import Event, NoteKind, State, code_hash
from marketplace.demo.crowd import Someone
from marketplace.demo.programme import Planned
from marketplace.demo.scene import GARDEN, Scene, words
from marketplace.permissions import OrgRole
from marketplace.volunteering.guardians.rules import Event as GuardianEvent
from marketplace.volunteering.lone.rules import STEPS
from marketplace.volunteering.lone.rules import Event as LoneEvent
from marketplace.volunteering.rules import BookingState
from marketplace.volunteering.rules import Event as VolunteeringEvent

_LONE_SHIFTS = 4


def watch(scene: Scene) -> None:
    """Add all of it."""
    for said in words()["concern"]:
        _concern(scene, said)
    ahead = scene.ahead(1)
    _lone(scene, ahead)
    _doubt(scene, ahead)


def _concern(scene: Scene, said: dict[str, Any]) -> None:
    maker, garden = scene.maker, scene.organisations[GARDEN]
    if "days" in said:
        day = maker.today - timedelta(days=said["days"])
        at = datetime.combine(day, time(10, 40), LONDON).astimezone(UTC)
    else:
        at = scene.daytime(maker.now - timedelta(hours=said["hours"]))
    leads = [scene.crowd.staff[GARDEN][0][0], scene.coordinator(GARDEN)]
    about = said.get("about_leads", "no")
    taken = at + timedelta(hours=said["taken"]) if "taken" in said else None
    closed = at + timedelta(hours=said["closed"]) if "closed" in said else None
    state = State.CLOSED if closed else State.IN_HAND if taken else State.NEW
    row = maker.add(
        "concern",
        id=maker.id(at),
        # Nobody has the code: it was shown once, to whoever raised it.
        code_hash=code_hash(hashlib.sha256(f"{at}{said['text']}".encode()).hexdigest()[:16]),
        organisation_id=garden["id"],
        about_leads=about,
        for_place=about != "no",
        kept_from=[lead.id for lead in leads] if about != "no" else [],
        state=state.value,
        text=said["text"],
        page="/opportunities",
        contact_name=said["contact_name"],
        contact_how=said["contact_how"],
        raised_at=at,
        escalated_at=None,
        taken_by=leads[1].id if taken else None,
        taken_at=taken,
        closed_by=leads[0].id if closed else None,
        closed_at=closed,
        outcome=said.get("outcome", ""),
    )
    scene.tell(Event.RAISED, "concern", row | {"organisation_id": None}, at, None)
    if taken is None:
        return
    maker.add(
        "personal_view",
        id=maker.id(taken),
        viewer_id=leads[1].id,
        subject_type=VIEW,
        subject_id=row["id"],
        at=taken,
    )
    done: list[tuple[Event, datetime, UUID | None]] = [(Event.TAKEN_IN_HAND, taken, leads[1].id)]
    for note in said["notes"]:
        kind = NoteKind(note["kind"])
        author = None if kind is NoteKind.ADDITION else leads[1].id
        noted = at + timedelta(hours=note["hours"])
        maker.add(
            "concern_note",
            id=maker.id(noted),
            concern_id=row["id"],
            author_id=author,
            kind=kind.value,
            text=note["text"],
            at=noted,
        )
        event = {
            NoteKind.NOTE: Event.NOTED,
            NoteKind.ANSWER: Event.ANSWERED,
            NoteKind.ADDITION: Event.ADDED_TO,
        }[kind]
        done.append((event, noted, author))
    if closed:
        done.append((Event.CLOSED, closed, leads[0].id))
    for event, when, by in done:
        scene.tell(event, "concern", row | {"organisation_id": None}, when, by)


def _lone(scene: Scene, ahead: list[Planned]) -> None:
    """Mark some shifts that somebody does alone; one was not checked out of, and it was nothing."""
    roles = {
        posted.row["id"]: posted
        for posted in scene.programme.posted
        if posted.role.key in words()["lone"]["roles"]
    }
    alone = [shift for shift in ahead if shift.row["role_id"] in roles]
    for shift in alone[:_LONE_SHIFTS]:
        _mark(scene, shift.row, roles[shift.row["role_id"]])
    shifts = {row["id"]: row for row in scene.maker.rows["shift"] if row["role_id"] in roles}
    late = [
        row
        for row in scene.maker.rows["booking"]
        if row["shift_id"] in shifts and row["state"] == BookingState.ATTENDED
    ]
    if not late:
        return
    booking = max(late, key=lambda row: (row["period"].upper, row["id"]))
    shift = shifts[booking["shift_id"]]
    posted = roles[shift["role_id"]]
    _mark(scene, shift, posted)
    asked, missed = (shift["ends_at"] + STEPS[e] for e in (LoneEvent.ASKED, LoneEvent.MISSED))
    safe = missed + timedelta(minutes=11)
    (coordinator, *_) = scene.crowd.of(posted.group.name, OrgRole.COORDINATOR)
    scene.maker.add(
        "lone_watch",
        id=scene.maker.id(asked),
        booking_id=booking["id"],
        reminded_at=asked,
        alerted_at=missed,
        place_alerted_at=None,
        safe_at=safe,
        safe_by=coordinator.id,
        note=words()["lone"]["note"],
    )
    for event, at, by in (
        (LoneEvent.ASKED, asked, None),
        (LoneEvent.MISSED, missed, None),
        (LoneEvent.SAFE, safe, coordinator.id),
    ):
        scene.tell(event, "booking", booking, at, by)


def _mark(scene: Scene, shift: dict[str, Any], posted: Any) -> None:
    at = posted.opportunity["published_at"]
    scene.maker.add(
        "lone_mark",
        id=scene.maker.id(at),
        shift_id=shift["id"],
        visit_id=None,
        marked_by=posted.coordinator,
        marked_at=at,
    )
    scene.tell(LoneEvent.MARKED, "shift", shift, at, posted.coordinator, posted.organisation_id)


def _doubt(scene: Scene, ahead: list[Planned]) -> None:
    """Let a role ask for more years than somebody has who booked it: Tom decides."""
    said = words()["doubt"]
    bees = scene.programme.find(GARDEN, said["role"])
    (consent,) = [row for row in scene.maker.rows["guardian_consent"] if row["guardian_id"]]
    (ella,) = [row for row in scene.maker.rows["person"] if row["id"] == consent["person_id"]]
    point, since = ella["point"], ella["created_at"]
    young = Someone(ella["id"], ella["name"], ella["email"], (point.x, point.y), since)
    shifts = [each for each in ahead if each.row["role_id"] == bees.row["id"]]
    if not any(scene.diaries.book(each, young) for each in shifts):
        return
    booking = scene.maker.rows["booking"][-1]
    day = booking["period"].lower.date()
    tom, at = scene.coordinator(GARDEN), scene.daytime(scene.days(said["days"]))
    booked = min(booking["booked_at"], at - timedelta(days=1))
    booking["booked_at"] = scene.maker.rows["history"][-1]["at"] = max(booked, young.since)
    bees.row["minimum_age"] = said["age"]
    consent["all_roles"] = True
    scene.maker.add(
        "named_adult",
        **{
            **scene.maker.rows["named_adult"][0],
            "id": scene.maker.id(at),
            "role_id": bees.row["id"],
        },
    )
    role = {"id": bees.row["id"], "organisation_id": bees.organisation_id}
    scene.tell(VolunteeringEvent.ROLE_CHANGED, "role", role, at, tom.id)
    doubt = scene.maker.add(
        "place_doubt",
        id=scene.maker.id(at),
        booking_id=booking["id"],
        minimum_age=said["age"],
        day=day,
        raised_at=at,
    )
    scene.tell(
        GuardianEvent.PLACE_DOUBTED,
        "booking",
        booking,
        at,
        tom.id,
        doubt=str(doubt["id"]),
        person=str(young.id),
    )
