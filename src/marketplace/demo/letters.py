"""Messages about bookings, one that was reported, and who may be written to."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.accounts.consents.rules import (
    BOOKING_WORDING,
    DIGEST_WORDING,
    Channel,
    How,
    Purpose,
)
from marketplace.accounts.consents.rules import Event as ConsentEvent
from marketplace.demo.groups import GROUPS
from marketplace.demo.scene import GARDEN, Scene, words
from marketplace.messages.rules import Event, ReportState, Side
from marketplace.volunteering.rules import BookingState

_CONSENTS = 90
_WITHDRAWN = 4
# Every so many of the volunteers ticked the weekly mail when they joined.
_SUBSCRIBES = 6


def write(scene: Scene) -> None:
    """Write all of it."""
    rows = sorted(scene.maker.rows["booking"], key=lambda row: row["period"].lower)
    for said in words()["thread"]:
        booking = _about(scene, rows, said["about"])
        if booking is not None:
            _thread(scene, said, booking)
    _consents(scene)


def _about(scene: Scene, rows: list[dict[str, Any]], what: str) -> dict[str, Any] | None:
    """Find the booking that a thread is about."""
    garden = scene.organisations[GARDEN]["id"]
    now, priya = scene.maker.now, scene.priya.id
    flagship = {row["id"] for row in scene.shifts(scene.programme.posted[0])}
    mine = [row for row in rows if row["person_id"] == priya]
    others = [row for row in rows if row["person_id"] != priya and row["shift_id"] in flagship]
    match what:
        case "garden":
            found = [
                row
                for row in reversed(mine)
                if row["organisation_id"] == garden and row["state"] == BookingState.ATTENDED
            ]
        case "next":
            found = [
                row
                for row in mine
                if row["period"].lower > now and row["state"] == BookingState.CONFIRMED
            ]
        case "flagship":
            found = [
                row
                for row in others
                if row["period"].lower > now and row["state"] == BookingState.CONFIRMED
            ]
        case _:
            # Somebody who was there once and never again.
            times = Counter(row["person_id"] for row in others)
            past = [row for row in others if row["period"].upper <= now]
            found = [row for row in past if times[row["person_id"]] == 1] or past
    return found[0] if found else None


def _thread(scene: Scene, said: dict[str, Any], booking: dict[str, Any]) -> None:
    maker = scene.maker
    group = _group(scene, booking["organisation_id"])
    coordinator = scene.coordinator(group).id
    # Never before the place was booked.
    booked = booking["booked_at"]
    times = [
        max(scene.daytime(scene.days(each["hours"] / 24)), booked + timedelta(minutes=7 * number))
        for number, each in enumerate(said["messages"], 1)
    ]
    # What was moved to an evening may have fallen before what it answers.
    times = [min(at, maker.now) for at in sorted(times)]
    thread = maker.add(
        "message_thread",
        id=maker.id(times[0]),
        subject_type="booking",
        subject_id=booking["id"],
        organisation_id=booking["organisation_id"],
        person_id=booking["person_id"],
        created_at=times[0],
        last_at=times[-1],
    )
    message = thread
    for at, each in zip(times, said["messages"], strict=True):
        side = Side(each["side"])
        author = booking["person_id"] if side is Side.PERSON else coordinator
        message = maker.add(
            "message",
            id=maker.id(at),
            thread_id=thread["id"],
            author_id=author,
            side=side.value,
            text=each["text"],
            safety=False,
            sent_at=at,
        )
        whose = booking["organisation_id"]
        scene.tell(Event.SENT, "message", message, at, author, whose, thread=str(thread["id"]))
    for side in said.get("read", []):
        reader = booking["person_id"] if side == Side.PERSON else coordinator
        # Where something is unread, the last message came after the last look.
        late = times[-2] if said.get("unread") and side == Side.PERSON else times[-1]
        _seen(scene, thread["id"], reader, side, late)
    if "report" in said:
        _report(scene, said["report"], message, coordinator, times[-1], thread)


def _seen(scene: Scene, thread: UUID, person: UUID, side: str, at: datetime) -> None:
    scene.maker.add(
        "message_seen",
        id=scene.maker.id(at),
        thread_id=thread,
        person_id=person,
        side=side,
        at=min(at + timedelta(minutes=3), scene.maker.now),
    )


def _report(
    scene: Scene,
    said: dict[str, Any],
    message: dict[str, Any],
    reporter: UUID,
    sent_at: datetime,
    thread: dict[str, Any],
) -> None:
    at = max(scene.daytime(scene.days(said["hours"] / 24)), sent_at)
    _seen(scene, thread["id"], reporter, Side.ORGANISATION, at)
    row = scene.maker.add(
        "message_report",
        id=scene.maker.id(at),
        message_id=message["id"],
        reporter_id=reporter,
        reason=said["reason"],
        note=said["note"],
        state=ReportState.OPEN.value,
        created_at=at,
    )
    whose = thread["organisation_id"]
    scene.tell(Event.REPORTED, "message", message, at, reporter, whose, report=str(row["id"]))


def _group(scene: Scene, organisation: UUID) -> str:
    return next(
        group.name for group in GROUPS if scene.organisations[group.name]["id"] == organisation
    )


def _consents(scene: Scene) -> None:
    """Note who may be asked when people are short: those who ticked it when they booked."""
    maker, priya = scene.maker, scene.priya.id
    first: dict[tuple[UUID, UUID], dict[str, Any]] = {}
    for row in sorted(maker.rows["booking"], key=lambda row: row["booked_at"]):
        first.setdefault((row["person_id"], row["organisation_id"]), row)
    rows = list(first.values())
    mine = [row for row in rows if row["person_id"] == priya]
    garden = scene.organisations[GARDEN]["id"]
    near = [row for row in rows if row["organisation_id"] == garden and row not in mine]
    rest = [row for row in rows if row not in mine and row not in near]
    chosen = [*mine[:2], *near, *maker.chance.sample(rest, max(0, _CONSENTS - len(near)))]
    chosen.sort(key=lambda row: row["booked_at"])
    for number, row in enumerate(chosen):
        _consent(scene, row, row["booked_at"], agreed=True)
        if number >= len(chosen) - _WITHDRAWN and row["person_id"] != priya:
            later = row["booked_at"] + (maker.now - row["booked_at"]) * 0.5
            _consent(scene, row, later, agreed=False)


def _consent(scene: Scene, booking: dict[str, Any], at: datetime, *, agreed: bool) -> None:
    person, organisation = booking["person_id"], booking["organisation_id"]
    row = scene.maker.add(
        "consent",
        id=scene.maker.id(at),
        person_id=person,
        organisation_id=organisation,
        purpose=Purpose.FILL_SHIFT.value,
        channel=Channel.MAIL.value,
        agreed=agreed,
        how=(How.BOOKING if agreed else How.ACCOUNT).value,
        wording=BOOKING_WORDING if agreed else "",
        evidence=f"booking {booking['id']}" if agreed else "",
        recorded_by=person,
        given_at=at,
        at=at,
    )
    event = ConsentEvent.AGREED if agreed else ConsentEvent.WITHDRAWN
    scene.tell(event, "consent", row, at, person, organisation)


def subscribe(scene: Scene) -> None:
    """Note who asked for the weekly mail: Priya on her account, others when they joined."""
    for person in [scene.priya, *scene.crowd.volunteers[::_SUBSCRIBES]]:
        mine = person is scene.priya
        at = scene.days(30) if mine else person.since
        row = scene.maker.add(
            "consent",
            id=scene.maker.id(at),
            person_id=person.id,
            organisation_id=None,
            purpose=Purpose.DIGEST.value,
            channel=Channel.MAIL.value,
            agreed=True,
            how=(How.ACCOUNT if mine else How.SIGN_UP).value,
            wording=DIGEST_WORDING,
            evidence=f"person {person.id}",
            recorded_by=person.id,
            given_at=at,
            at=at,
        )
        scene.tell(ConsentEvent.AGREED, "consent", row, at, person.id)
