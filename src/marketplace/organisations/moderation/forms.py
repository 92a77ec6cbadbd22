"""The shape of a moderator's words to an owner."""

from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.organisations.rules import State
from marketplace.web.forms import Count, Form, Text


class ReturnForm(Form):
    """What has to be mended."""

    labels: ClassVar = {"note": "what the owner should change"}

    note: Annotated[Text, Field(max_length=1000)]


class ReasonForm(Form):
    """Why it is refused or suspended."""

    labels: ClassVar = {"reason": "the reason, which the owner will read"}

    reason: Annotated[Text, Field(max_length=1000)]


class QueueForm(Form):
    """Which registrations to show, out of the address."""

    state: State = State.SUBMITTED
    page: Annotated[Count, Field(ge=1, le=1000)] = 1
