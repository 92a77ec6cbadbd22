"""The shapes of hours."""

from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.web.forms import Count, Form


class HoursForm(Form):
    """How long somebody gave, in hours and minutes."""

    labels: ClassVar = {"hours": "the hours", "minutes": "the minutes"}

    hours: Annotated[Count, Field(le=24)] = 0
    minutes: Annotated[Count, Field(le=59)] = 0

    def total(self) -> int:
        """Give it in minutes."""
        return self.hours * 60 + self.minutes
