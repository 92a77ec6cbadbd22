"""The shape of recurring shifts as a coordinator says them."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from marketplace.errors import Conflict
from marketplace.volunteering.rules import MOST_PLACES
from marketplace.volunteering.series.queries import SeriesView
from marketplace.volunteering.series.rules import (
    WEEKDAYS,
    WEEKS_AHEAD,
    Decision,
    Every,
    Pattern,
    Terms,
)
from marketplace.web.forms import Bound, Count, Form, Line, LocalDate, LocalTime, Tick

EVERY = [
    (Every.WEEK.value, "Every week"),
    (Every.FORTNIGHT.value, "Every 2 weeks"),
    *((each.value, f"Every month on the {each.value}") for each in list(Every)[2:]),
]
DAYS = [(str(number), name) for number, name in enumerate(WEEKDAYS)]
ENDS = [
    (
        "never",
        "Without end",
        f"Shifts are planned {WEEKS_AHEAD} weeks ahead, and one more is added as each week passes,"
        " until you change this",
    ),
    ("until", "Until a day"),
]
DECISION = "decision-"


class RepeatForm(Form):
    """How a shift repeats, how long it is and how many it needs."""

    labels: ClassVar = {
        "start": "the start",
        "end": "the end",
        "places": "how many people you need",
        "least_needed": "with how few it can take place",
        "note": "the note",
        "every": "how often",
        "weekdays": "the days",
        "ends": "whether it ends",
        "until": "the last day",
    }

    start: LocalTime
    end: LocalTime
    ends_next_day: Tick = False
    places: Annotated[Count, Field(ge=1, le=MOST_PLACES)]
    least_needed: Annotated[Count, Field(le=MOST_PLACES)] = 0
    note: Line = ""
    every: Every
    weekdays: Annotated[list[Literal["0", "1", "2", "3", "4", "5", "6"]], Field(max_length=7)] = (
        Field(default_factory=list)
    )
    ends: Literal["never", "until"] = "never"
    until: LocalDate | None = None
    skip_holidays: Tick = False

    def pattern(self, otherwise: date | None = None) -> Pattern:
        """Give how often and on which days: without a tick, on that of the first day."""
        days = tuple(sorted({int(day) for day in self.weekdays}))
        if not days and otherwise is not None:
            days = (otherwise.weekday(),)
        return Pattern(self.every, days)

    def terms(self, first_day: date | None = None) -> Terms:
        """Give what operations ask for.

        Raises:
            Conflict: it ends, and nobody said when.
        """
        if self.ends == "until" and self.until is None:
            raise Conflict("Enter the last day, or choose “Without end”", field="until")
        return Terms(
            pattern=self.pattern(first_day),
            start=self.start,
            end=self.end,
            ends_next_day=self.ends_next_day,
            places=self.places,
            least_needed=self.least_needed,
            note=self.note,
            until=self.until if self.ends == "until" else None,
            skip_holidays=self.skip_holidays,
        )


class NewSeriesForm(RepeatForm):
    """A new series, with its role and its first day."""

    labels: ClassVar = {**RepeatForm.labels, "role": "the role", "day": "the first day"}

    role: UUID | None = None
    day: LocalDate


def typed(series: SeriesView) -> dict[str, Any]:
    """Give what stands in the form when a series is changed."""
    terms = series.terms
    start: time = terms.start
    return {
        "start": start,
        "end": terms.end,
        "ends_next_day": terms.ends_next_day,
        "places": terms.places,
        "least_needed": terms.least_needed,
        "note": terms.note,
        "every": terms.pattern.every.value,
        "weekdays": [str(day) for day in terms.pattern.weekdays],
        "ends": "until" if terms.until else "never",
        "until": terms.until,
        "skip_holidays": terms.skip_holidays,
    }


def decisions(form: Bound[Any]) -> dict[UUID, Decision]:
    """Read what was decided about each booked shift; what is no decision is left out."""
    found: dict[UUID, Decision] = {}
    for name, values in form.raw.items():
        if name.startswith(DECISION) and values:
            try:
                found[UUID(name.removeprefix(DECISION))] = Decision(values[-1])
            except ValueError:
                continue
    return found


def kept(form: Bound[Any]) -> Mapping[str, list[str]]:
    """Give what else was typed, to be sent again with the decisions."""
    return {name: form.raw[name] for name in form.shape.model_fields if name in form.raw}
