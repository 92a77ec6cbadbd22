"""States, moves, deadlines and who may apply: pure, judged against the instants it is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from marketplace import clock, money
from marketplace.errors import Conflict
from marketplace.moves import Moves
from marketplace.organisations.rules import KIND_LABELS
from marketplace.organisations.rules import Kind as OrganisationKind

MOST_CRITERIA = 20


class FundState(StrEnum):
    """Whether the public knows of a fund."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class RoundState(StrEnum):
    """Where a round stands; whether it takes applications now is `phase`."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ASSESSING = "assessing"
    DECIDED = "decided"
    CANCELLED = "cancelled"


class ApplicationState(StrEnum):
    """What became of an application."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    AWARDED = "awarded"
    DECLINED = "declined"


class AssessmentState(StrEnum):
    """Whether an assessor still writes."""

    STARTED = "started"
    FINISHED = "finished"


class Event(StrEnum):
    """What happens in funding, for history and for whoever reacts."""

    FUND_DRAFTED = "fund.drafted"
    FUND_CHANGED = "fund.changed"
    FUND_PUBLISHED = "fund.published"
    FUND_CLOSED = "fund.closed"
    ROUND_DRAFTED = "round.drafted"
    ROUND_CHANGED = "round.changed"
    ROUND_PUBLISHED = "round.published"
    ROUND_EXTENDED = "round.extended"
    ROUND_CORRECTED = "round.corrected"
    ROUND_CANCELLED = "round.cancelled"
    ROUND_ASSESSING = "round.assessing"
    ROUND_DECIDED = "round.decided"
    APPLICATION_STARTED = "application.started"
    APPLICATION_SUBMITTED = "application.submitted"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    ASSESSOR_NAMED = "assessor.named"
    ASSESSOR_REMOVED = "assessor.removed"
    NO_CONFLICT_DECLARED = "conflict.none_declared"
    CONFLICT_DECLARED = "conflict.declared"
    CONFLICT_LIFTED = "conflict.lifted"
    ASSESSMENT_FINISHED = "assessment.finished"
    ASSESSMENT_REOPENED = "assessment.reopened"
    AWARD_MADE = "award.made"
    DECLINE_DECIDED = "decline.decided"
    DECISION_TAKEN_BACK = "decision.taken_back"
    APPLICATION_DECLINED = "application.declined"
    AWARD_PUBLISHED = "award.published"


FUND_MOVES = Moves(
    "fund",
    {
        FundState.DRAFT: frozenset({FundState.OPEN, FundState.CLOSED}),
        FundState.OPEN: frozenset({FundState.CLOSED}),
        FundState.CLOSED: frozenset({FundState.OPEN}),
    },
)
ROUND_MOVES = Moves(
    "round",
    {
        RoundState.DRAFT: frozenset({RoundState.PUBLISHED, RoundState.CANCELLED}),
        RoundState.PUBLISHED: frozenset({RoundState.ASSESSING, RoundState.CANCELLED}),
        # Once there are judgements, a round ends decided; before them its deadline may be moved.
        RoundState.ASSESSING: frozenset({RoundState.DECIDED, RoundState.PUBLISHED}),
    },
)
APPLICATION_MOVES = Moves(
    "application",
    {
        ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
        ApplicationState.SUBMITTED: frozenset(
            {ApplicationState.WITHDRAWN, ApplicationState.AWARDED, ApplicationState.DECLINED}
        ),
    },
)


class Phase(StrEnum):
    """What a round is to somebody who might apply."""

    DRAFT = "draft"
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"
    DECIDED = "decided"
    CANCELLED = "cancelled"


def phase(state: RoundState, opens_at: datetime, deadline: datetime, now: datetime) -> Phase:
    """Tell what a round is at an instant; it is open in `[opens_at, deadline)`."""
    match state:
        case RoundState.DRAFT:
            return Phase.DRAFT
        case RoundState.CANCELLED:
            return Phase.CANCELLED
        case RoundState.DECIDED:
            return Phase.DECIDED
        case RoundState.ASSESSING:
            return Phase.CLOSED
        case RoundState.PUBLISHED:
            if now >= deadline:
                return Phase.CLOSED
            return Phase.OPEN if now >= opens_at else Phase.UPCOMING


