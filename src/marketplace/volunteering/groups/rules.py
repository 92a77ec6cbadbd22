"""Kinds of groups, seats, and when places lapse: pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from marketplace.moves import Moves

LINK = "group-seat"
LINK_WITHIN = timedelta(days=180)
MOST_SEATS = 60
USUAL_DAYS = 3
MOST_DAYS = 28
WARNED_BEFORE = timedelta(days=7)
# Somebody who was named has until then to answer.
ANSWER_UNTIL = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(days=30)


class Kind(StrEnum):
    """What people have in common."""

    EMPLOYER = "employer"
    SCHOOL = "school"
    CLUB = "club"


KIND_WORDS = {
    Kind.EMPLOYER: "An employer",
    Kind.SCHOOL: "A school or college",
    Kind.CLUB: "A club or another group",
}


class SeatState(StrEnum):
    """What became of a named seat."""

    NAMED = "named"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"
    LAPSED = "lapsed"


SEAT_MOVES = Moves(
    "seat",
    {
        SeatState.NAMED: frozenset(
            {
                SeatState.ACCEPTED,
                SeatState.DECLINED,
                SeatState.TAKEN_BACK,
                SeatState.LAPSED,
            }
        )
    },
)


class Event(StrEnum):
    """What happens to groups, for history and for whoever reacts."""

    RESERVED = "group.reserved"
    RETURNED = "group.returned"
    LAPSING = "group.lapsing"
    LAPSED = "group.lapsed"
    SEAT_NAMED = "group_seat.named"
    SEAT_ACCEPTED = "group_seat.accepted"
    SEAT_DECLINED = "group_seat.declined"
    SEAT_TAKEN_BACK = "group_seat.taken_back"


def lapses_at(starts_at: datetime, days: int) -> datetime:
    """Tell when places without a name are everybody's again."""
    return starts_at - timedelta(days=days)


def lapsing(
    held: int, named: int, lapses: datetime, starts_at: datetime, now: datetime
) -> tuple[int, bool]:
    """Give how many places lapse now, and whether the named and unanswered ones are among them."""
    if now >= starts_at - ANSWER_UNTIL:
        return held, True
    return (held - named, False) if now >= lapses else (0, False)
