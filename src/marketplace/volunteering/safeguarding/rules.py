"""Which check a role may lawfully ask for: pure, judged over dated rows at a date.

The rows are in `data/check_rules.toml`, each with its source and when it was last read. To ask
for a check that a role is not eligible for is unlawful, so nothing above basic is ever advised
without a row that names its ground.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace.credentials.rules import Body, Check, Rung, Workforce, check_of
from marketplace.errors import Conflict


class Nation(StrEnum):
    """Where the decision about somebody is made."""

    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern_ireland"

    @property
    def label(self) -> str:
        """Name it in words."""
        return self.value.replace("_", " ").title()

    @property
    def body(self) -> Body:
        """Name who issues checks there."""
        return _BODIES.get(self, Body.DBS)


_BODIES = {Nation.SCOTLAND: Body.SCOTLAND, Nation.NORTHERN_IRELAND: Body.ACCESS_NI}


class Duty(StrEnum):
    """What a volunteer does in a role, as far as the law cares."""

    TEACH = "teach"
    CARE = "care"
    ADVISE = "advise"
    DRIVE = "drive"
    PERSONAL_CARE = "personal_care"
    HEALTH_CARE = "health_care"
    HOUSEHOLD = "household"
    AFFAIRS = "affairs"
    ESTABLISHMENT = "establishment"
    TRUSTEE = "trustee"
    LISTED_PROFESSION = "listed_profession"
    MONEY = "money"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Name it in words."""
        return DUTIES[self][0]


# What it is called, and what helps to tell.
DUTIES = {
    Duty.TEACH: ("Teach, train, coach or instruct them", ""),
    Duty.CARE: ("Look after or supervise them", ""),
    Duty.ADVISE: ("Give them advice or guidance on their well-being", "Also by phone or online"),
    Duty.DRIVE: (
        "Drive or accompany them",
        "Children: a vehicle only for them. Adults: to or from health, personal or social care",
    ),
    Duty.PERSONAL_CARE: (
        "Help with eating, washing, dressing or the toilet",
        "Because of age, illness or disability",
    ),
    Duty.HEALTH_CARE: ("Give health care", "As, or directed by, a health care professional"),
    Duty.HOUSEHOLD: (
        "Handle an adult’s cash, pay their bills or shop for them",
        "Because they need it by reason of age, illness or disability",
    ),
    Duty.AFFAIRS: ("Help run an adult’s affairs", "Such as under a power of attorney"),
    Duty.ESTABLISHMENT: (
        "Other work in a school, nursery or children’s home",
        "With the chance of contact with children",
    ),
    Duty.TRUSTEE: ("Be a trustee", ""),
    Duty.LISTED_PROFESSION: (
        "Act as a solicitor or chartered accountant",
        "Or another profession that the Rehabilitation of Offenders Act exceptions name",
    ),
    Duty.MONEY: ("Handle the organisation’s money, keys or data", ""),
    Duty.OTHER: ("Something else", "Such as gardening, a stall, or keeping company in a group"),
}


class Frequency(StrEnum):
    """How often one person does it; the first that is true from the end counts."""

    ONCE = "once"
    FREQUENTLY = "frequently"
    OVER_3_DAYS = "over_3_days_in_30"
    OVERNIGHT = "overnight"

    @property
    def label(self) -> str:
        """Name it in words."""
        return FREQUENCIES[self]


FREQUENCIES = {
    Frequency.ONCE: "Once, or now and then",
    Frequency.FREQUENTLY: "Once a week or more often",
    Frequency.OVER_3_DAYS: "On more than 3 days in any 30",
    Frequency.OVERNIGHT: "Overnight, at any time between 2am and 6am",
}


