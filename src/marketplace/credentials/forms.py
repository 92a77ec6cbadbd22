"""The shape of what is written down about credentials."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from marketplace.credentials.rules import Check, Kind, Outcome, Workforce
from marketplace.credentials.steps import Seen
from marketplace.web.forms import Blankable, Form, LocalDate, ShortLine, Tick, sentence


def _number(text: str) -> str:
    plain = text.replace(" ", "").replace("-", "")
    if not (plain.isascii() and plain.isalnum() and len(plain) <= 20):
        raise sentence("Enter only the number on the certificate, and nothing of what it says")
    return plain


Reference = Annotated[ShortLine, AfterValidator(_number)]


class ShareForm(Form):
    """Whether training is shown."""

    shared: Tick = False


class CheckForm(Form):
    """A criminal record check that was seen."""

    labels: ClassVar = {
        "level": "the level on the certificate",
        "workforce": "whom it is for",
        "reference": "the number",
        "issued_on": "the day it was issued",
        "holds_until": "the last day on which it counts",
        "outcome": "what you decided",
    }
    sentences: ClassVar = {
        ("level", "missing"): "Choose the level on the certificate",
        ("outcome", "missing"): "Choose what you decided",
    }

    level: Check
    workforce: Workforce = Workforce.NEITHER
    reference: Reference | None = None
    issued_on: LocalDate
    holds_until: LocalDate
    outcome: Outcome
    of_age: Tick = False

    def seen(self) -> Seen:
        """Give what was seen."""
        return Seen(
            kind=Kind.CHECK,
            check=self.level,
            workforce=self.workforce,
            reference=self.reference or "",
            issued_on=self.issued_on,
            holds_until=self.holds_until,
            outcome=self.outcome,
        )


class TrainingForm(Form):
    """Training that was seen; it counts without end where no day is given."""

    labels: ClassVar = {
        "kind": "what you saw",
        "issued_on": "the day it was issued",
        "holds_until": "the last day on which it counts",
    }
    sentences: ClassVar = {
        ("kind", "missing"): "Choose what you saw",
        ("kind", "literal_error"): "Choose what you saw",
    }

    kind: Literal[
        Kind.SAFEGUARDING,
        Kind.FIRST_AID,
        Kind.FOOD_HYGIENE,
        Kind.MOVING_AND_HANDLING,
        Kind.MENTAL_HEALTH,
        Kind.DRIVING_LICENCE,
        Kind.MINIBUS,
    ]
    issued_on: LocalDate
    holds_until: Annotated[LocalDate | None, Blankable] = None

    def seen(self) -> Seen:
        """Give what was seen."""
        return Seen(kind=self.kind, issued_on=self.issued_on, holds_until=self.holds_until)
