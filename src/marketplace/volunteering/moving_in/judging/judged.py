"""A line with its verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from marketplace.volunteering.moving_in.rules import Choice, Line, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with its verdict; `match` is what it was matched with or resembles."""

    line: Line
    verdict: Verdict
    sentence: str
    label: str
    match: UUID | None = None
    organisation: UUID | None = None
    person: UUID | None = None
    role: UUID | None = None


Choices = Mapping[int, tuple[Choice, UUID | None]]


def refused(line: Line, sentence: str, label: str = "") -> Judged:
    """Refuse a line, with the reason."""
    return Judged(line, Verdict.REFUSED, sentence, label or _label(line))


def _label(line: Line) -> str:
    cells = line.cells
    return (cells.get("organisation") or cells.get("email") or cells.get("title") or "")[:200]
