"""The shape of what is said about a role, and of what is decided."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from marketplace.credentials.rules import Check, Kind, Workforce
from marketplace.volunteering.safeguarding.rules import Duty, Frequency, Nation, Question
from marketplace.web.forms import Form, Text, Tick


class QuestionForm(Form):
    """What somebody in a role does, with whom, how often and where."""

    sentences: ClassVar = {
        ("nation", "missing"): "Choose the nation in which you decide about people",
        ("workforce", "missing"): "Choose whom they work with",
        ("duties", "missing"): "Choose at least one thing they do",
        ("duties", "too_short"): "Choose at least one thing they do",
        ("frequency", "missing"): "Choose how often one person does it",
        ("supervised", "missing"): "Choose whether somebody supervises them",
    }

    nation: Nation
    workforce: Workforce
    duties: Annotated[list[Duty], Field(min_length=1)]
    frequency: Frequency
    supervised: Literal["yes", "no"]

    def question(self) -> Question:
        """Give it as the rules read it."""
        return Question(
            nation=self.nation,
            workforce=self.workforce,
            duties=frozenset(self.duties),
            frequency=self.frequency,
            supervised=self.supervised == "yes",
        )


def typed(question: Question) -> dict[str, Any]:
    """Give a question as the form shows it."""
    return {
        "nation": question.nation.value,
        "workforce": question.workforce.value,
        "duties": sorted(question.duties),
        "frequency": question.frequency.value,
        "supervised": "yes" if question.supervised else "no",
    }


class DecisionForm(QuestionForm):
    """What a named person decides, and why."""

    labels: ClassVar = {"why": "your reason"}
    sentences: ClassVar = {
        **QuestionForm.sentences,
        ("level", "missing"): "Choose what this role asks for",
        ("why", "missing"): "Write why, so that whoever follows you understands",
    }

    level: Check | Literal["none"]
    why: Annotated[Text, Field(max_length=1000)]

    def check(self) -> Check | None:
        """Give the level; None for no check."""
        return None if self.level == "none" else self.level


class RoleTrainingForm(Form):
    """The training that a role asks for."""

    labels: ClassVar = {"kinds": "training"}

    kinds: list[Kind] = Field(default_factory=list[Kind])


class AskForm(Form):
    """Asking to be looked at."""

    of_age: Tick = False
