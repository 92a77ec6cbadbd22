"""The shapes of expenses."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from marketplace import money
from marketplace.files.rules import MOST_BYTES
from marketplace.volunteering.expenses.operations import Spent
from marketplace.volunteering.expenses.rules import MOST_MILES, Kind, State
from marketplace.web.forms import Blankable, Count, Form, Line, LocalDate, Upload, sentence

MAX_BODY = MOST_BYTES + 256 * 1024
_MOST_PENCE = 100_000_00


def _pence(value: object) -> object:
    if not isinstance(value, str):
        return value
    amount = money.parse(value)
    if amount is None or not 0 < amount <= _MOST_PENCE:
        raise sentence("Enter an amount in pounds, such as 4.50")
    return amount


def _tenths(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        miles = Decimal(value.strip().replace(",", "")) if len(value) < 20 else None
    except InvalidOperation:
        miles = None
    if miles is None or not miles.is_finite() or not 0 < miles <= MOST_MILES:
        raise sentence(f"Enter miles up to {MOST_MILES:,}, such as 12.5")
    return max(1, int((miles * 10).to_integral_value()))


def _said(text: str) -> str:
    if not text:
        raise sentence("Say what it was for")
    return text


class ExpenseForm(Form):
    """What was spent, on what, for whom."""

    labels: ClassVar = {
        "organisation": "the organisation",
        "day": "the day",
        "what": "what it was for",
    }
    sentences: ClassVar = {
        ("organisation", "missing"): "Choose who you spent it for",
        ("organisation", "uuid_parsing"): "Choose who you spent it for",
        ("kind", "missing"): "Choose what you claim",
        ("kind", "enum"): "Choose what you claim",
        ("what", "missing"): "Say what it was for",
    }

    organisation: UUID
    day: LocalDate
    kind: Kind
    what: Annotated[Line, AfterValidator(_said)]
    amount: Annotated[int | None, BeforeValidator(_pence), Blankable] = None
    miles: Annotated[int | None, BeforeValidator(_tenths), Blankable] = None
    picture: Upload | None = None

    def spent(self) -> Spent:
        """Give what operations ask for."""
        return Spent(self.organisation, self.day, self.kind, self.what, self.amount, self.miles)


class ReturnForm(Form):
    """What is missing."""

    labels: ClassVar = {"note": "what is missing"}
    sentences: ClassVar = {("note", "missing"): "Say what is missing"}

    note: Annotated[Line, AfterValidator(_said)]


class ListForm(Form):
    """Which claims to show."""

    state: Literal["", "submitted", "returned", "approved", "paid"] = ""
    page: Annotated[Count, Field(ge=1, le=10_000)] = 1

    def wanted(self) -> State | None:
        """Give the state, None for all."""
        return State(self.state) if self.state else None
