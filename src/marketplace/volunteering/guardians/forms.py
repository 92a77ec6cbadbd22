"""The shapes of birth dates, of naming a guardian and of what they answer."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.accounts.forms import Onward
from marketplace.volunteering.guardians.rules import LONGEST_MONTHS
from marketplace.web.forms import Count, Email, Form, LocalDate, ShortLine, Text, Tick

_BORN = "Enter the day you were born, such as 4 March 2010"


class BirthDateForm(Form):
    """When somebody was born; `next` is where they were going."""

    labels: ClassVar[Mapping[str, str]] = {"born_on": "your date of birth"}
    sentences: ClassVar[Mapping[tuple[str, str], str]] = {("born_on", "missing"): _BORN}

    born_on: LocalDate
    next: Onward = ""


class CorrectionForm(Form):
    """Whose birth date is corrected, and to what."""

    labels: ClassVar[Mapping[str, str]] = {
        "email": "the address they joined with",
        "born_on": "their date of birth",
    }

    email: Email
    born_on: LocalDate


class GuardianForm(Form):
    """Who is asked to agree."""

    labels: ClassVar[Mapping[str, str]] = {
        "name": "your parent’s or guardian’s name",
        "email": "their e-mail address",
    }

    name: ShortLine
    email: Email


class Scope(StrEnum):
    """What a guardian agrees to."""

    ROLE = "role"
    ORGANISATION = "organisation"


class ConsentForm(Form):
    """What a guardian agrees to, for how long, and that they may."""

    labels: ClassVar[Mapping[str, str]] = {"scope": "what you agree to", "months": "for how long"}
    sentences: ClassVar[Mapping[tuple[str, str], str]] = {
        ("scope", "missing"): "Choose what you agree to",
        ("scope", "enum"): "Choose what you agree to",
        ("months", "missing"): "Choose for how long",
    }

    scope: Scope
    months: Annotated[Count, Field(ge=1, le=LONGEST_MONTHS)]
    responsible: Tick = False


class KeepForm(Form):
    """Why somebody younger than the role asks keeps their place."""

    labels: ClassVar[Mapping[str, str]] = {"because": "the reason"}
    sentences: ClassVar[Mapping[tuple[str, str], str]] = {
        ("because", "missing"): "Say why they may keep it: it stays beside your name"
    }

    because: Annotated[Text, Field(max_length=500)]


class AdultForm(Form):
    """Who answers for the young people of a role."""

    labels: ClassVar[Mapping[str, str]] = {"person": "somebody"}
    sentences: ClassVar[Mapping[tuple[str, str], str]] = {
        ("person", "missing"): "Choose an adult who belongs to your organisation"
    }

    person: UUID
