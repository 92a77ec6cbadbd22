"""The shapes of keeping places for a group and naming people."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.volunteering.groups.operations import Wanted
from marketplace.volunteering.groups.rules import MOST_DAYS, MOST_SEATS, USUAL_DAYS, Kind
from marketplace.web.forms import Count, Email, Form, ShortLine, Tick


class ReserveForm(Form):
    """Who comes, how many, and until when places without a name are kept."""

    labels: ClassVar[Mapping[str, str]] = {
        "name": "the name of your employer, school or club",
        "kind": "what kind of group it is",
        "seats": "how many places",
        "days": "how many days before",
    }
    sentences: ClassVar[Mapping[tuple[str, str], str]] = {
        ("kind", "missing"): "Choose what kind of group it is",
        ("kind", "enum"): "Choose what kind of group it is",
    }

    name: ShortLine
    kind: Kind
    seats: Annotated[Count, Field(ge=1, le=MOST_SEATS)]
    days: Annotated[Count, Field(ge=1, le=MOST_DAYS)] = USUAL_DAYS

    def wanted(self) -> Wanted:
        """Give what operations ask for."""
        return Wanted(self.name, self.kind, self.seats, self.days)


class SeatForm(Form):
    """Whom a place is for."""

    labels: ClassVar[Mapping[str, str]] = {
        "name": "their name",
        "email": "their e-mail address",
    }

    name: ShortLine
    email: Email


class ReturnForm(Form):
    """How many places are given back."""

    labels: ClassVar[Mapping[str, str]] = {"seats": "how many places you give back"}

    seats: Annotated[Count, Field(ge=1, le=MOST_SEATS)]


class AcceptForm(Form):
    """The person's word that they are old enough, where it is asked."""

    old_enough: Tick = False
