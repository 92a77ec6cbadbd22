"""The shape of a report, and of a moderator's answer to it."""

from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.messages.rules import LONGEST_NOTE, Reason, ReportState
from marketplace.web.forms import Count, Form, Text, Tick


class ReportForm(Form):
    """What is wrong with a message."""

    labels: ClassVar = {"reason": "what is wrong", "note": "what you add"}
    sentences: ClassVar = {("reason", "missing"): "Choose what is wrong with it"}

    reason: Reason
    note: Annotated[Text, Field(max_length=LONGEST_NOTE)] = ""


class OutcomeForm(Form):
    """What a moderator did."""

    labels: ClassVar = {"outcome": "what you did about it"}

    outcome: Annotated[Text, Field(max_length=LONGEST_NOTE)]
    take_down: Tick = False


class QueueForm(Form):
    """Which reports to show, out of the address."""

    state: ReportState = ReportState.OPEN
    page: Annotated[Count, Field(ge=1, le=1000)] = 1
