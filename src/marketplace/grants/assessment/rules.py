"""Ties, points and what they come to: pure. A share of all points is an exact fraction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from uuid import UUID

from marketplace.errors import Conflict
from marketplace.grants.rules import AssessmentState, RoundState
from marketplace.moves import Moves
from marketplace.permissions import OrgRole

# Who may be named for a round of their organisation.
ASSESSING_ROLES = frozenset({OrgRole.ASSESSOR, OrgRole.GRANTS_OFFICER, OrgRole.OWNER})
# Applications received before the deadline may still be on their way into the database.
SETTLING = timedelta(minutes=2)
MOST_REASON = 2000
# Assessors who lie further apart than this talk before anybody decides.
FAR_APART = Fraction(1, 4)

ASSESSMENT_MOVES = Moves(
    "assessment",
    {
        AssessmentState.STARTED: frozenset({AssessmentState.FINISHED}),
        # Only a grants officer reopens one.
        AssessmentState.FINISHED: frozenset({AssessmentState.STARTED}),
    },
)


class Nature(StrEnum):
    """What kind of tie it is."""

    EMPLOYER = "employer"
    PERSONAL = "personal"
    FINANCIAL = "financial"
    FAMILY = "family"
    MEMBER = "member"
    OTHER = "other"


NATURE_LABELS: Mapping[Nature, str] = MappingProxyType(
    {
        Nature.MEMBER: "I am a trustee, member or volunteer of it",
        Nature.EMPLOYER: "It employs or pays me, or did in the last two years",
        Nature.FINANCIAL: "I would gain or lose money by the decision",
        Nature.FAMILY: "Somebody in my family or household is part of it",
        Nature.PERSONAL: "A close friend, or somebody I am in dispute with, is part of it",
        Nature.OTHER: "Something else that people could question",
    }
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What applications are judged by: up to `most` points, counted `weight` times."""

    id: UUID
    label: str
    help: str
    weight: int
    most: int


@dataclass(frozen=True, slots=True)
class Points:
    """One judgement; `points` None is no points yet, or never any where `abstained`."""

    points: int | None = None
    abstained: bool = False
    reason: str = ""

    @property
    def given(self) -> bool:
        """Tell whether this criterion is dealt with."""
        return self.abstained or self.points is not None


Sheet = Mapping[UUID, Points]


def why_not_lifted(
    state: RoundState, *, name: str, applicant: str, belongs: bool, decided: bool
) -> str | None:
    """Say why a tie stays; None when it can be lifted."""
    if state not in {RoundState.PUBLISHED, RoundState.ASSESSING}:
        return "This round is over, so its ties stay as they were when it was decided."
    if belongs:
        return (
            f"{name} belongs to {applicant}, and that is a tie as long as it is so. Once they have"
            " left it, you can lift this."
        )
    if decided:
        return (
            f"The decision about {applicant} was made without {name}. Take it back first, and then"
            " lift the tie."
        )
    return None


def differing(criteria: Sequence[Criterion], one: Sheet, other: Sheet) -> set[UUID]:
    """Give the criteria for which two sheets do not say the same."""
    return {
        criterion.id
        for criterion in criteria
        if one.get(criterion.id, Points()) != other.get(criterion.id, Points())
    }


def may_start(state: RoundState, deadline: datetime, now: datetime) -> bool:
    """Tell whether the applications of a round can be opened to its assessors."""
    return state is RoundState.PUBLISHED and now >= deadline + SETTLING


def points_problem(criterion: Criterion, given: Points) -> str | None:
    """Say why points cannot be kept at all; None when they can."""
    if given.points is not None and not 0 <= given.points <= criterion.most:
        return f"Enter points from 0 to {criterion.most} for “{criterion.label}”"
    if given.points is not None and given.abstained:
        return f"Give points for “{criterion.label}”, or abstain: not both"
    if len(given.reason) > MOST_REASON:
        return f"Shorten the reason for “{criterion.label}” to {MOST_REASON:,} characters"
    return None


def unfinished(criteria: Sequence[Criterion], sheet: Sheet) -> dict[str, str]:
    """Name by form field what an assessment lacks before it can be finished."""
    lacks: dict[str, str] = {}
    for criterion in criteria:
        given = sheet.get(criterion.id, Points())
        if not given.given:
            lacks[f"points-{criterion.id}"] = (
                f"Give points from 0 to {criterion.most} for “{criterion.label}”, or abstain"
            )
        elif given.points is not None and not given.reason.strip():
            lacks[f"reason-{criterion.id}"] = f"Say why, for “{criterion.label}”"
    return lacks


def share(criteria: Sequence[Criterion], sheet: Sheet) -> Fraction | None:
    """Give one assessment's weighted share of the points it could give; None when it gave none.

    A criterion that somebody abstains from counts neither for nor against.
    """
    got = possible = 0
    for criterion in criteria:
        points = sheet.get(criterion.id, Points()).points
        if points is not None:
            got += criterion.weight * points
            possible += criterion.weight * criterion.most
    return Fraction(got, possible) if possible else None


def mean(shares: Iterable[Fraction | None]) -> Fraction | None:
    """Give the mean of the assessments that gave any points; None when none did."""
    given = [each for each in shares if each is not None]
    return sum(given, Fraction()) / len(given) if given else None


def percent(value: Fraction | None) -> str:
    """Write "72.5%" or "–"; halves are rounded up, as people do."""
    if value is None:
        return "–"
    tenths = int(value * 1000 + Fraction(1, 2))
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}%" if rest else f"{whole}%"


def divergence(criteria: Sequence[Criterion], sheets: Sequence[Sheet]) -> list[str]:
    """Say where assessors lie so far apart that they should talk; empty where they do not."""
    flags: list[str] = []
    shares = [each for each in (share(criteria, sheet) for sheet in sheets) if each is not None]
    if len(shares) > 1 and max(shares) - min(shares) > FAR_APART:
        flags.append(f"From {percent(min(shares))} to {percent(max(shares))} overall")
    for criterion in criteria:
        points = [
            given
            for sheet in sheets
            if (given := sheet.get(criterion.id, Points()).points) is not None
        ]
        if len(points) > 1 and 2 * (max(points) - min(points)) > criterion.most:
            flags.append(
                f"{criterion.label}: from {min(points)} to {max(points)} of {criterion.most}"
            )
    return flags


def places(means: Mapping[UUID, Fraction | None]) -> dict[UUID, int | None]:
    """Give each its place, 1 for the highest; equals share one, and None has none."""
    given = [value for value in means.values() if value is not None]
    return {
        id: None if value is None else 1 + sum(other > value for other in given)
        for id, value in means.items()
    }


def nature_of(text: str) -> Nature | None:
    """Read what somebody chose: None for "none", that there is no tie.

    Raises:
        Conflict: beside `tie`: they chose nothing we offered.
    """
    if text == "none":
        return None
    try:
        return Nature(text)
    except ValueError as error:
        raise Conflict("Say whether you have a tie to this applicant", field="tie") from error
