"""The shape of what borrowers choose."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.web.forms import Blankable, Form, LocalDate, Tick


class DaysForm(Form):
    """The days in an address; both may be missing."""

    labels: ClassVar = {"first": "the day you collect it", "last": "the day you bring it back"}

    first: Annotated[LocalDate | None, Blankable] = None
    last: Annotated[LocalDate | None, Blankable] = None


class ReservationForm(Form):
    """The days, for whom, and that the terms are accepted."""

    labels: ClassVar = {
        "first": "the day you collect it",
        "last": "the day you bring it back",
        "for_organisation": "a group",
    }
    sentences: ClassVar = {
        ("for_organisation", "uuid_parsing"): "Choose a group that you belong to"
    }

    first: LocalDate
    last: LocalDate
    for_organisation: Annotated[UUID | None, Blankable] = None
    agreed: Tick = False


class MonthForm(Form):
    """Which month the calendar shows."""

    month: Annotated[str, Field(max_length=10)] = ""
