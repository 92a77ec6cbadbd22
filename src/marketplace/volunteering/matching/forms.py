"""Forms of matching."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from marketplace.volunteering.matching.rules import SLOTS
from marketplace.volunteering.opportunities.rules import NEEDS
from marketplace.web.forms import Form, sentence


def _one_of(known: object) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:  # type: ignore[operator]
            raise sentence("Choose from the list")
        return value

    return AfterValidator(check)


def _digits(value: object) -> object:
    return int(value) if isinstance(value, str) and value in MILES_CHOICES else value


MILES_CHOICES = frozenset({"1", "2", "3", "5", "10", "15", "25", "50"})
Slot = Annotated[str, Field(max_length=20), _one_of(SLOTS)]
Need = Annotated[str, Field(max_length=40), _one_of(NEEDS)]
Miles = Annotated[Literal[1, 2, 3, 5, 10, 15, 25, 50], BeforeValidator(_digits)]


class AvailabilityForm(Form):
    """Say when you are free."""

    labels: ClassVar = {"free": "when you are free", "miles": "how far you go", "needs": "needs"}
    free: list[Slot] = Field(default=[], max_length=len(SLOTS))
    miles: Miles
    needs: list[Need] = Field(default=[], max_length=len(NEEDS))
