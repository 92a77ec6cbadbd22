"""What may still change of a round that people can read, and until when: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from marketplace import money
from marketplace.grants.rules import RoundState, deadline_words

# How long after a deadline it can still be moved: later, a new round is more honest.
REOPENING = timedelta(days=7)
MOST_REASON = 500


class Part(StrEnum):
    """What of a published round may change; nothing else of it does."""

    TITLE = "title"
    GUIDANCE = "guidance"
    CONTACT = "contact"
    BUDGET = "budget"


PART_LABELS = MappingProxyType(
    {
        Part.TITLE: "The name of the round",
        Part.GUIDANCE: "Who may apply, in your own words",
        Part.CONTACT: "Whom to ask",
        Part.BUDGET: "The budget",
    }
)
_CORRECTED = MappingProxyType(
    {
        Part.TITLE: "Its name was corrected.",
        Part.GUIDANCE: "Who may apply was put in other words.",
        Part.CONTACT: "Whom to ask was changed.",
    }
)
# What never changes once people can read it, and why.
FIXED = (
    ("The questions", "people are answering them, and some have answered them already"),
    ("The criteria", "applications are written for what they are judged by"),
    (
        "The checked rules of who may apply, the least and the most for one grant, the grant"
        " period and when it opens",
        "people decided by them whether to apply",
    ),
    ("An earlier deadline or a smaller budget", "both were promised"),
)


def changeable(state: RoundState) -> frozenset[Part]:
    """Give what may be corrected in a state; who may apply is settled once applications are in."""
    match state:
        case RoundState.PUBLISHED:
            return frozenset(Part)
        case RoundState.ASSESSING:
            return frozenset(Part) - {Part.GUIDANCE}
        case _:
            return frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides about moving a deadline; `judged`: somebody has begun to score or decide."""

    state: RoundState
    deadline: datetime
    judged: bool = False


def why_not_extended(standing: Standing, now: datetime) -> str | None:
    """Say why a deadline stays where it is; None when it may be moved to a later time."""
    match standing.state:
        case RoundState.DRAFT:
            return "This is a draft: change the deadline in its terms."
        case RoundState.DECIDED:
            return "This round is decided, so its deadline stays. Plan a new round instead."
        case RoundState.CANCELLED:
            return "This round was cancelled. Plan a new round instead."
        case RoundState.PUBLISHED | RoundState.ASSESSING:
            if standing.judged:
                return (
                    "Somebody has begun to judge the applications, so the deadline stays:"
                    " what comes in later would not be judged beside the others."
                )
            if now >= standing.deadline + REOPENING:
                return (
                    f"The deadline passed more than {REOPENING.days} days ago. Plan a new round"
                    " instead."
                )
            return None


def deadline_problem(was: datetime, to: datetime, now: datetime, zone: ZoneInfo) -> str | None:
    """Say why a deadline cannot become `to`; None when it can."""
    if to <= was:
        return f"Choose a time after {deadline_words(was, zone)}: people rely on that"
    return "Choose a time that lies ahead" if to <= now else None


def budget_problem(was: int, to: int) -> str | None:
    """Say why a budget cannot become `to`, in pence; None when it can."""
    if to < was:
        return f"Enter {money.pounds(was)} or more: that much was promised"
    return None


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of a published round, as everybody reads it; amounts in pence."""

    at: datetime
    reason: str
    deadline_was: datetime | None
    deadline: datetime | None
    budget_was: int | None
    budget: int | None
    texts: Sequence[str]

    def sentences(self, zone: ZoneInfo) -> list[str]:
        """Write what changed: "Deadline moved from noon, Friday 4 June, UK time to …"."""
        said: list[str] = []
        if self.deadline_was and self.deadline:
            was, to = (deadline_words(at, zone) for at in (self.deadline_was, self.deadline))
            said.append(f"Deadline moved from {was} to {to}.")
        if self.budget_was and self.budget:
            was, to = money.pounds(self.budget_was), money.pounds(self.budget)
            said.append(f"Budget raised from {was} to {to}.")
        said += [_CORRECTED[Part(text)] for text in self.texts]
        return said
