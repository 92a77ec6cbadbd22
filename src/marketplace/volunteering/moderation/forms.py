"""The shape of a moderator's decision about an opportunity."""

from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.volunteering.moderation.queries import Tab
from marketplace.web.forms import Count, Form, Text


class QueueForm(Form):
    """Which part of the queue to show, out of the address."""

    show: Tab = Tab.WAITING
    page: Annotated[Count, Field(ge=1, le=1000)] = 1


class AcceptForm(Form):
    """What was read, named by its fingerprint."""

    seen: Annotated[str, Field(max_length=40)] = ""


class ReturnForm(Form):
    """What has to be mended."""

    labels: ClassVar = {"note": "what should change"}

    note: Annotated[Text, Field(max_length=1000)]
