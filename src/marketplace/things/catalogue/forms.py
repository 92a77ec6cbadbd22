"""The shape of a thing and its units as a librarian writes them, and of the list's filters."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from marketplace.things.catalogue import operations, units
from marketplace.things.catalogue.queries import ThingView, UnitView
from marketplace.things.rules import (
    FURTHEST,
    LONGEST_LOAN,
    MOST_NOTICE,
    MOST_TURNAROUND,
    Kind,
    UnitState,
)
from marketplace.web.forms import Blankable, Count, Form, Line, ShortLine, Text

Hours = Annotated[Count, Field(le=MOST_TURNAROUND)]


class ThingForm(Form):
    """What a thing says; only its title is needed for a draft."""

    labels: ClassVar = {
        "title": "a title",
        "summary": "the summary",
        "category": "a category",
        "kind": "what it is",
        "site_id": "a site",
        "max_days": "the longest loan",
        "notice_days": "the notice",
        "ahead_days": "how far ahead",
        "hours_before": "the hours before a loan",
        "hours_after": "the hours after a loan",
        "condition_notes": "the notes on its condition",
        "terms": "the terms",
    }
    sentences: ClassVar = {("site_id", "uuid_parsing"): "Choose a site from the list"}

    title: Annotated[Line, Field(max_length=120)]
    summary: Annotated[Text, Field(max_length=300)] = ""
    description: Text = ""
    category: Annotated[str, Field(max_length=40)] = "tools"
    kind: Literal["thing", "room", "vehicle"] = "thing"
    site_id: Annotated[UUID | None, Blankable] = None
    condition_notes: Annotated[Text, Field(max_length=1000)] = ""
    terms: Annotated[Text, Field(max_length=3000)] = ""
    max_days: Annotated[Count, Field(ge=1, le=LONGEST_LOAN)] = 7
    notice_days: Annotated[Count, Field(le=MOST_NOTICE)] = 0
    ahead_days: Annotated[Count, Field(ge=1, le=FURTHEST)] = 90
    hours_before: Hours = 0
    hours_after: Hours = 0

    def details(self) -> operations.Details:
        """Give what operations ask for."""
        return operations.Details(**{**self.model_dump(), "kind": Kind(self.kind)})


def typed(thing: ThingView) -> dict[str, Any]:
    """Give what stands in the form when a thing is edited."""
    return {name: getattr(thing, name) for name in ThingForm.model_fields}


class UnitForm(Form):
    """What a unit is called."""

    labels: ClassVar = {
        "label": "what you call this unit",
        "asset_code": "the code",
        "note": "the note",
    }

    label: ShortLine
    asset_code: Annotated[ShortLine, Field(max_length=40)] = ""
    note: Line = ""

    def details(self) -> units.Details:
        """Give what operations ask for."""
        return units.Details(**self.model_dump())


def unit_typed(unit: UnitView) -> dict[str, Any]:
    """Give what stands in the form when a unit is edited."""
    return {name: getattr(unit, name) for name in UnitForm.model_fields}


class UnitStateForm(Form):
    """The state a unit is put into."""

    state: UnitState


class FilterForm(Form):
    """What narrows the list beside words and place, and how it is shown; nothing unknown counts.

    `start` is the first day of a week.
    """

    category: Annotated[str, Field(max_length=80)] = ""
    view: Annotated[str, Field(max_length=80)] = ""
    start: Annotated[str, Field(max_length=80)] = ""
