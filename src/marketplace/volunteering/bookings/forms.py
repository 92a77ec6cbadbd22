"""The shape of a booking."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.web.forms import Form, ShortLine, Text, Tick


class BookingForm(Form):
    """The person's word that they have the role's age, where it has one.

    `seen` is the start that the page showed: nobody is booked at a time they never saw.
    """

    old_enough: Tick = False
    seen: ShortLine = ""
    may_ask: Tick = False


class RemovalForm(Form):
    """Why somebody is taken off a shift, as they are told."""

    labels: ClassVar[Mapping[str, str]] = {"reason": "the reason"}
    sentences: ClassVar[Mapping[tuple[str, str], str]] = {
        ("reason", "missing"): "Say why: they are told in your words"
    }

    reason: Annotated[Text, Field(max_length=500)]
