"""Forms of the coordinator's day."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.volunteering.desk.rules import Answer
from marketplace.web.forms import Form, LocalDate, Tick


class AskForm(Form):
    """Ask one person about one shift."""

    labels: ClassVar = {"person": "somebody"}
    person: UUID


class AnswerForm(Form):
    """Say whether you can come."""

    labels: ClassVar = {"answer": "whether you can come"}
    sentences: ClassVar = {("answer", "missing"): "Press one of the buttons"}
    answer: Answer
    old_enough: Tick = False


class AwayForm(Form):
    """Say until when nobody answers; empty for back."""

    labels: ClassVar = {"until": "the last day you are away"}
    until: Annotated[LocalDate | None, Field()] = None
