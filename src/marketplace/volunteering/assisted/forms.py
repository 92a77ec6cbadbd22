"""The shape of signing somebody up, and of what is done for them."""

from typing import ClassVar
from uuid import UUID

from marketplace.volunteering.assisted.rules import How
from marketplace.web.forms import Email, Form, Line, LocalDate, ShortLine, Text, Tick


class SignUpForm(Form):
    """Somebody without e-mail, and how they agreed."""

    labels: ClassVar = {
        "name": "their name",
        "phone": "a phone number",
        "address": "a postal address",
        "agreed_how": "how they agreed",
        "agreed_on": "the day on which they agreed",
    }
    sentences: ClassVar = {("agreed_how", "missing"): "Choose how they agreed"}

    name: Line
    phone: ShortLine = ""
    address: Text = ""
    agreed_how: How
    agreed_on: LocalDate


class PeopleForm(Form):
    """Whom to find."""

    q: Line = ""


class BookForm(Form):
    """A shift for somebody, and their word that they are old enough."""

    shift: UUID
    old_enough: Tick = False


class AddressForm(Form):
    """An e-mail address somebody has now."""

    labels: ClassVar = {"email": "their e-mail address"}

    email: Email
