"""What people choose an opportunity by, in coded lists, and when a listing goes stale: pure.

Each fact names the term of the volunteering data standard (its taxonomy of accessibility or of
rewards) that a feed publishes it under.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

# Listings that nobody touches: asked about, then left out of lists, then over.
ASK_AFTER = timedelta(days=60)
FADE_AFTER = timedelta(days=14)
EXPIRE_AFTER = timedelta(days=30)

# From how many accepted opportunities on a moderator is offered to trust an organisation.
OFFER_TRUST_FROM = 3


class Expenses(StrEnum):
    """What of their costs volunteers get back; UNSAID until the organisation says it."""

    UNSAID = ""
    ALL = "all"
    TRAVEL = "travel"
    NO = "no"


EXPENSES_WORDS: Mapping[Expenses, str] = MappingProxyType(
    {
        Expenses.UNSAID: "Expenses: ask the contact",
        Expenses.ALL: "All agreed expenses are paid",
        Expenses.TRAVEL: "Travel is paid",
        Expenses.NO: "No expenses are paid",
    }
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something true of a place or of how people are helped; `term` is a slug of the standard."""

    slug: str
    label: str
    term: str
    icon: str = "check"


ACCESS: Mapping[str, Fact] = MappingProxyType(
    {
        fact.slug: fact
        for fact in (
            Fact("step-free", "Step-free all the way", "building-accessibility-features"),
            Fact("seating", "A seat whenever you need one", "physical-accessibility"),
            Fact("toilets", "Toilets", "building-accessibility-features"),
            Fact("accessible-toilet", "Accessible toilet", "building-accessibility-features"),
            Fact("parking", "Parking", "parking-availability"),
            Fact("bus", "A bus stop near by", "public-transport-access"),
            Fact("assistance-dogs", "Assistance dogs are welcome", "service-animals"),
        )
    }
)
SUPPORT: Mapping[str, Fact] = MappingProxyType(
    {
        fact.slug: fact
        for fact in (
            Fact("buddy", "Somebody beside you the first time", "accessibility"),
            Fact("training", "Training for what you do", "accessibility"),
            Fact("own-pace", "Breaks and your own pace", "physical-accessibility"),
            Fact("carer", "A carer or supporter may come with you", "care-professionals"),
            Fact("learning-english", "Fine while you learn English", "language-requirements"),
            Fact("equipment", "Clothes and tools are lent", "accessibility"),
            Fact("adjustments", "Tasks are adapted to what you can do", "accessibility"),
        )
    }
)
# What the list can be narrowed by: few, those that decide whether somebody can come at all.
NEEDS: Mapping[str, str] = MappingProxyType(
    {
        "access:step-free": "Step-free",
        "access:seating": "Seats",
        "access:toilets": "Toilets",
        "access:parking": "Parking",
        "access:bus": "On a bus route",
        "expenses:paid": "Travel or expenses paid",
        "support:buddy": "Somebody beside me the first time",
    }
)


def known(slugs: Iterable[str], facts: Mapping[str, Fact]) -> list[str]:
    """Keep what is on a coded list, in its order."""
    chosen = set(slugs)
    return [slug for slug in facts if slug in chosen]


def labels(slugs: Iterable[str], facts: Mapping[str, Fact]) -> list[str]:
    """Name the facts of a coded list; what is no longer on it is left out."""
    return [facts[slug].label for slug in known(slugs, facts)]


def tags(access: Iterable[str], support: Iterable[str], expenses: str) -> list[str]:
    """Give what the list can be narrowed by; an accessible toilet is a toilet."""
    places = set(access)
    if "accessible-toilet" in places:
        places.add("toilets")
    return [
        *(f"access:{slug}" for slug in known(places, ACCESS)),
        *(f"support:{slug}" for slug in known(support, SUPPORT)),
        *(["expenses:paid"] if expenses in {Expenses.ALL, Expenses.TRAVEL} else []),
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the public text as it was accepted and as it is now."""

    part: str
    before: str
    now: str


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> Sequence[Difference]:
    """Name the parts of a public text that are not as they were, in the order of `now`."""
    parts = [*now, *(part for part in before if part not in now)]
    return [
        Difference(part, before.get(part, ""), now.get(part, ""))
        for part in parts
        if before.get(part, "") != now.get(part, "")
    ]
