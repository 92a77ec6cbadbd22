"""States of an application, what rules may decide by and how they do: pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from marketplace import clock
from marketplace.moves import Moves
from marketplace.questions.rules import Asked, Kind, number, problem
from marketplace.volunteering.eligibility.rules import Reason

MOST_REFERENCES = 3
MOST_RULES = 20
# How long typed answers wait: in a browser's cookie for a visitor, longer for a known person.
VISITORS_DRAFT = timedelta(days=14)
OWN_DRAFT = timedelta(days=90)
# A referee is reminded once, may answer for so long, and is forgotten after the decision.
REMIND_AFTER = timedelta(days=7)
REFERENCE_WITHIN = timedelta(days=60)
FORGET_REFEREES_AFTER = timedelta(days=90)
REFERENCE_LINK = "reference"
DRAFT_LINK = "application-draft"


class ApplicationState(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What was decided; an approval that is taken back is revoked."""

    APPROVED = "approved"
    DECLINED = "declined"
    REVOKED = "revoked"


class RefereeState(StrEnum):
    """What became of asking a referee."""

    NAMED = "named"
    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"
    REPLACED = "replaced"


class Recommends(StrEnum):
    """Whether a referee would have the applicant do this."""

    UNSAID = ""
    YES = "yes"
    WITH_RESERVATIONS = "with_reservations"
    NO = "no"


class Effect(StrEnum):
    """What a rule does where it holds."""

    APPROVE = "approve"
    BLOCK = "block"


class Compare(StrEnum):
    """How a rule reads an answer."""

    IS = "is"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Event(StrEnum):
    """What happens in screening, for history and for whoever reacts."""

    SCREENING_CHANGED = "screening.changed"
    SUBMITTED = "role_application.submitted"
    WITHDRAWN = "role_application.withdrawn"
    APPROVED = "role_application.approved"
    DECLINED = "role_application.declined"
    REVOKED = "role_application.revoked"
    REVIEW_ASKED = "role_application.review_asked"
    REFERENCE_ASKED = "reference.asked"
    REFERENCE_REMINDED = "reference.reminded"
    REFERENCE_GIVEN = "reference.given"
    REFERENCE_DECLINED = "reference.declined"


MOVES = Moves(
    "application",
    {
        ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED}),
        ApplicationState.SUBMITTED: frozenset(
            {ApplicationState.APPROVED, ApplicationState.DECLINED, ApplicationState.WITHDRAWN}
        ),
        # Revoked.
        ApplicationState.APPROVED: frozenset({ApplicationState.DECLINED}),
        # A person looks at what a rule blocked, or thinks again.
        ApplicationState.DECLINED: frozenset(
            {ApplicationState.SUBMITTED, ApplicationState.APPROVED}
        ),
    },
)
RECOMMENDS_WORDS = MappingProxyType(
    {
        Recommends.YES: "Yes",
        Recommends.WITH_RESERVATIONS: "Yes, with reservations",
        Recommends.NO: "No",
    }
)
# Answers that are chosen or counted. No rule reads what somebody wrote in their own words.
TESTS: Mapping[Kind, tuple[Compare, ...]] = MappingProxyType(
    {
        Kind.YES_NO: (Compare.IS,),
        Kind.CHOICE: (Compare.IS,),
        Kind.CHOICES: (Compare.CONTAINS,),
        Kind.NUMBER: (Compare.AT_LEAST, Compare.AT_MOST),
    }
)
# The characteristics that the Equality Act 2010 protects (section 4), and the words they go by.
_PROTECTED = re.compile(
    r"\b(age|ages|aged|old|older|young|younger|birth|birthday|born|retired|disab\w*|wheelchair"
    r"|impair\w*|health|medical|illness|illnesses|gender|sex|male|female|man|woman|men|women|boys?|girls?|trans"
    r"|transgender|transsexual|married|marriage|marital|civil partner\w*|wife|husband|spouse"
    r"|pregnan\w*|maternity|race|racial|ethnic\w*|nationalit\w*|national origin|colour|caste"
    r"|immigra\w*|religio\w*|faith|belief|beliefs|christian|muslim|jewish|hindu|sikh|church"
    r"|mosque|orientation|sexual\w*|gay|lesbian|bisexual|heterosexual|lgbt\w*)\b",
    re.IGNORECASE,
)


