"""Kinds of credentials, levels of checks, and what clears what: pure, judged at a date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

from marketplace.errors import Conflict

# At most six months, and the shortest six months have 181 days.
DETAILS_KEPT = timedelta(days=180)
EXPIRING = timedelta(days=30)
YOUNGEST_CHECKED = 16


class Kind(StrEnum):
    """What was shown."""

    CHECK = "criminal_record_check"
    SAFEGUARDING = "safeguarding"
    FIRST_AID = "first_aid"
    FOOD_HYGIENE = "food_hygiene"
    MOVING_AND_HANDLING = "moving_and_handling"
    MENTAL_HEALTH = "mental_health_first_aid"
    DRIVING_LICENCE = "driving_licence"
    MINIBUS = "minibus"

    @property
    def label(self) -> str:
        """Name it in words."""
        return KIND_LABELS[self]


KIND_LABELS = {
    Kind.CHECK: "Criminal record check",
    Kind.SAFEGUARDING: "Safeguarding training",
    Kind.FIRST_AID: "First aid",
    Kind.FOOD_HYGIENE: "Food hygiene",
    Kind.MOVING_AND_HANDLING: "Moving and handling",
    Kind.MENTAL_HEALTH: "Mental health first aid",
    Kind.DRIVING_LICENCE: "Driving licence",
    Kind.MINIBUS: "Minibus driving (MiDAS)",
}
TRAINING = tuple(kind for kind in Kind if kind is not Kind.CHECK)


class Rung(IntEnum):
    """How far a check looks; Scotland has no ENHANCED without a barred list."""

    NONE = 0
    BASIC = 1
    STANDARD = 2
    ENHANCED = 3
    BARRED = 4


class Body(StrEnum):
    """Who issues checks, by where the decision about somebody is made."""

    DBS = "DBS"
    SCOTLAND = "Disclosure Scotland"
    ACCESS_NI = "AccessNI"


class Check(StrEnum):
    """Every level of criminal record check, as its body calls it."""

    DBS_BASIC = "dbs_basic"
    DBS_STANDARD = "dbs_standard"
    DBS_ENHANCED = "dbs_enhanced"
    DBS_BARRED = "dbs_enhanced_barred"
    LEVEL_1 = "scotland_level_1"
    LEVEL_2 = "scotland_level_2"
    PVG = "scotland_pvg"
    NI_BASIC = "accessni_basic"
    NI_STANDARD = "accessni_standard"
    NI_ENHANCED = "accessni_enhanced"
    NI_BARRED = "accessni_enhanced_barred"

    @property
    def body(self) -> Body:
        """Name who issues it."""
        return _CHECKS[self][0]

    @property
    def rung(self) -> Rung:
        """Tell how far it looks."""
        return _CHECKS[self][1]

    @property
    def label(self) -> str:
        """Name it in words."""
        return _CHECKS[self][2]


_CHECKS: dict[Check, tuple[Body, Rung, str]] = {
    Check.DBS_BASIC: (Body.DBS, Rung.BASIC, "Basic DBS check"),
    Check.DBS_STANDARD: (Body.DBS, Rung.STANDARD, "Standard DBS check"),
    Check.DBS_ENHANCED: (Body.DBS, Rung.ENHANCED, "Enhanced DBS check"),
    Check.DBS_BARRED: (Body.DBS, Rung.BARRED, "Enhanced DBS check with barred list"),
    Check.LEVEL_1: (Body.SCOTLAND, Rung.BASIC, "Level 1 disclosure"),
    Check.LEVEL_2: (Body.SCOTLAND, Rung.STANDARD, "Level 2 disclosure"),
    Check.PVG: (Body.SCOTLAND, Rung.BARRED, "PVG scheme membership"),
    Check.NI_BASIC: (Body.ACCESS_NI, Rung.BASIC, "Basic AccessNI check"),
    Check.NI_STANDARD: (Body.ACCESS_NI, Rung.STANDARD, "Standard AccessNI check"),
    Check.NI_ENHANCED: (Body.ACCESS_NI, Rung.ENHANCED, "Enhanced AccessNI check"),
    Check.NI_BARRED: (Body.ACCESS_NI, Rung.BARRED, "Enhanced AccessNI check with barred list"),
}


def check_of(body: Body, rung: Rung) -> Check | None:
    """Give what a body calls a rung; None where it has none, as for NONE."""
    return next((check for check in Check if (check.body, check.rung) == (body, rung)), None)


class Workforce(StrEnum):
    """Whom somebody works with."""

    CHILDREN = "children"
    ADULTS = "adults"
    BOTH = "both"
    NEITHER = "neither"

    @property
    def label(self) -> str:
        """Name it in words."""
        return WORKFORCE_LABELS[self]

    @property
    def parts(self) -> frozenset["Workforce"]:
        """Take BOTH apart; NEITHER is nobody."""
        if self is Workforce.NEITHER:
            return frozenset()
        if self is Workforce.BOTH:
            return frozenset({Workforce.CHILDREN, Workforce.ADULTS})
        return frozenset({self})


WORKFORCE_LABELS = {
    Workforce.CHILDREN: "Children",
    Workforce.ADULTS: "Adults at risk",
    Workforce.BOTH: "Children and adults at risk",
    Workforce.NEITHER: "Neither",
}


class Outcome(StrEnum):
    """What the organisation decided on what it saw."""

    SATISFACTORY = "satisfactory"
    NOT_SATISFACTORY = "not_satisfactory"


class Event(StrEnum):
    """What happens to credentials."""

    RECORDED = "credential.recorded"
    REVOKED = "credential.revoked"
    SHARED = "credential.shared"
    KEPT_PRIVATE = "credential.kept_private"
    EXPIRING = "credential.expiring"


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody has to have shown: training of a kind, or a check of a level at least."""

    kind: Kind
    check: Check | None = None
    workforce: Workforce = Workforce.NEITHER

    @property
    def label(self) -> str:
        """Name it in words."""
        return self.check.label if self.check else self.kind.label


