"""The shape of what somebody has a shift's leader know."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.volunteering.safety.queries import Details
from marketplace.web.forms import Form, ShortLine, Text, Tick


class DetailsForm(Form):
    """Whom to ring, and what somebody needs."""

    labels: ClassVar = {
        "contact_name": "the name",
        "contact_phone": "the telephone number",
        "relation": "who they are to you",
        "adjustments": "what you need",
    }

    contact_name: ShortLine = ""
    contact_phone: ShortLine = ""
    relation: ShortLine = ""
    adjustments: Annotated[Text, Field(max_length=1000)] = ""

    def details(self) -> Details:
        """Give what was written."""
        return Details(**{name: getattr(self, name) for name in type(self).model_fields})


class ShareForm(Form):
    """Whether leaders see it: of one booking, or everywhere in its organisation."""

    booking: UUID
    shared: Tick = False
    everywhere: Tick = False
