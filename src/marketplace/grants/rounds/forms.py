"""The shape of a round's terms and criteria as a funder writes them."""

from datetime import time
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from marketplace import money
from marketplace.grants.rounds.amending import Correction
from marketplace.grants.rounds.asking import Measure
from marketplace.grants.rounds.operations import Terms
from marketplace.grants.rounds.queries import CriterionView, RoundView
from marketplace.grants.rounds.rules import MOST_REASON
from marketplace.organisations.rules import Kind as OrganisationKind
from marketplace.questions.rules import MOST_MONEY
from marketplace.web.forms import (
    Blankable,
    Bound,
    Count,
    Form,
    Line,
    LocalDate,
    LocalTime,
    ShortLine,
    Text,
    Tick,
    sentence,
)


def _pence(value: object) -> object:
    if isinstance(value, str):
        amount = money.parse(value)
        if amount is None:
            raise sentence("Enter an amount in pounds, such as £1,250 or 1250.50")
        if amount > MOST_MONEY:
            raise sentence(f"Enter {money.pounds(MOST_MONEY)} or less")
        return amount
    return value


Pounds = Annotated[int, BeforeValidator(_pence), Field(ge=0)]


Guidance = Annotated[Text, Field(max_length=2000)]
Reason = Annotated[Text, Field(max_length=MOST_REASON)]


class RoundForm(Form):
    """The terms of a round; amounts are typed in pounds and kept in pence."""

    labels: ClassVar = {
        "title": "a name for the round",
        "budget": "the budget",
        "least": "the least you give",
        "most": "the most you give",
        "opens_day": "the day it opens",
        "opens_time": "the time it opens",
        "deadline_day": "the day of the deadline",
        "deadline_time": "the time of the deadline",
        "starts_on": "the first day of the grant",
        "ends_on": "the last day of the grant",
        "who_may_apply": "who may apply",
        "contact": "whom to ask",
        "kinds": "the kinds of organisation",
        "districts": "the districts",
        "income_at_most": "the highest income",
        "years_registered": "the number of years",
    }

    title: ShortLine
    budget: Pounds
    least: Pounds = 0
    most: Pounds
    opens_day: LocalDate
    opens_time: LocalTime = time(9)
    deadline_day: LocalDate
    deadline_time: LocalTime = time(12)
    starts_on: Annotated[LocalDate | None, Blankable] = None
    ends_on: Annotated[LocalDate | None, Blankable] = None
    who_may_apply: Guidance = ""
    contact: Line = ""
    kinds: Annotated[list[OrganisationKind], Field(max_length=10)] = Field(default_factory=list)
    districts: Annotated[list[Annotated[str, Field(max_length=12)]], Field(max_length=100)] = Field(
        default_factory=list
    )
    income_at_most: Annotated[Pounds | None, Blankable] = None
    years_registered: Annotated[Count, Field(le=50)] = 0
    approved_only: Tick = False

    def terms(self) -> Terms:
        """Give what operations ask for."""
        return Terms(**self.model_dump())


def _typed_pounds(pence: int | None) -> str | None:
    return None if pence is None else money.pounds(pence).removeprefix("£")


def typed(round: RoundView) -> dict[str, Any]:
    """Give what stands in the form when a round is edited."""
    return {
        "title": round.title,
        "budget": _typed_pounds(round.budget),
        "least": _typed_pounds(round.least or None),
        "most": _typed_pounds(round.most),
        "opens_day": round.opens_local.date(),
        "opens_time": round.opens_local.time(),
        "deadline_day": round.deadline_local.date(),
        "deadline_time": round.deadline_local.time(),
        "starts_on": round.starts_on,
        "ends_on": round.ends_on,
        "who_may_apply": round.who_may_apply,
        "contact": round.contact,
        "kinds": [kind.value for kind in round.rules.kinds],
        "districts": list(round.rules.districts),
        "income_at_most": _typed_pounds(round.rules.income_at_most),
        "years_registered": round.rules.years_registered or None,
        "approved_only": round.rules.approved_only,
    }


class ExtensionForm(Form):
    """A later deadline, and why."""

    labels: ClassVar = {
        "deadline_day": "the new day",
        "deadline_time": "the new time",
        "reason": "why it moves: everybody can read it",
    }

    deadline_day: LocalDate
    deadline_time: LocalTime
    reason: Reason


class CorrectionForm(Form):
    """What may be corrected of a published round; the budget is typed in pounds."""

    labels: ClassVar = {
        "title": "a name for the round",
        "budget": "the budget",
        "contact": "whom to ask",
        "who_may_apply": "who may apply",
        "reason": "the reason",
    }

    title: ShortLine
    budget: Pounds
    contact: Line = ""
    who_may_apply: Guidance = ""
    reason: Reason = ""


def correction(form: Bound[CorrectionForm]) -> Correction:
    """Give what operations ask for; who may apply stays where the page had no field for it."""
    assert form.data is not None
    said = form.data.model_dump()
    if "who_may_apply" not in form.raw:
        del said["who_may_apply"]
    return Correction(**said)


class CriterionForm(Form):
    """One criterion."""

    labels: ClassVar = {
        "label": "the criterion",
        "help": "what assessors look for",
        "weight": "the weight",
        "most": "the most points",
    }

    label: Annotated[Line, Field(max_length=120)]
    help: Annotated[Text, Field(max_length=1000)] = ""
    weight: Annotated[Count, Field(ge=1, le=10)] = 1
    most: Annotated[Count, Field(ge=1, le=100)] = 5

    def measure(self) -> Measure:
        """Give what operations ask for."""
        return Measure(**self.model_dump())


def typed_criterion(criterion: CriterionView) -> dict[str, Any]:
    """Give what stands in the form when a criterion is edited."""
    return {name: getattr(criterion, name) for name in CriterionForm.model_fields}
