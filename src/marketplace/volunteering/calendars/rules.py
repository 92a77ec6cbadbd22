"""What calendars show of a booking: pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# A cancelled event stays in the feed for so long, so that every calendar takes it off.
CANCELLED_KEPT = timedelta(weeks=6)
PAST_KEPT = timedelta(days=90)


class Change(StrEnum):
    """What happens to feeds, for history."""

    MADE = "calendar.made"
    TURNED_OFF = "calendar.turned_off"


class Method(StrEnum):
    """What a calendar shall do with what it is given."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking as a calendar shows it; instants are aware UTC, `changed_at` the last change."""

    booking_id: UUID
    title: str
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    description: str
    url: str
    sequence: int
    changed_at: datetime
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose calendar it is in name: the site, never a person."""

    host: str
    name: str
    email: str


def uid(booking_id: UUID, host: str) -> str:
    """Give the name of a booking's event: the same in the feed, in mail and on the page."""
    return f"booking-{booking_id}@{host}"


def method_of(entry: Entry) -> Method:
    """Tell what a single event asks of a calendar."""
    return Method.CANCEL if entry.cancelled else Method.PUBLISH


def etag(text: str) -> str:
    """Give the mark by which a program sees that nothing changed."""
    return f'"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"'