def protected(asked: Asked) -> str | None:
    """Give the word of a question that names a protected characteristic; None without one."""
    found = _PROTECTED.search(" ".join((asked.label, asked.help, *asked.options)))
    return found[0] if found else None


def may_rule(asked: Asked) -> str | None:
    """Say why no rule may decide by this question; None where one may."""
    if asked.kind not in TESTS:
        return "Rules read yes or no, a choice or a number only. A person reads this answer."
    if word := protected(asked):
        return (
            f"This question says “{word}”. No rule may decide by age, disability, gender, marriage,"
            " pregnancy, race, religion or sexual orientation. A person can read the answer and"
            " decide; a minimum age is set on the role itself."
        )
    return None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a role; `reason` is what a blocked applicant reads."""

    id: UUID
    question_id: UUID
    effect: Effect
    test: Compare
    value: str
    reason: str = ""


def fits(rule: Rule, asked: Asked | None) -> bool:
    """Tell whether a rule still suits its question, which may have changed since."""
    if asked is None or may_rule(asked) is not None or rule.test not in TESTS[asked.kind]:
        return False
    match asked.kind:
        case Kind.YES_NO:
            return rule.value in {"yes", "no"}
        case Kind.NUMBER:
            return number(rule.value) is not None
        case _:
            return rule.value in asked.options


def holds(rule: Rule, answer: str) -> bool:
    """Tell whether an answer is what a rule looks for; an answer not given never is."""
    match rule.test:
        case Compare.IS:
            return answer != "" and answer == rule.value
        case Compare.CONTAINS:
            return rule.value in answer.split("\n")
        case Compare.AT_LEAST | Compare.AT_MOST:
            given, limit = number(answer), number(rule.value)
            if given is None or limit is None:
                return False
            return given >= limit if rule.test is Compare.AT_LEAST else given <= limit


def rule_words(rule: Rule, asked: Asked | None) -> str:
    """Write what a rule looks for: "“Can you lift 10 kg?” is “No”"."""
    label = f"“{asked.label}”" if asked else "A question that is no longer asked"
    said = rule.value.capitalize() if rule.value in {"yes", "no"} else rule.value
    match rule.test:
        case Compare.IS:
            return f"{label} is “{said}”"
        case Compare.CONTAINS:
            return f"{label} has “{said}” among the chosen"
        case Compare.AT_LEAST:
            return f"{label} is {said} or more"
        case Compare.AT_MOST:
            return f"{label} is {said} or less"


@dataclass(frozen=True, slots=True)
class References:
    """How many references a role wants, how many are in, and how many of those say yes."""

    wanted: int = 0
    given: int = 0
    good: int = 0

    @property
    def words(self) -> str:
        """Write what the rule about references looks for."""
        if self.wanted == 1:
            return "The reference is in and says yes"
        return f"All {self.wanted} references are in and say yes"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a trace: a rule in words, what it does, and whether it held."""

    rule: str
    effect: Effect
    held: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say: `outcome` None leaves it to a person. `reason` is in plain words."""

    outcome: Outcome | None
    reason: str
    trace: tuple[Step, ...]


def judge(
    rules: Sequence[Rule],
    questions: Mapping[UUID, Asked],
    answers: Mapping[UUID, str],
    references: References,
) -> Verdict:
    """Let the rules speak: one that blocks is enough, all that approve have to hold.

    A rule that no longer fits its question blocks nobody and approves nobody.
    """
    blocked: list[str] = []
    conditions: list[bool] = []
    trace: list[Step] = []
    for rule in rules:
        asked = questions.get(rule.question_id)
        held = fits(rule, asked) and holds(rule, answers.get(rule.question_id, ""))
        trace.append(Step(rule_words(rule, asked), rule.effect, held))
        if rule.effect is Effect.APPROVE:
            conditions.append(held)
        elif held:
            blocked.append(rule.reason)
    if references.wanted:
        in_and_good = references.good >= references.wanted
        conditions.append(in_and_good)
        trace.append(Step(references.words, Effect.APPROVE, in_and_good))
    if blocked:
        return Verdict(Outcome.DECLINED, " ".join(dict.fromkeys(blocked)), tuple(trace))
    if conditions and all(conditions):
        approving = [step.rule for step in trace if step.effect is Effect.APPROVE]
        return Verdict(Outcome.APPROVED, f"{'; '.join(approving)}.", tuple(trace))
    return Verdict(None, "", tuple(trace))


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody's latest application for a role stands; `until` None does not expire."""

    id: UUID
    state: ApplicationState
    until: datetime | None
    reason: str

    def holds(self, now: datetime) -> bool:
        """Tell whether it lets the person book now."""
        return self.state is ApplicationState.APPROVED and (self.until is None or now < self.until)


