"""The shapes of attendance."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from marketplace.volunteering.rules import BookingState
from marketplace.web.forms import Email, Form, Line, Tick


class MarkForm(Form):
    """What to mark, on one booking or on all that are not marked."""

    mark: Literal["attended", "no_show", "excused", "confirmed"]
    booking: UUID | None = None

    def state(self) -> BookingState:
        """Give the state that the mark stands for."""
        return BookingState.NO_SHOW if self.mark == "excused" else BookingState(self.mark)


class JoinForm(Form):
    """A walk-in's word that they have the role's age, where it has one."""

    join: Tick = False
    old_enough: Tick = False


class WalkInForm(Form):
    """Somebody at the door: their address where they have an account, or a name only."""

    labels: ClassVar = {"email": "their e-mail address", "name": "their name"}

    email: Email = ""
    name: Annotated[Line, Field(max_length=80)] = ""
    old_enough: Tick = False


class LeaderForm(Form):
    """Whom to trust with the list, and for how much of the role."""

    labels: ClassVar = {"person": "somebody", "scope": "for which shifts"}
    sentences: ClassVar = {
        ("person", "missing"): "Choose somebody",
        ("person", "uuid_parsing"): "Choose somebody from the list",
    }

    person: UUID
    scope: Literal["shift", "role"] = "shift"


class RemoveLeaderForm(Form):
    """The shift on whose page somebody's trust is ended."""

    shift: UUID | None = None
