"""The shape of a fund as a funder writes it, and of the filter of the list."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from marketplace.grants.funds.operations import Details
from marketplace.grants.funds.queries import FundView
from marketplace.web.forms import Form, Line, ShortLine, Text

Slugs = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=40)]


class FundForm(Form):
    """What a fund says; only its title is needed for a draft."""

    labels: ClassVar = {
        "title": "a name for the fund",
        "summary": "the summary",
        "description": "the description",
        "area": "the area",
        "causes": "the causes",
    }

    title: Annotated[Line, Field(max_length=120)]
    summary: Annotated[Text, Field(max_length=300)] = ""
    description: Text = ""
    causes: Slugs = Field(default_factory=list)
    area: ShortLine = ""

    def details(self) -> Details:
        """Give what operations ask for."""
        return Details(**self.model_dump())


def typed(fund: FundView) -> dict[str, Any]:
    """Give what stands in the form when a fund is edited."""
    return {name: getattr(fund, name) for name in FundForm.model_fields}


class FilterForm(Form):
    """What narrows the list beside words and place; what is unknown narrows nothing."""

    cause: Annotated[str, Field(max_length=80)] = ""
