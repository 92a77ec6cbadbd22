"""Reminders that went before anybody looked: a demo that has just begun has none to catch up."""

from typing import Any

from marketplace.demo.scene import Scene
from marketplace.volunteering.reminders.rules import TERMS, Event, Kind
from marketplace.volunteering.rules import BookingState


def remind(scene: Scene) -> None:
    """Note every reminder that fell due, so that the mailbox begins with what its readers do."""
    now = scene.maker.now
    for booking in [*scene.maker.rows["booking"]]:
        starts_at = booking["period"].lower
        if booking["state"] != BookingState.CONFIRMED or starts_at <= now:
            continue
        for kind in Kind:
            if booking["booked_at"] < starts_at - TERMS[kind].ahead <= now:
                _sent(scene, booking, kind)


def _sent(scene: Scene, booking: dict[str, Any], kind: Kind) -> None:
    at = scene.daytime(booking["period"].lower - TERMS[kind].ahead)
    scene.maker.add(
        "reminder",
        id=scene.maker.id(at),
        booking_id=booking["id"],
        kind=kind.value,
        at=at,
    )
    scene.tell(Event.DUE, "booking", booking, at, None, kind=kind.value)