@dataclass(frozen=True, slots=True)
class Held:
    """One credential that was not revoked, as far as it decides; the latest seen comes last.

    `until` is the last day on which it holds, None for no end.
    """

    id: UUID
    kind: Kind
    outcome: Outcome
    until: date | None
    check: Check | None = None
    workforce: Workforce = Workforce.NEITHER


class Standing(StrEnum):
    """How somebody stands to a need."""

    CLEAR = "clear"
    MISSING = "missing"
    EXPIRED = "expired"
    REFUSED = "refused"


def answers(held: Held, need: Need) -> bool:
    """Tell whether a credential is of the kind and level that is needed, whatever its date."""
    if held.kind is not need.kind:
        return False
    if need.check is None:
        return True
    if held.check is None or held.check.rung < need.check.rung:
        return False
    if need.check.rung is Rung.BASIC:
        return True
    if held.check.body is not need.check.body:
        return False
    # A workforce is named from the enhanced level on; below, the certificate knows none.
    return need.check.rung < Rung.ENHANCED or need.workforce.parts <= held.workforce.parts


def standing(held: Iterable[Held], need: Need, on: date) -> tuple[Standing, Held | None]:
    """Judge what somebody has shown against a need on a day, with the credential that decides.

    The latest of the kind that was not satisfactory voids those seen before it.
    """
    valid: list[Held] = []
    refused: Held | None = None
    for each in held:
        if each.kind is not need.kind:
            continue
        if each.outcome is Outcome.NOT_SATISFACTORY:
            valid, refused = [], each
        elif answers(each, need):
            valid.append(each)
    if not valid:
        return (Standing.REFUSED, refused) if refused else (Standing.MISSING, None)
    best = max(valid, key=lambda each: each.until or date.max)
    if best.until is not None and best.until < on:
        return Standing.EXPIRED, best
    return Standing.CLEAR, best


def check_dates(issued_on: date, holds_until: date | None, today: date) -> None:
    """Refuse dates of a credential that cannot be.

    Raises:
        Conflict: beside `issued_on` or `holds_until`.
    """
    if issued_on > today:
        raise Conflict("Enter the day it was issued: it cannot lie ahead", field="issued_on")
    if holds_until is not None and holds_until < today:
        raise Conflict(
            "Enter a day that lies ahead. What has run out already clears nobody",
            field="holds_until",
        )