def application_path(opportunity_id: UUID, role_id: UUID) -> str:
    """Give the address at which one applies for a role."""
    return f"/opportunities/{opportunity_id}/roles/{role_id}/application"


def role_name(title: str, opportunity: str) -> str:
    """Name a role with its opportunity, once where both are called the same."""
    return title if title == opportunity else f"{title}: {opportunity}"


def why_not(
    standing: Standing | None, apply_at: str, organisation: str, now: datetime
) -> list[Reason]:
    """Say why somebody cannot book a role that asks for an application; empty when they can."""
    if standing is None or standing.state is ApplicationState.WITHDRAWN:
        sentence = "This role asks you to apply first. You do it once, for all its shifts."
        return [Reason("application_needed", sentence, apply_at, "Apply for this role")]
    own = f"/my/applications/{standing.id}"
    match standing.state:
        case ApplicationState.DRAFT:
            sentence = "You began to apply for this role, and have not sent it yet."
            return [Reason("application_unfinished", sentence, apply_at, "Finish your application")]
        case ApplicationState.SUBMITTED:
            sentence = f"{organisation} has your application for this role and will decide on it."
            return [Reason("application_waits", sentence, own, "See your application", waits=True)]
        case ApplicationState.APPROVED if standing.holds(now):
            return []
        case ApplicationState.APPROVED:
            assert standing.until is not None
            on = clock.date_words(clock.local(standing.until).date(), year=True)
            sentence = f"Your approval for this role ended on {on}. Apply again to go on."
            return [Reason("approval_expired", sentence, apply_at, "Apply again")]
        case ApplicationState.DECLINED:
            sentence = f"{organisation} said no to you for this role: {standing.reason}"
            return [Reason("application_declined", sentence, own, "See your application")]


def months_later(at: datetime, months: int) -> datetime:
    """Give the same day and time so many months later, the month's last day where it is shorter."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month + 1)


def unfinished(asked: Sequence[Asked], answers: Mapping[UUID, str]) -> dict[UUID, str]:
    """Say by question what is missing before an application can be sent."""
    found = ((each.id, problem(each, answers.get(each.id, ""))) for each in asked)
    return {id: sentence for id, sentence in found if sentence is not None}


def misnamed(named: Sequence[tuple[str, str, str]], own_email: str) -> dict[tuple[int, str], str]:
    """Say what is wrong with referees: (name, e-mail, relationship), by position and field."""
    wrong: dict[tuple[int, str], str] = {}
    seen: set[str] = set()
    for position, (name, email, relationship) in enumerate(named, 1):
        address = email.casefold()
        if not name:
            wrong[position, "name"] = "Enter the name of somebody who knows you"
        if not email:
            wrong[position, "email"] = "Enter their e-mail address"
        elif address == own_email.casefold():
            wrong[position, "email"] = "Name somebody else: this is your own address"
        elif address in seen:
            wrong[position, "email"] = "Name another person: you gave this address already"
        if not relationship:
            wrong[position, "relationship"] = "Say how they know you, such as “my teacher”"
        seen.add(address)
    return wrong
