"""The shapes of recognition."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.volunteering.recognition.operations import Choice
from marketplace.web.forms import Form, Line, LocalDate, Tick


class ThanksForm(Form):
    """A coordinator's sentence."""

    labels: ClassVar = {"words": "your thanks"}

    words: Annotated[Line, Field(min_length=1, max_length=200)]


class StatementForm(Form):
    """Which organisations, which days, and what of them is shown."""

    labels: ClassVar = {
        "organisations": "the organisations",
        "first_day": "the first day",
        "last_day": "the last day",
    }
    sentences: ClassVar = {
        ("organisations", "uuid_parsing"): "Choose organisations from the list",
    }

    organisations: Annotated[list[UUID], Field(max_length=200)] = Field(default_factory=list)
    first_day: LocalDate
    last_day: LocalDate
    shows_name: Tick = False
    shows_roles: Tick = False
    shows_hours: Tick = False

    def choice(self) -> Choice:
        """Give what operations ask for."""
        return Choice(**self.model_dump())


class VerifyForm(Form):
    """A code as it is read from paper."""

    labels: ClassVar = {"code": "the code"}

    code: Line = ""
