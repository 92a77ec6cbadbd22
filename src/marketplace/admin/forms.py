"""The shape of the filter over history."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field

from marketplace.web.forms import Blankable, Form, Line, sentence


def _event(text: str) -> str:
    if not all(c.isascii() and (c.islower() or c in "._") for c in text):
        raise sentence("Enter an event such as booking.made, or its first word: booking")
    return text


class HistoryForm(Form):
    """Whom or what to look for, which events, and where the page before ended."""

    labels: ClassVar = {"about": "an id", "event": "an event", "before": "the page"}
    sentences: ClassVar = {
        ("about", "uuid_parsing"): "Enter a whole id, as it stands in an address of this site"
    }

    about: Annotated[UUID | None, Blankable] = None
    event: Annotated[Line, AfterValidator(_event)] = ""
    before: Annotated[int | None, Blankable, Field(ge=1, lt=2**63)] = None
