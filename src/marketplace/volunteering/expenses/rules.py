"""What is paid back for a journey, and what may become of a claim: pure."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from marketplace.errors import Conflict
from marketplace.moves import Moves

FURTHEST_BACK = timedelta(days=366)
MOST_MILES = 2000
# The picture of a receipt goes this long after the claim is settled, and never stays longer than:
RECEIPT_AFTER_SETTLED = timedelta(days=90)
RECEIPT_LONGEST = timedelta(days=2 * 365)


class Event(StrEnum):
    """What happens to a claim."""

    SUBMITTED = "expense.submitted"
    RETURNED = "expense.returned"
    APPROVED = "expense.approved"
    PAID = "expense.paid"
    WITHDRAWN = "expense.withdrawn"


class Kind(StrEnum):
    """What was spent: money with a receipt, or miles on one's own wheels."""

    RECEIPT = "receipt"
    CAR = "car"
    MOTORCYCLE = "motorcycle"
    BICYCLE = "bicycle"


class State(StrEnum):
    """What became of a claim."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


MOVES = Moves(
    "claim",
    {
        State.SUBMITTED: frozenset({State.RETURNED, State.APPROVED, State.WITHDRAWN}),
        State.RETURNED: frozenset({State.SUBMITTED, State.WITHDRAWN}),
        State.APPROVED: frozenset({State.PAID, State.RETURNED}),
    },
)


@dataclass(frozen=True, slots=True)
class Rate:
    """Pence a mile of one kind, in force in `[since, until)`; after `first_miles` of a tax year
    it is `pence_after`. `unconfirmed` says why, where HMRC's own page could not be read for it."""

    kind: Kind
    since: date
    until: date | None
    pence: int
    first_miles: int | None
    pence_after: int | None
    unconfirmed: str = ""


@dataclass(frozen=True, slots=True)
class Rates:
    """All rates, where they come from, and when somebody last looked."""

    source: str
    url: str
    checked_on: date
    rows: tuple[Rate, ...]

    def at(self, kind: Kind, on: date) -> Rate | None:
        """Give the rate in force on a day; None without one."""
        return next(
            (
                rate
                for rate in self.rows
                if rate.kind is kind
                and rate.since <= on
                and (rate.until is None or on < rate.until)
            ),
            None,
        )


@cache
def rates() -> Rates:
    """Read the rates that are kept beside this module."""
    text = files(__package__ or "").joinpath("mileage_rates.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    rows = tuple(
        Rate(
            Kind(row["kind"]),
            date.fromisoformat(row["from"]),
            date.fromisoformat(row["until"]) if row["until"] else None,
            row["pence"],
            row["first_miles"],
            row["pence_after"],
            row.get("unconfirmed", ""),
        )
        for row in data["rates"]
    )
    return Rates(data["source"], data["url"], date.fromisoformat(data["checked_on"]), rows)


def mileage(rate: Rate, tenths: int, before: int) -> int:
    """Give the pence for some tenths of miles after `before` of them in the same tax year.

    Half pennies are rounded up.
    """
    at_first = tenths
    if rate.first_miles is not None:
        at_first = max(0, min(tenths, rate.first_miles * 10 - before))
    after = rate.pence if rate.pence_after is None else rate.pence_after
    return max(1, (at_first * rate.pence + (tenths - at_first) * after + 5) // 10)


def tax_year(on: date) -> tuple[date, date]:
    """Give the tax year of a day, half-open: 6 April to 6 April."""
    start = date(on.year, 4, 6)
    if on < start:
        start = date(on.year - 1, 4, 6)
    return start, date(start.year + 1, 4, 6)


def refuse_day(on: date, today: date) -> None:
    """Refuse a day ahead, or one longer ago than a year.

    Raises:
        Conflict: beside the field `day`.
    """
    if on > today:
        raise Conflict("Enter a day that is past, or today", field="day")
    if on < today - FURTHEST_BACK:
        raise Conflict("Enter a day within the last year", field="day")


def receipt_is_over(settled_at: datetime | None, taken_at: datetime, now: datetime) -> bool:
    """Tell whether the picture of a receipt is to be deleted."""
    if taken_at < now - RECEIPT_LONGEST:
        return True
    return settled_at is not None and settled_at < now - RECEIPT_AFTER_SETTLED


def miles_words(tenths: int) -> str:
    """Write "12.5 miles"."""
    whole, rest = divmod(tenths, 10)
    number = f"{whole:,}.{rest}" if rest else f"{whole:,}"
    return f"{number} mile{'' if tenths == 10 else 's'}"
