"""States, scope and end of a consent, and what speaks against a young person's place: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from dateutil.relativedelta import relativedelta

from marketplace import clock
from marketplace.accounts.ages import ADULT, age, birthday
from marketplace.moves import Moves
from marketplace.volunteering.eligibility.rules import Reason

LINK = "guardian-consent"
LINK_WITHIN = timedelta(days=30)
LONGEST_MONTHS = 12
WARNED_BEFORE = timedelta(days=14)
# Names and addresses of guardians go so long after their last consent is over or unanswered.
FORGOTTEN_AFTER = timedelta(days=90)
YOUNGEST_CHECKED = 16


class ConsentState(StrEnum):
    """What became of a consent; ENDED ran out, REPLACED was asked of somebody else or again."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    REPLACED = "replaced"


CONSENT_MOVES = Moves(
    "consent",
    {
        ConsentState.ASKED: frozenset(
            {
                ConsentState.GIVEN,
                ConsentState.REFUSED,
                ConsentState.REPLACED,
                ConsentState.ENDED,
                # Asked again after a birth date changed: the guardian may say no for good.
                ConsentState.WITHDRAWN,
            }
        ),
        # A changed birth date asks again.
        ConsentState.GIVEN: frozenset(
            {ConsentState.WITHDRAWN, ConsentState.ENDED, ConsentState.ASKED}
        ),
    },
)


class Event(StrEnum):
    """What happens to consents and named adults, for history and for whoever reacts."""

    CONSENT_ASKED = "guardian_consent.asked"
    CONSENT_GIVEN = "guardian_consent.given"
    CONSENT_REFUSED = "guardian_consent.refused"
    CONSENT_WITHDRAWN = "guardian_consent.withdrawn"
    CONSENT_RUNNING_OUT = "guardian_consent.running_out"
    CONSENT_ENDED = "guardian_consent.ended"
    ADULT_NAMED = "named_adult.named"
    PLACE_DOUBTED = "place.doubted"
    PLACE_KEPT = "place.kept"


class Code(StrEnum):
    """The reasons of this room."""

    TOO_YOUNG = "too_young"
    CHECK_AGE = "check_age"
    NAMED_ADULT = "named_adult"
    NO_CONSENT = "no_consent"
    CONSENT_WAITS = "consent_waits"
    CONSENT_REFUSED = "consent_refused"
    OUT_OF_SCOPE = "out_of_scope"
    CONSENT_ENDS = "consent_ends"


# A place that somebody has already is taken back for these; for want of a named adult it is the
# organisation's to act.
UNFIT = frozenset(Code) - {Code.NAMED_ADULT, Code.CHECK_AGE}


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent of the organisation in question; `role_id` None is all of its roles.

    `until` is the first day it does not count for, None before it is given.
    """

    state: ConsentState
    role_id: UUID | None
    until: date | None = None

    def covers(self, role_id: UUID) -> bool:
        """Tell whether a role is in its scope."""
        return self.role_id in {None, role_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides whether somebody of a known age may have a place; `day` is the shift's."""

    born_on: date
    day: date
    role_id: UUID
    minimum_age: int
    organisation: str
    checked: bool
    adult_named: bool
    consents: Sequence[Consent]


def against(facts: Facts) -> list[Reason]:
    """Give every reason of age and consent, the worst first."""
    years = age(facts.born_on, facts.day)
    if years < facts.minimum_age:
        return [
            Reason(
                Code.TOO_YOUNG,
                f"This role is for people of {facts.minimum_age} and over, and on"
                # Those who run the role read it too, and they know no age.
                f" {clock.date_words(facts.day)} you are not yet {facts.minimum_age}.",
                "/opportunities",
                "Find something else",
            )
        ]
    if years >= ADULT:
        return []
    found: list[Reason] = []
    if facts.checked and years < YOUNGEST_CHECKED:
        found.append(
            Reason(
                Code.CHECK_AGE,
                "This role asks for a criminal record check, and nobody under"
                f" {YOUNGEST_CHECKED} can have one.",
                "/opportunities",
                "Find something else",
            )
        )
    if not facts.adult_named:
        found.append(
            Reason(
                Code.NAMED_ADULT,
                f"{facts.organisation} has to name an adult who answers for young people in this"
                " role before anybody under 18 can have a place.",
                waits=True,
            )
        )
    if consent := _consent(facts):
        found.append(consent)
    return found


