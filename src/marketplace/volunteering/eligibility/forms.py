"""The shape of the question why somebody cannot book."""

from typing import Annotated
from uuid import UUID

from marketplace.web.forms import Blankable, Form


class WhoForm(Form):
    """About whom it is asked."""

    person: Annotated[UUID | None, Blankable] = None
