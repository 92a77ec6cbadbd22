"""The shape of ties and of a sheet of points, whose fields carry the ids of what they are about."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from marketplace.errors import Conflict
from marketplace.grants.assessment.rules import (
    NATURE_LABELS,
    Criterion,
    Nature,
    Points,
    Sheet,
    nature_of,
    points_problem,
)
from marketplace.questions.rules import number
from marketplace.web.forms import Bound, Form, Line, Text, Tick

NO_TIE = ("none", "No, I have no tie to this applicant")
TIE_CHOICES = [NO_TIE, *((nature.value, label) for nature, label in NATURE_LABELS.items())]
TIE_OPTIONS = [("none", "No tie"), *TIE_CHOICES[1:]]

_text = TypeAdapter(Text)


class TieForm(Form):
    """Whether somebody has a tie to one applicant."""

    labels: ClassVar = {"tie": "your answer"}

    tie: Line = ""


class LiftForm(Form):
    """Why a tie does not hold."""

    labels: ClassVar = {"reason": "why it does not hold"}

    reason: Annotated[Text, Field(max_length=500)]


class TiesForm(Form):
    """Ties to several applicants, in fields "tie-<application>"; `next` is where they came from."""

    next: Line = ""


class PersonForm(Form):
    """Whom to name."""

    labels: ClassVar = {"person": "a person"}
    sentences: ClassVar = {("person", "missing"): "Choose whom to name"}

    person: UUID


class SheetForm(Form):
    """The words beside the points, which are in fields "points-<criterion>" and so on."""

    labels: ClassVar = {"comment": "your comment"}

    comment: Annotated[Text, Field(max_length=3000)] = ""
    finish: Tick = False


def read_tie(form: Bound[TieForm]) -> Nature | None:
    """Read one tie; None is that there is none. Refuses beside the field."""
    return nature_of(form.value("tie"))


def read_ties(form: Bound[TiesForm], applications: Iterable[UUID]) -> dict[UUID, Nature | None]:
    """Read the ties that were answered; what was left open stays open.

    Raises:
        Conflict: beside the first field: nothing was answered.
    """
    ties: dict[UUID, Nature | None] = {}
    first = ""
    for id in applications:
        first = first or f"tie-{id}"
        if form.value(f"tie-{id}"):
            try:
                ties[id] = nature_of(form.value(f"tie-{id}"))
            except Conflict as conflict:
                form.refuse(f"tie-{id}", conflict.message)
    if not ties and not form.errors:
        raise Conflict("Answer for at least one applicant", field=first or "tie")
    return ties


def read_sheet(form: Bound[SheetForm], criteria: Sequence[Criterion]) -> dict[UUID, Points]:
    """Read points, reasons and abstentions; what cannot be kept is refused beside its field."""
    sheet: dict[UUID, Points] = {}
    for criterion in criteria:
        points, reason = f"points-{criterion.id}", f"reason-{criterion.id}"
        typed = form.value(points).strip()
        given = number(typed)
        if typed and given is None:
            form.refuse(points, f"Enter points from 0 to {criterion.most} for “{criterion.label}”")
            continue
        try:
            why = _text.validate_python(form.value(reason))
        except ValidationError:
            form.refuse(reason, f"Shorten or retype the reason for “{criterion.label}”")
            continue
        found = Points(given, bool(form.value(f"abstain-{criterion.id}")), why)
        if problem := points_problem(criterion, found):
            form.refuse(points, problem)
        elif found != Points():
            sheet[criterion.id] = found
    return sheet


VERSION = "version"


def seen(form: Bound[SheetForm]) -> int:
    """Read which version a page showed; what we never gave out is older than all we did."""
    return number(form.value(VERSION)) or 0


def typed_sheet(sheet: Sheet, comment: str, version: int) -> Mapping[str, object]:
    """Write a sheet as its form shows it."""
    values: dict[str, object] = {"comment": comment, VERSION: version}
    for id, given in sheet.items():
        values[f"points-{id}"] = "" if given.points is None else str(given.points)
        values[f"abstain-{id}"] = given.abstained
        values[f"reason-{id}"] = given.reason
    return values
