"""The shape of a decision, and of what narrows the public list of awards."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.grants.awards.queries import Chosen, Ranked
from marketplace.grants.awards.rules import MOST_NOTE, MOST_TITLE, Grant
from marketplace.grants.rounds.forms import Pounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.web.forms import Blankable, Count, Form, Line, LocalDate, Text


class AwardForm(Form):
    """What is awarded; the amount is typed in pounds and kept in pence."""

    labels: ClassVar = {
        "amount": "the amount",
        "title": "a title",
        "description": "what the money is for",
        "starts_on": "the first day",
        "ends_on": "the last day",
        "note": "your message",
    }

    amount: Pounds
    title: Annotated[Line, Field(max_length=MOST_TITLE)]
    description: Annotated[Text, Field(max_length=2000)]
    starts_on: Annotated[LocalDate | None, Blankable] = None
    ends_on: Annotated[LocalDate | None, Blankable] = None
    note: Annotated[Text, Field(max_length=MOST_NOTE)] = ""

    def grant(self) -> Grant:
        """Give what is awarded."""
        return Grant(**self.model_dump())


def proposed(row: Ranked, round: RoundView) -> dict[str, object]:
    """Fill in what is known: what they asked for, and the round's dates."""
    return {
        "amount": f"{row.asked / 100:.2f}".removesuffix(".00"),
        "title": row.title,
        "starts_on": round.starts_on,
        "ends_on": round.ends_on,
    }


class DeclineForm(Form):
    """Why not."""

    labels: ClassVar = {"reason": "the reason"}
    sentences: ClassVar = {
        ("reason", "missing"): "Say why, in words the applicant can use",
    }

    reason: Annotated[Text, Field(max_length=MOST_NOTE)]


class FilterForm(Form):
    """What narrows the public list; what we do not know narrows nothing."""

    funder: Annotated[UUID | None, Blankable] = None
    fund: Annotated[UUID | None, Blankable] = None
    recipient: Annotated[UUID | None, Blankable] = None
    year: Annotated[Count | None, Blankable, Field(le=date.max.year)] = None
    page: Annotated[Count, Field(ge=1, le=10_000)] = 1

    def chosen(self) -> Chosen:
        """Give it as the query takes it."""
        return Chosen(**self.model_dump())
