"""The shape of attendance and hours."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from marketplace.volunteering.rules import BookingState
from marketplace.web.forms import Count, Form


class MarkForm(Form):
    """What to mark, on one booking or on all that are not marked."""

    mark: Literal["attended", "no_show", "confirmed"]
    booking: UUID | None = None

    def state(self) -> BookingState:
        """Give the state that the mark stands for."""
        return BookingState(self.mark)


class HoursForm(Form):
    """How long somebody gave, in hours and minutes."""

    labels: ClassVar = {"hours": "the hours", "minutes": "the minutes"}

    hours: Annotated[Count, Field(le=24)] = 0
    minutes: Annotated[Count, Field(le=59)] = 0

    def total(self) -> int:
        """Give it in minutes."""
        return self.hours * 60 + self.minutes
