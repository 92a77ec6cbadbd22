"""Forms of campaigns."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BeforeValidator, Field

from marketplace.web.forms import Count, Form, Line, LocalDate, Text


def _page(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 5 else 1


class CampaignForm(Form):
    """Set a campaign up."""

    labels: ClassVar = {
        "name": "what it is called",
        "summary": "what it is about",
        "place": "a place",
        "first_day": "the first day",
        "last_day": "the last day",
    }
    sentences: ClassVar = {("place", "uuid_parsing"): "Choose from the list"}
    name: Line
    summary: Annotated[Text, Field(max_length=500)] = ""
    place: UUID
    first_day: LocalDate
    last_day: LocalDate


class TeamForm(Form):
    """Take part."""

    labels: ClassVar = {"goal_hours": "how many hours you aim for"}
    goal_hours: Annotated[Count, Field(ge=1)]


class ItemsForm(Form):
    """Which of what is counted to list."""

    which: Annotated[str, Field(max_length=10)] = "now"
    place: Annotated[str, Field(max_length=9, pattern="[EWNS][0-9]{8}")] = ""
    page: Annotated[int, BeforeValidator(_page), Field(ge=1, le=2000)] = 1
