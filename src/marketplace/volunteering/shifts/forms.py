"""The shape of a shift as a coordinator says it."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.volunteering.rules import MOST_PLACES
from marketplace.volunteering.shifts.operations import Plan
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.web.forms import Count, Form, Line, LocalDate, LocalTime, Tick


class ShiftForm(Form):
    """When, and how many."""

    labels: ClassVar = {
        "role": "the role",
        "day": "the day",
        "start": "the start",
        "end": "the end",
        "places": "how many people you need",
        "least_needed": "with how few it can take place",
        "note": "the note",
    }

    role: UUID | None = None
    day: LocalDate
    start: LocalTime
    end: LocalTime
    ends_next_day: Tick = False
    places: Annotated[Count, Field(ge=1, le=MOST_PLACES)]
    least_needed: Annotated[Count, Field(le=MOST_PLACES)] = 0
    note: Line = ""

    def plan(self) -> Plan:
        """Give what operations ask for."""
        return Plan(**self.model_dump())


class PlacesForm(Form):
    """How many places stay, and whose bookings go."""

    labels: ClassVar = {"places": "how many places to keep", "reason": "the reason"}

    places: Annotated[Count, Field(ge=1, le=MOST_PLACES)]
    people: Annotated[list[UUID], Field(max_length=MOST_PLACES)] = Field(default_factory=list)
    reason: Line = ""


class RoleChoice(Form):
    """For which role a shift is added, out of the address."""

    role: UUID | None = None


def typed(shift: ShiftView) -> dict[str, Any]:
    """Give what stands in the form when a shift is edited."""
    return {
        "day": shift.local_start.date(),
        "start": shift.local_start.time(),
        "end": shift.local_end.time(),
        "ends_next_day": shift.local_end.date() > shift.local_start.date(),
        "places": shift.places,
        "least_needed": shift.least_needed,
        "note": shift.note,
    }
