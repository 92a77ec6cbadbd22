"""The shape of naming who looks after safeguarding."""

from typing import Annotated, ClassVar
from uuid import UUID

from marketplace.web.forms import Blankable, Email, Form


class LeadsForm(Form):
    """An organisation's lead and deputy."""

    labels: ClassVar = {"lead": "the lead", "deputy": "the deputy"}
    sentences: ClassVar = {
        ("lead", "missing"): "Choose who is told of a concern",
        ("lead", "uuid_parsing"): "Choose who is told of a concern",
        ("deputy", "uuid_parsing"): "Choose somebody from the list, or nobody",
    }

    lead: UUID
    deputy: Annotated[UUID | None, Blankable] = None


class PlaceLeadForm(Form):
    """Who shall hear of concerns for the place."""

    labels: ClassVar = {"email": "their e-mail address"}

    email: Email
