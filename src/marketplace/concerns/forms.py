"""The shape of a concern, and of what is written about it."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BeforeValidator, Field

from marketplace.concerns.rules import LONGEST_TEXT, AboutLeads
from marketplace.web.forms import Form, Line, ShortLine, Text, Tick

PLACE = "place"
OTHER = "other"

Words = Annotated[Text, Field(min_length=1, max_length=LONGEST_TEXT)]


class ConcernForm(Form):
    """What somebody is worried about; `to` is an organisation's id, PLACE or OTHER."""

    labels: ClassVar = {
        "to": "who should hear of it",
        "organisation": "the name of the organisation",
        "about_leads": "whether it is about them",
        "text": "what you are worried about",
        "contact_name": "your name",
        "contact_how": "how to reach you",
    }
    sentences: ClassVar = {
        ("to", "missing"): "Choose who should hear of it",
        ("about_leads", "missing"): "Say whether it is about them, or that you do not know",
        ("text", "missing"): "Write what you are worried about",
    }

    to: Annotated[str, Field(max_length=40)]
    organisation: Line = ""
    about_leads: AboutLeads
    text: Words
    contact_name: ShortLine = ""
    contact_how: Line = ""
    # Nobody typed it: a concern is not lost over it.
    page: Annotated[str, BeforeValidator(lambda value: str(value)[:300])] = ""

    @property
    def organisation_id(self) -> UUID | None:
        """Give the organisation that was chosen, None for the place or an unreadable one."""
        try:
            return UUID(self.to)
        except ValueError:
            return None


class AboutForm(Form):
    """The page from which somebody comes, out of the address."""

    about: Annotated[str, Field(max_length=300)] = ""


class CodeForm(Form):
    """The code of a concern."""

    labels: ClassVar = {"code": "your code"}

    code: ShortLine


class AdditionForm(CodeForm):
    """What whoever raised it adds."""

    labels: ClassVar = {**CodeForm.labels, "text": "what you want to add"}

    text: Words


class NoteForm(Form):
    """What a lead writes down."""

    labels: ClassVar = {"note": "your note"}

    note: Words
    answer: Tick = False


class OutcomeForm(Form):
    """How it ended."""

    labels: ClassVar = {"outcome": "what came of it"}

    outcome: Words
