"""The shapes of waiting and answering."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from marketplace.offers.rules import Mode
from marketplace.web.forms import Form, Tick


class WaitForm(Form):
    """The person's word that they have the role's age, where it has one."""

    old_enough: Tick = False


class Choice(StrEnum):
    """What is said to an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"


class AnswerForm(Form):
    """Yes or no to an offer."""

    sentences: ClassVar[Mapping[tuple[str, str], str]] = {
        ("answer", "missing"): "Take the place or let it go"
    }

    answer: Choice


class ModeForm(Form):
    """Who is offered what comes free."""

    sentences: ClassVar[Mapping[tuple[str, str], str]] = {
        ("mode", "missing"): "Say who gets a place that comes free"
    }

    mode: Mode


class ChosenForm(Form):
    """Who on the list is offered a place."""

    entry: UUID
