"""The shape of a question as somebody writes it, and of the field its answer is typed into."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.questions.operations import Wording
from marketplace.questions.rules import MOST_WORDS, Asked, Kind
from marketplace.web.forms import Blankable, Count, Form, Line, Text, Tick


class QuestionForm(Form):
    """One question; options are written one a line."""

    labels: ClassVar = {
        "kind": "the kind of answer",
        "label": "the question",
        "help": "the help",
        "word_limit": "the word limit",
        "options": "the options",
    }

    kind: Kind = Kind.TEXT
    label: Annotated[Line, Field(max_length=200)]
    help: Annotated[Text, Field(max_length=1000)] = ""
    required: Tick = False
    word_limit: Annotated[Annotated[Count, Field(ge=1, le=MOST_WORDS)] | None, Blankable] = None
    options: Annotated[Text, Field(max_length=4000)] = ""

    def wording(self) -> Wording:
        """Give what operations ask for."""
        return Wording(
            kind=self.kind,
            label=self.label,
            help=self.help,
            required=self.required,
            word_limit=self.word_limit,
            options=self.options.split("\n"),
        )


def typed(asked: Asked) -> dict[str, Any]:
    """Give what stands in the form when a question is edited."""
    return {
        "kind": asked.kind.value,
        "label": asked.label,
        "help": asked.help,
        "required": asked.required,
        "word_limit": asked.word_limit,
        "options": "\n".join(asked.options),
    }


class MoveForm(Form):
    """Which way something goes in its list."""

    up: Tick = False


def field_name(question_id: UUID) -> str:
    """Name the field of a question's answer; the error summary links to it."""
    return f"answer-{question_id}"


def answer_of(asked: Asked, raw: Mapping[str, Sequence[str]]) -> str:
    """Read the answer of a question out of what a page sent; the chosen stand one a line."""
    sent = raw.get(field_name(asked.id), [])
    if asked.kind is Kind.CHOICES:
        return "\n".join(dict.fromkeys(sent))
    return _amount(asked, sent[-1]) if sent else ""


def shown(asked: Asked, value: str) -> list[str]:
    """Give an answer as its field holds it."""
    if asked.kind is Kind.CHOICES:
        return value.split("\n") if value else []
    return [_amount(asked, value)]


def _amount(asked: Asked, text: str) -> str:
    """Leave out the £ that stands before the field of an amount already."""
    return text.strip().removeprefix("£").lstrip() if asked.kind is Kind.MONEY else text
