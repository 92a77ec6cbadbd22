"""How many a shift needs, and whether somebody can get from one to the next: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace import clock
from marketplace.errors import Conflict
from marketplace.volunteering.rules import MOST_PLACES

METRES_A_MILE = 1609.344
MILES_AN_HOUR = 20
# To leave, to park or wait for the bus, to arrive.
FIXED_MINUTES = 10
# Under this it is the same place, or round the corner.
NEAR_METRES = 400


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another booking of the same person; `metres` in a straight line between the two places."""

    title: str
    starts_at: datetime
    ends_at: datetime
    metres: float


@dataclass(frozen=True, slots=True)
class Tight:
    """Two bookings with less time between them than the way takes; times are in minutes."""

    title: str
    period: str
    before: bool
    between: int
    needed: int
    miles: float

    @property
    def sentence(self) -> str:
        """Say it as a warning; nothing is refused."""
        miles = f"{self.miles:.1f}" if self.miles < 10 else f"{self.miles:.0f}"
        order = "before" if self.before else "after"
        gap = f"{self.between} minutes" if self.between else "no time"
        return (
            f"You are booked for “{self.title}” {order} this ({self.period}), about {miles} miles"
            f" away. There is {gap} between the two, and the way takes about {self.needed} minutes."
            " You can still book if you know how to get there in time."
        )


def way_minutes(metres: float) -> int:
    """Estimate how long the way takes: a straight line at 20 mph, and ten minutes."""
    if metres <= NEAR_METRES:
        return 0
    return round(metres / METRES_A_MILE / MILES_AN_HOUR * 60) + FIXED_MINUTES


def tight(starts_at: datetime, ends_at: datetime, others: list[Neighbour]) -> Tight | None:
    """Give the neighbour whose way is most too long for the time between; None where all fit.

    Those that overlap are not judged: nobody can book them.
    """
    found: list[tuple[int, Tight]] = []
    for other in others:
        before = other.ends_at <= starts_at
        if not before and other.starts_at < ends_at:
            continue
        gap = starts_at - other.ends_at if before else other.starts_at - ends_at
        between, needed = gap // timedelta(minutes=1), way_minutes(other.metres)
        if between < needed:
            period = clock.period_words(other.starts_at, other.ends_at)
            miles = other.metres / METRES_A_MILE
            found.append(
                (needed - between, Tight(other.title, period, before, between, needed, miles))
            )
    return max(found, key=lambda pair: pair[0])[1] if found else None


def check_numbers(places: int, least_needed: int) -> None:
    """Refuse numbers that contradict each other.

    Raises:
        Conflict: beside the field it is about.
    """
    if not 1 <= places <= MOST_PLACES:
        raise Conflict(f"Enter a number of people from 1 to {MOST_PLACES:,}", field="places")
    if not 0 <= least_needed <= places:
        raise Conflict(
            f"Enter {places} or fewer: no more than {places} can have a place",
            field="least_needed",
        )
