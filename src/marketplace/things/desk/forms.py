"""The shape of what the desk says."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from marketplace.web.forms import Blankable, Form, Line, ShortLine, Text

Note = Annotated[Text, Field(max_length=1000)]


class FindForm(Form):
    """What somebody looks for at the desk."""

    q: Line = ""


class HandOverForm(Form):
    """Which unit leaves, and how it looks; a code counts before a choice."""

    labels: ClassVar = {"code": "the code", "condition": "the note on its condition"}
    sentences: ClassVar = {("unit_id", "uuid_parsing"): "Choose a unit from the list"}

    code: Annotated[ShortLine, Field(max_length=40)] = ""
    unit_id: Annotated[UUID | None, Blankable] = None
    condition: Note = ""


class ReturnForm(Form):
    """How a unit came back, or that it will not."""

    labels: ClassVar = {"condition": "how it came back", "note": "the note"}
    sentences: ClassVar = {
        ("condition", "missing"): "Choose whether it is good, needs repair or is lost",
        ("condition", "literal_error"): "Choose whether it is good, needs repair or is lost",
    }

    condition: Literal["good", "needs_repair", "lost"]
    note: Note = ""


class CancelForm(Form):
    """Why a reservation cannot be kept."""

    labels: ClassVar = {"reason": "the reason, which the borrower reads"}

    reason: Annotated[Text, Field(max_length=500)]
