"""Time: aware UTC instants inside, the place's wall clock at the edge.

A period is half-open, `[start, end)`. What a person said ("Tuesday at 18:30") is a wall time in
a zone; `instant` turns it into UTC and refuses or resolves what a clock change makes doubtful.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marketplace.errors import Conflict

LONDON = ZoneInfo("Europe/London")

# Not strftime: it asks the machine's language, and takes its time.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def now() -> datetime:
    """Tell the present instant, aware UTC."""
    return datetime.now(UTC)


def local(at: datetime, zone: ZoneInfo = LONDON) -> datetime:
    """Show an instant on the wall clock of `zone`."""
    return at.astimezone(zone)


def today(zone: ZoneInfo = LONDON) -> date:
    """Tell the calendar day it is in `zone`."""
    return now().astimezone(zone).date()


def instant(day: date, at: time, zone: ZoneInfo = LONDON) -> datetime:
    """Turn a wall time into an aware UTC instant.

    The hour that happens twice when the clocks go back means its first pass.

    Raises:
        Conflict: the wall time does not exist (the hour skipped when the clocks go forward).
    """
    wall = datetime.combine(day, at, tzinfo=zone)
    utc = wall.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise Conflict(
            f"The clocks go forward that night, so {at:%H:%M} does not exist on"
            f" {date_words(day)}. Choose a time an hour later."
        )
    return utc


def day_bounds(day: date, zone: ZoneInfo = LONDON) -> tuple[datetime, datetime]:
    """Give the half-open UTC period of one calendar day: 23, 24 or 25 hours."""
    start = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
    return start, end


def date_words(day: date, *, year: bool | None = None) -> str:
    """Write "Tuesday 4 March", with the year when it is not this one (or as told)."""
    with_year = day.year != today().year if year is None else year
    words = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return f"{words} {day.year}" if with_year else words


def time_words(at: datetime | time, zone: ZoneInfo = LONDON) -> str:
    """Write "6:30pm", "noon", "midnight" or "9am"."""
    wall = local(at, zone).time() if isinstance(at, datetime) else at
    if (wall.hour, wall.minute) == (12, 0):
        return "noon"
    if (wall.hour, wall.minute) == (0, 0):
        return "midnight"
    hour = wall.hour % 12 or 12
    minutes = f":{wall.minute:02d}" if wall.minute else ""
    return f"{hour}{minutes}{'am' if wall.hour < 12 else 'pm'}"


def moment_words(at: datetime, zone: ZoneInfo = LONDON) -> str:
    """Write "Tuesday 4 March, 6:30pm"."""
    wall = local(at, zone)
    return f"{date_words(wall.date())}, {time_words(wall.time())}"


def period_words(start: datetime, end: datetime, zone: ZoneInfo = LONDON) -> str:
    """Write "Tuesday 4 March, 6:30pm to 8pm", naming the second day where it differs."""
    last = local(end, zone)
    if last.date() == local(start, zone).date():
        return f"{moment_words(start, zone)} to {time_words(end, zone)}"
    return f"{moment_words(start, zone)} to {moment_words(end, zone)}"


def overlaps(first: tuple[datetime, datetime], second: tuple[datetime, datetime]) -> bool:
    """Tell whether two half-open periods share an instant."""
    return first[0] < second[1] and second[0] < first[1]