class Event(StrEnum):
    """What happens about checks of a role."""

    DECIDED = "check.decided"
    TRAINING_CHANGED = "role_training.changed"
    ASKED = "check.asked"
    LAPSING = "check.lapsing"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody said about a role; several duties count by the one that asks for most."""

    nation: Nation
    workforce: Workforce
    duties: frozenset[Duty]
    frequency: Frequency
    supervised: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated row: where all of it applies, `rung` is open, because of `because`.

    `valid_to` is the first day on which it holds no more, None for no end. Not `confirmed`: the
    source could not be read in full, so its reader is told to ask before deciding.
    """

    key: str
    nations: frozenset[Nation]
    workforces: frozenset[Workforce]
    duties: frozenset[Duty]
    frequencies: frozenset[Frequency]
    supervised: frozenset[bool]
    rung: Rung
    because: str
    valid_from: date
    valid_to: date | None
    source: str
    source_name: str
    checked_on: date
    confirmed: bool = True

    def holds(self, on: date) -> bool:
        """Tell whether it is the rule on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def touches(self, question: Question, on: date) -> bool:
        """Tell whether it applies to what was said about a role."""
        workforces = question.workforce.parts or {Workforce.NEITHER}
        return (
            self.holds(on)
            and question.nation in self.nations
            and not self.workforces.isdisjoint(workforces)
            and not self.duties.isdisjoint(question.duties)
            and question.frequency in self.frequencies
            and question.supervised in self.supervised
        )


@dataclass(frozen=True, slots=True)
class Note:
    """What everybody in these nations should know beside the answer."""

    nations: frozenset[Nation]
    text: str
    source: str
    source_name: str
    checked_on: date


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer: the most that may lawfully be asked for, and every row it stands on."""

    question: Question
    on: date
    rung: Rung
    lists: frozenset[Workforce]
    grounds: tuple[Rule, ...]
    open: frozenset[Rung]

    @property
    def body(self) -> Body:
        """Name whom to confirm it with."""
        return self.question.nation.body

    @property
    def check(self) -> Check | None:
        """Name the highest level; None for no check."""
        return check_of(self.body, self.rung)

    @property
    def label(self) -> str:
        """Write the answer in words."""
        if self.check is None:
            return "None"
        label = self.check.label
        if self.rung is not Rung.BARRED:
            return label
        who = " and ".join(_LISTS[self.body][each] for each in Workforce if each in self.lists)
        if self.body is Body.SCOTLAND:
            return f"{label} ({who})"
        lists = "lists" if len(self.lists) > 1 else "list"
        return f"{label.removesuffix('with barred list')}with the {who} barred {lists}"

    @property
    def confirmed(self) -> bool:
        """Tell whether a source was read in full for it."""
        return any(rule.confirmed for rule in self.grounds)

    @property
    def choices(self) -> list[Check]:
        """Give the levels that may be recorded, lowest first."""
        found = [check_of(self.body, rung) for rung in sorted(self.open)]
        return [check for check in found if check is not None]


_LISTS = {
    Body.DBS: {Workforce.CHILDREN: "children’s", Workforce.ADULTS: "adults’"},
    Body.ACCESS_NI: {Workforce.CHILDREN: "children’s", Workforce.ADULTS: "adults’"},
    Body.SCOTLAND: {Workforce.CHILDREN: "children", Workforce.ADULTS: "protected adults"},
}


def advise(rules: Iterable[Rule], question: Question, on: date) -> Advice:
    """Give the most that a role may ask for on a day, with the rows that say so.

    Raises:
        Conflict: no row says anything, as on a day before the rows begin.
    """
    touching = [rule for rule in rules if rule.touches(question, on)]
    if not touching:
        raise Conflict(
            f"We hold no rules for that day. Ask {question.nation.body.value} before you decide."
        )
    rung = max(rule.rung for rule in touching)
    grounds = tuple(rule for rule in touching if rule.rung is rung)
    barred = rung is Rung.BARRED
    lists = frozenset(
        part
        for part in question.workforce.parts
        if barred and any(part in rule.workforces for rule in grounds)
    )
    return Advice(question, on, rung, lists, grounds, _open(question, rung, touching))


def _open(question: Question, rung: Rung, touching: list[Rule]) -> frozenset[Rung]:
    found = {rule.rung for rule in touching} | {Rung.BASIC}
    if question.nation.body is not Body.SCOTLAND:
        # What is eligible for a check may ask for one that looks less far; in Scotland Level 2
        # and the PVG scheme are for different roles.
        found |= {each for each in Rung if each <= rung}
    return frozenset(found - {Rung.NONE})


def allow(advice: Advice, chosen: Check | None) -> Check | None:
    """Return the level that a named person chose, or refuse one that would be unlawful.

    None is no check, and basic is open to every role.

    Raises:
        Conflict: beside `level`: it is of another body, or more than the law allows.
    """
    if chosen is None or chosen in advice.choices:
        return chosen
    if chosen.body is not advice.body:
        raise Conflict(
            f"Choose a level of {advice.body.value}: it checks people for decisions made in"
            f" {advice.question.nation.label}.",
            field="level",
        )
    raise Conflict(
        f"What you said about this role allows “{advice.label}” at most, so asking for"
        f" “{chosen.label}” would be unlawful. {advice.grounds[0].because}"
        f" If you think it is eligible, confirm with {advice.body.value} and mend the answers.",
        field="level",
    )