def instant(day: date, at: time, zone: ZoneInfo, *, field: str) -> datetime:
    """Turn an announced wall time into UTC; in the hour that happens twice, its second pass.

    Nobody who reads "1:30am" on the night the clocks go back may be an hour too late.

    Raises:
        Conflict: beside `field`: the clocks skip that time.
    """
    try:
        clock.instant(day, at, zone)
    except Conflict as conflict:
        raise Conflict(conflict.message, field=field) from conflict
    return datetime.combine(day, at.replace(fold=1), tzinfo=zone).astimezone(UTC)


def zone_words(zone: ZoneInfo) -> str:
    """Name the clock a deadline is told on: "UK time"."""
    return (
        "UK time" if zone == clock.LONDON else f"{zone.key.split('/')[-1].replace('_', ' ')} time"
    )


def deadline_words(at: datetime, zone: ZoneInfo = clock.LONDON) -> str:
    """Write "noon, Tuesday 4 March, UK time"; of midnight, which end of the day it is."""
    wall = clock.local(at, zone)
    between = " at the start of" if wall.time() == time() else ","
    day = clock.date_words(wall.date())
    return f"{clock.time_words(at, zone)}{between} {day}, {zone_words(zone)}"


def amounts_words(least: int, most: int) -> str:
    """Write "£500 to £5,000", "up to £5,000" or "£5,000 exactly"; both in pence."""
    if least == most:
        return f"{money.pounds(most)} exactly"
    if not least:
        return f"up to {money.pounds(most)}"
    return f"{money.pounds(least)} to {money.pounds(most)}"


def amount_problem(amount: int, least: int, most: int) -> str | None:
    """Say why an amount cannot be asked for in a round; None when it can. All in pence."""
    if amount < least:
        return f"Ask for {money.pounds(least)} or more: that is the least this round gives"
    if amount > most:
        return f"Ask for {money.pounds(most)} or less: that is the most this round gives"
    return None


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may apply, as data: what is empty, None or nought excludes nobody.

    `districts` maps codes to names; `income_at_most` is in pence a year.
    """

    kinds: tuple[OrganisationKind, ...] = ()
    districts: Mapping[str, str] = field(default_factory=dict[str, str])
    income_at_most: int | None = None
    years_registered: int = 0
    approved_only: bool = True

    @property
    def sentences(self) -> list[str]:
        """Write every rule as people read it before they start."""
        rules = (Need.KIND, Need.DISTRICT, Need.INCOME, Need.YEARS, Need.APPROVED)
        return [sentence for need in rules if (sentence := rule_words(self, need))]


@dataclass(frozen=True, slots=True)
class Applicant:
    """What we know of an organisation; None where no register tells us. Income is in pence.

    `districts` maps the codes of all districts that its outward code reaches into to their names:
    at a boundary it may lie in either, and is believed. Empty is outside all we know.
    """

    kind: OrganisationKind
    approved: bool
    districts: Mapping[str, str] | None = None
    income: int | None = None
    registered_on: date | None = None


class Need(StrEnum):
    """Which rule it is."""

    APPROVED = "approved"
    KIND = "kind"
    DISTRICT = "district"
    INCOME = "income"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an organisation may not apply: the rule, how it stands, and what would mend it."""

    need: Need
    rule: str
    standing: str
    mend: str


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Every reason against, and the rules that no register let us check."""

    reasons: tuple[Reason, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Tell whether nothing speaks against it."""
        return not self.reasons


def area_slug(name: str) -> str:
    """Write a district's name as the tag of a listing: "castle-point"."""
    return "-".join(name.casefold().split())


_PLURALS = MappingProxyType(
    {
        OrganisationKind.CHARITY: "registered charities",
        OrganisationKind.COMMUNITY_GROUP: "community groups",
        OrganisationKind.COMMUNITY_INTEREST_COMPANY: "community interest companies",
        OrganisationKind.FAITH_GROUP: "faith groups",
        OrganisationKind.PUBLIC_BODY: "public bodies",
        OrganisationKind.OTHER: "organisations of other kinds",
    }
)


