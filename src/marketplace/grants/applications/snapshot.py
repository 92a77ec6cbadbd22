"""What is frozen when an application is submitted: the questions as asked, and the answers.

The snapshot is read instead of the living questions from then on, whatever becomes of those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace.grants.rounds.queries import RoundView
from marketplace.questions.queries import asked_of
from marketplace.questions.rules import Asked, Stored, count_words, spoken

SHAPE = 1


@dataclass(frozen=True, slots=True)
class Answered:
    """A question as it was asked, with its answer; "" is none."""

    asked: Asked
    value: str

    @property
    def spoken(self) -> str:
        """Write the answer for somebody to read."""
        return spoken(self.asked.kind, self.value)

    @property
    def words(self) -> int:
        """Count its words."""
        return count_words(self.value)


def freeze(
    round: RoundView, organisation: Mapping[str, str], answers: Mapping[UUID, Stored]
) -> dict[str, Any]:
    """Make the snapshot of an application, as JSON."""
    return {
        "shape": SHAPE,
        "fund": round.fund_title,
        "round": round.title,
        "deadline": round.deadline.isoformat(),
        "organisation": dict(organisation),
        "questions": [
            {
                "id": str(asked.id),
                "kind": asked.kind.value,
                "label": asked.label,
                "help": asked.help,
                "required": asked.required,
                "word_limit": asked.word_limit,
                "options": list(asked.options),
                "meaning": asked.meaning.value,
                "position": asked.position,
                "answer": answers[asked.id].value if asked.id in answers else "",
                "version": answers[asked.id].version if asked.id in answers else 0,
            }
            for asked in round.questions
        ],
    }


def thaw(snapshot: Mapping[str, Any]) -> list[Answered]:
    """Read the questions and answers of a snapshot, in the order they were asked."""
    return [Answered(asked_of(row), row["answer"]) for row in snapshot["questions"]]


def living(questions: Sequence[Asked], answers: Mapping[UUID, Stored]) -> list[Answered]:
    """Put questions and answers as they stand into the same shape."""
    return [
        Answered(asked, answers[asked.id].value if asked.id in answers else "")
        for asked in questions
    ]
