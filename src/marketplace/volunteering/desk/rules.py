"""Which shifts are short, who is asked, and how fast an organisation replies: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

AHEAD = timedelta(days=14)
# Across all organisations: whoever is asked more often than this a week stops reading.
MOST_A_WEEK = 2
WEEK = timedelta(days=7)
# A message that comes later than this before a shift helps nobody.
LEAST_NOTICE = timedelta(hours=2)

LOOK_BACK = timedelta(days=90)
# What nobody answered for so long counts as having taken so long, or silence would look fast.
UNANSWERED = timedelta(days=7)


class Answer(StrEnum):
    """What somebody answered."""

    BOOKED = "booked"
    DECLINED = "declined"


class Event(StrEnum):
    """What happens with asks, for history and for whoever reacts."""

    ASKED = "fill_ask.made"
    ANSWERED = "fill_ask.answered"
    AWAY = "organisation.away"


def missing(places: int, gone: int, least_needed: int) -> int:
    """Tell how many people a shift still needs; 0 where it can take place.

    Where the organisation named no least number, half of the places is what it takes.
    """
    return max((least_needed or -(-places // 2)) - gone, 0)


def short_name(name: str) -> str:
    """Write a name as far as a coordinator needs it to choose: "Amara O."."""
    parts = name.split()
    return parts[0] if len(parts) < 2 else f"{parts[0]} {parts[-1][:1]}."


@dataclass(frozen=True, slots=True)
class Question:
    """When somebody asked an organisation something, and when it first answered, if it did."""

    asked_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """A half-open time in which an organisation said that it was away."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Speed:
    """How many replies there were, and their median in minutes; None without any."""

    replies: int
    minutes: int | None


def waited(asked_at: datetime, until: datetime, leaves: Iterable[Leave]) -> timedelta:
    """Tell how long somebody waited, the time on leave not counted; leaves do not overlap."""
    away = sum(
        (
            max(min(until, leave.until) - max(asked_at, leave.since), timedelta(0))
            for leave in leaves
        ),
        timedelta(0),
    )
    return max(until - asked_at - away, timedelta(0))


def speed(questions: Iterable[Question], leaves: Sequence[Leave], now: datetime) -> Speed:
    """Give the median time to a first answer; long silence counts as long as it has lasted."""
    merged = together(leaves)
    times: list[timedelta] = []
    replies = 0
    for question in questions:
        time = waited(question.asked_at, question.answered_at or now, merged)
        if question.answered_at is not None:
            replies += 1
            times.append(time)
        elif time >= UNANSWERED:
            times.append(time)
    if not times:
        return Speed(0, None)
    return Speed(replies, round(median(time.total_seconds() for time in times) / 60))


def together(leaves: Iterable[Leave]) -> list[Leave]:
    """Join leaves that overlap or touch."""
    found: list[Leave] = []
    for leave in sorted(leaves, key=lambda each: each.since):
        if found and leave.since <= found[-1].until:
            found[-1] = Leave(found[-1].since, max(found[-1].until, leave.until))
        else:
            found.append(leave)
    return found
