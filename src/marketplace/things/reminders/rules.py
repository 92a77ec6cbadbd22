"""When a reminder is due: pure, judged by the days of the loan on its site's wall clock.

Nobody is woken: what falls due at night waits until the morning. Whoever reserved or collected
after a reminder's moment gets none, because they have just read it all; and a reminder that is
very late, because no worker ran, says nothing useful any more.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from marketplace import clock
from marketplace.offers.rules import quiet
from marketplace.things.rules import ReservationState

MORNING = time(9)
# Shortly before the desk closes on them nobody reads mail.
DOORSTEP = timedelta(hours=2)
DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Kind(StrEnum):
    """What a reminder is of: a day ahead, or so long after something should be back."""

    COLLECT = "collect"
    RETURN = "return"
    OVERDUE = "overdue"
    OVERDUE_WEEK = "overdue_week"


class Event(StrEnum):
    """What happens with reminders, for whoever reacts."""

    DUE = "loan_reminder.due"


def still(kind: Kind, state: ReservationState) -> bool:
    """Tell whether what a reminder is of has still to be done."""
    wanted = ReservationState.RESERVED if kind is Kind.COLLECT else ReservationState.OUT
    return state is wanted


def window(
    kind: Kind, first: date, last: date, starts_at: datetime, ends_at: datetime, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """Give from when a reminder is due and until when it makes sense (aware UTC, half-open)."""

    def morning(day: date) -> datetime:
        return clock.instant(day, MORNING, zone)

    if kind is Kind.COLLECT:
        return morning(first - DAY), starts_at - DOORSTEP
    if kind is Kind.RETURN:
        return morning(last - DAY), ends_at - DOORSTEP
    if kind is Kind.OVERDUE:
        return morning(last + DAY), morning(last + WEEK)
    return morning(last + WEEK), morning(last + 2 * WEEK)


def due(since: datetime, window: tuple[datetime, datetime], now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a reminder is to be sent now, if it was not before.

    `since` is when they reserved, or what they have was handed over.
    """
    moment, until = window
    return since < moment <= now < until and not quiet(now, zone)


def words(kind: Kind, first: date, last: date, now: datetime, zone: ZoneInfo) -> str:
    """Write when something is to be done: "today", "tomorrow", "1 day ago"."""
    today = now.astimezone(zone).date()
    if kind in (Kind.COLLECT, Kind.RETURN):
        days = ((first if kind is Kind.COLLECT else last) - today).days
        return "today" if days < 1 else "tomorrow" if days == 1 else f"in {days} days"
    days = (today - last).days
    return "yesterday" if days == 1 else f"{days} days ago"