def _consent(facts: Facts) -> Reason | None:
    own = [each for each in facts.consents if each.covers(facts.role_id)]
    given = [each for each in own if each.state is ConsentState.GIVEN]
    if any(each.until is not None and facts.day < each.until for each in given):
        return None
    here = f"/my/guardian/roles/{facts.role_id}"
    states = {each.state for each in own}
    if ConsentState.ASKED in states:
        return Reason(
            Code.CONSENT_WAITS,
            "You are under 18: your parent or guardian has been asked, and has not answered yet.",
            "/my/guardian",
            "See what was asked",
            waits=True,
        )
    if given:
        last = max(each.until for each in given if each.until is not None)
        return Reason(
            Code.CONSENT_ENDS,
            "Your parent’s or guardian’s consent ends before this shift, on"
            f" {clock.date_words(last - timedelta(days=1))}.",
            here,
            "Ask them again",
        )
    if any(each.state is ConsentState.GIVEN for each in facts.consents):
        return Reason(
            Code.OUT_OF_SCOPE,
            f"Your parent or guardian agreed to another role of {facts.organisation}, and not to"
            " this one.",
            here,
            "Ask them about this role",
        )
    if ConsentState.REFUSED in states:
        return Reason(
            Code.CONSENT_REFUSED,
            "Your parent or guardian said no. Speak with them before you ask again.",
            here,
            "Ask again",
        )
    return Reason(
        Code.NO_CONSENT,
        "You are under 18, so your parent or guardian has to agree first.",
        here,
        "Name your parent or guardian",
    )


def unfit(found: Sequence[Reason]) -> Reason | None:
    """Give the first reason for which a place is taken back."""
    return next((each for each in found if each.code in UNFIT), None)


def doubts(facts: Facts) -> list[Reason]:
    """Give everything that speaks against keeping a place: too young, and what else there is."""
    found = against(facts)
    if found and found[0].code == Code.TOO_YOUNG:
        found += against(replace(facts, minimum_age=0))
    return found


def may_keep(found: Sequence[Reason]) -> bool:
    """Tell whether an organisation may keep a place although these speak against it.

    A minimum age is its own: no law sets one for unpaid work that is not for anybody's profit, so
    whoever runs the role may let somebody stay. What a guardian has not agreed to is theirs and
    not the organisation's to decide; nobody under 16 can be checked (Police Act 1997, s.113A), so
    where the role asks for a check nobody may do without; and an adult is named in one step.

    No hour of the day is judged. The limits on when children of school age may work (Children and
    Young Persons Act 1933, s.18) are about a trade carried on for profit (s.30). Instead guardians
    are told of every new time, and withdraw what they do not agree to.
    """
    return bool(found) and all(each.code == Code.TOO_YOUNG for each in found)


def doubt_words(code: Code, minimum_age: int, day: date) -> str:
    """Say to an organisation what stands in the way: it knows no birth date."""
    on = clock.date_words(day)
    match code:
        case Code.TOO_YOUNG:
            return (
                f"They are under {minimum_age} on {on}, and the role is for {minimum_age} and over."
            )
        case Code.CHECK_AGE:
            return f"The role asks for a check, and nobody under {YOUNGEST_CHECKED} can have one."
        case Code.NAMED_ADULT:
            return "They are under 18 then, and no adult is named for young people in this role."
        case Code.CONSENT_ENDS:
            return f"Their parent’s or guardian’s consent ends before {on}."
        case _:
            return f"They are under 18 on {on}, and no parent or guardian has agreed to this role."


def until(today: date, born_on: date, months: int) -> date:
    """Give the first day a consent given today does not count for."""
    return min(today + relativedelta(months=min(months, LONGEST_MONTHS)), birthday(born_on, ADULT))


def may_correct(born_on: date | None, wanted: date, *, corrected: bool, today: date) -> str | None:
    """Say why somebody cannot change their own birth date; None when they can.

    One correction is theirs, but not from under 18 to 18: that would do away with a guardian.
    """
    if born_on is None or born_on == wanted:
        return None
    if corrected:
        return (
            "You corrected your date of birth once already. Ask the people who look after this"
            " site to correct it again"
        )
    if age(born_on, today) < ADULT <= age(wanted, today):
        return (
            "You said before that you are under 18. Ask the people who look after this site to"
            " correct it"
        )
    return None
