"""Charts as plain geometry for an SVG: pure. What they show stands in a table under them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 400, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 28


@dataclass(frozen=True, slots=True)
class Line:
    """A line over the days of a campaign, the goal and the start as heights across it."""

    points: str
    last: tuple[float, float]
    goal_y: float
    start_y: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line(days: Sequence[tuple[date, int]], first: date, last: date, baseline: int) -> Line | None:
    """Draw counts by day, with the goal of twice the baseline in sight; None without a day."""
    if not days:
        return None
    top = max(baseline * 2, *(count for _, count in days), 1) * 1.08
    span = max((last - first).days, 1)

    def x(day: date) -> float:
        share = min(max((day - first).days / span, 0), 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(count: float) -> float:
        return round(TOP + (1 - count / top) * (HEIGHT - TOP - BOTTOM), 1)

    points = [(x(day), y(count)) for day, count in days]
    return Line(" ".join(f"{a},{b}" for a, b in points), points[-1], y(baseline * 2), y(baseline))


def share(figure: float, best: float) -> int:
    """Give the width of a bar in whole hundredths of the longest."""
    return round(100 * figure / best) if best > 0 else 0
