"""The shape of a role as a coordinator writes it."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from marketplace.volunteering.opportunities.queries import RoleView
from marketplace.volunteering.roles.operations import Details
from marketplace.volunteering.rules import MOST_PLACES
from marketplace.web.forms import Count, Form, Line, Text

Slugs = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=40)]


class RoleForm(Form):
    """What one volunteer does, who may do it, and how many each new shift wants."""

    labels: ClassVar = {
        "title": "a name for the role",
        "description": "what they do",
        "minimum_age": "the minimum age",
        "wanted": "how many people a shift wants",
        "least_needed": "the least number of people",
        "skills": "the skills",
    }

    title: Annotated[Line, Field(max_length=120)]
    description: Annotated[Text, Field(max_length=2000)] = ""
    minimum_age: Annotated[Count, Field(le=99)] = 18
    wanted: Annotated[Count, Field(ge=1, le=MOST_PLACES)] = 1
    least_needed: Annotated[Count, Field(le=MOST_PLACES)] = 0
    skills: Slugs = Field(default_factory=list)

    def details(self) -> Details:
        """Give what operations ask for."""
        return Details(**self.model_dump())


def typed(role: RoleView) -> dict[str, Any]:
    """Give what stands in the form when a role is edited."""
    return {name: getattr(role, name) for name in RoleForm.model_fields}
