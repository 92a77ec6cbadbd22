"""The shape of messages."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.messages.rules import LONGEST
from marketplace.web.forms import Count, Form, Text, Tick


class MessageForm(Form):
    """What somebody writes."""

    labels: ClassVar = {"text": "your message"}

    text: Annotated[Text, Field(max_length=LONGEST)]


class OrganisationMessageForm(MessageForm):
    """What is written for an organisation; `safety` reaches also who blocked its author."""

    safety: Tick = False


class BlockForm(Form):
    """Who shall write no more."""

    labels: ClassVar = {"person": "the person"}

    person: UUID


class PageForm(Form):
    """Which page of an inbox, out of the address."""

    page: Annotated[Count, Field(ge=1, le=1000)] = 1
