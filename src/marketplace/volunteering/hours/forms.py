"""The shapes of hours."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from marketplace.volunteering.hours.queries import Filter
from marketplace.web.forms import Blankable, Count, Form, Line, LocalDate


class HoursForm(Form):
    """How long somebody gave, in hours and minutes."""

    labels: ClassVar = {"hours": "the hours", "minutes": "the minutes"}

    hours: Annotated[Count, Field(le=24)] = 0
    minutes: Annotated[Count, Field(le=59)] = 0

    def total(self) -> int:
        """Give it in minutes."""
        return self.hours * 60 + self.minutes


class ClaimForm(HoursForm):
    """A day, how long, and what was done."""

    labels: ClassVar = {**HoursForm.labels, "day": "the day", "note": "what you did"}

    day: LocalDate
    note: Line = ""


class ProposeForm(ClaimForm):
    """The same of somebody else, in one of an organisation's roles."""

    labels: ClassVar = {**ClaimForm.labels, "person": "who", "role_id": "the role"}
    sentences: ClassVar = {
        ("person", "missing"): "Choose who it was",
        ("role_id", "missing"): "Choose what they did",
    }

    person: UUID
    role_id: UUID


class PeopleForm(Form):
    """Whose hours are to be added: part of a name."""

    labels: ClassVar = {"q": "part of a name"}

    q: Line = ""


class CorrectForm(HoursForm):
    """How long it really was."""

    labels: ClassVar = {**HoursForm.labels, "note": "what you did"}

    note: Line = ""


class DisputeForm(HoursForm):
    """How long it was in the other side's eyes, and why."""

    labels: ClassVar = {**HoursForm.labels, "words": "what is not right"}
    sentences: ClassVar = {("words", "missing"): "Say in a sentence what is not right"}

    words: Annotated[Line, Field(min_length=1)]


class FilterForm(Form):
    """Which of an organisation's hours to show."""

    labels: ClassVar = {"since": "the first day", "until": "the last day"}

    state: Literal["", "waiting", "proposed", "confirmed", "disputed"] = ""
    since: Annotated[LocalDate | None, Blankable] = None
    until: Annotated[LocalDate | None, Blankable] = None
    role: Annotated[UUID | None, Blankable] = None
    person: Annotated[UUID | None, Blankable] = None
    page: Annotated[Count, Field(ge=1, le=10_000)] = 1

    def wanted(self) -> Filter:
        """Give what queries ask for."""
        return Filter(self.state, self.since, self.until, self.role, self.person)
