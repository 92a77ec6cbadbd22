"""What may be awarded and what may be said of it in public: pure. Money is in pence."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace import money
from marketplace.errors import Conflict

MOST_TITLE = 140  # the open data standard's own limit
MOST_NOTE = 3000


class Outcome(StrEnum):
    """What was decided."""

    AWARD = "award"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What is awarded, as the public will read it."""

    amount: int
    title: str
    description: str
    starts_on: date | None = None
    ends_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds one award: what was asked for, and what the round gives."""

    asked: int
    least: int
    most: int


_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.,;:]{2,}")
_PHONE = re.compile(r"(?<![\d£.,])(?:\+44\s?|0)(?:[\s()-]{0,2}\d){9,10}(?!\d)")


def contact_in(text: str) -> str | None:
    """Give an e-mail address or telephone number that stands in a text; None where none does."""
    found = _EMAIL.search(text) or _PHONE.search(text)
    return found[0] if found else None


def without_contacts(text: str) -> str:
    """Take e-mail addresses and telephone numbers out of a text."""
    return _PHONE.sub("[removed]", _EMAIL.sub("[removed]", text))


def amount_problem(amount: int, limits: Limits) -> str | None:
    """Say why an amount cannot be awarded; None when it can."""
    if amount > limits.asked:
        return f"Award {money.pounds(limits.asked)} or less: that is what they asked for"
    if amount > limits.most:
        return f"Award {money.pounds(limits.most)} or less: that is the most this round gives"
    if amount < limits.least:
        return f"Award {money.pounds(limits.least)} or more: that is the least this round gives"
    return None


def check(grant: Grant, limits: Limits) -> None:
    """Refuse what cannot be awarded or must not stand in public.

    Raises:
        Conflict: beside the field it is about.
    """
    if problem := amount_problem(grant.amount, limits):
        raise Conflict(problem, field="amount")
    for field, text in (("title", grant.title), ("description", grant.description)):
        if contact := contact_in(text):
            raise Conflict(
                f"Take out “{contact}”: everybody can read this, and it names no one", field=field
            )
    if grant.starts_on and grant.ends_on and grant.ends_on < grant.starts_on:
        raise Conflict("Enter an end on or after the start", field="ends_on")


def left_words(left: int) -> str:
    """Say that a budget does not reach, and what is left of it."""
    if left <= 0:
        return "Nothing is left of this round’s budget. Somebody may have awarded the rest"
    return (
        f"Only {money.pounds(left)} is left of this round’s budget. Award that or less, or take"
        " another decision back first"
    )