def _listed(words: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def rule_words(rules: Rules, need: Need) -> str:
    """Write one rule as a sentence; "" where it excludes nobody."""
    match need:
        case Need.KIND if rules.kinds:
            return _capital(f"{_listed([_PLURALS[kind] for kind in rules.kinds])} may apply.")
        case Need.DISTRICT if rules.districts:
            names = sorted(rules.districts.values())
            return f"The organisation is based in {_listed(names, 'or')}."
        case Need.INCOME if rules.income_at_most is not None:
            return f"Its income is {money.pounds(rules.income_at_most)} a year or less."
        case Need.YEARS if rules.years_registered:
            years = "year" if rules.years_registered == 1 else "years"
            return (
                "It has been on the register of charities for at least"
                f" {rules.years_registered} {years}."
            )
        case Need.APPROVED if rules.approved_only:
            return "It is registered and approved here."
        case _:
            return ""


def eligibility(rules: Rules, applicant: Applicant, today: date) -> Eligibility:
    """Hold an organisation against every rule; what cannot be checked does not speak against it."""
    reasons: list[Reason] = []
    unchecked: list[str] = []

    def against(need: Need, standing: str, mend: str) -> None:
        reasons.append(Reason(need, rule_words(rules, need), standing, mend))

    if rules.kinds and applicant.kind not in rules.kinds:
        against(
            Need.KIND,
            f"Yours is registered here as: {KIND_LABELS[applicant.kind].lower()}.",
            "If that is wrong, ask a moderator to change it. Otherwise an organisation of one of"
            " these kinds can apply with you as its partner.",
        )
    if rules.districts:
        if applicant.districts is None:
            unchecked.append(rule_words(rules, Need.DISTRICT))
        elif not applicant.districts.keys() & rules.districts.keys():
            names = sorted(applicant.districts.values())
            against(
                Need.DISTRICT,
                f"Your postcode is in {_listed(names, 'or')}."
                if names
                else "Your postcode is elsewhere.",
                "If you are based elsewhere, correct the postcode of your organisation.",
            )
    if rules.income_at_most is not None:
        if applicant.income is None:
            unchecked.append(rule_words(rules, Need.INCOME))
        elif applicant.income > rules.income_at_most:
            against(
                Need.INCOME,
                f"The register of charities gives yours as {money.pounds(applicant.income)}.",
                "If your latest year was lower, send your annual return to the Charity"
                " Commission; we take the figure from there.",
            )
    if rules.years_registered:
        if applicant.registered_on is None:
            unchecked.append(rule_words(rules, Need.YEARS))
        elif today < (since := anniversary(applicant.registered_on, rules.years_registered)):
            against(
                Need.YEARS,
                f"Yours has been since {clock.date_words(applicant.registered_on, year=True)}.",
                f"You can apply to rounds open on or after {clock.date_words(since, year=True)}.",
            )
    if rules.approved_only and not applicant.approved:
        against(
            Need.APPROVED,
            "Yours is not approved yet.",
            "Send its registration for approval, or wait for the moderator’s answer.",
        )
    return Eligibility(tuple(reasons), tuple(unchecked))


def anniversary(since: date, years: int) -> date:
    """Give the day on which `years` are full; of 29 February it is 1 March in other years."""
    try:
        return since.replace(year=since.year + years)
    except ValueError:
        return date(since.year + years, 3, 1)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a round must have before anybody may be asked to apply."""

    fund_summary: str
    questions: int
    criteria: int
    deadline: datetime


def missing(facts: Readiness, now: datetime) -> list[tuple[str, str]]:
    """Name what a round needs before it is published, as (what, sentence)."""
    lacks: list[tuple[str, str]] = []
    if not facts.fund_summary:
        lacks.append(("fund", "Say in one or two sentences what the fund is for"))
    if facts.deadline <= now:
        lacks.append(("dates", "Choose a deadline that lies ahead"))
    if not facts.questions:
        lacks.append(("questions", "Ask at least one question of your own"))
    if not facts.criteria:
        lacks.append(("criteria", "Say what applications are judged by: at least one criterion"))
    return lacks


def shares(weights: Sequence[tuple[int, int]]) -> list[int]:
    """Give each criterion's share of all points in whole percent, from its (weight, most)."""
    total = sum(weight * most for weight, most in weights)
    return [round(100 * weight * most / total) if total else 0 for weight, most in weights]
