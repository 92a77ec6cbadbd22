"""Kinds of questions, what an answer must be, and how words are counted: pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from marketplace import clock, money

MOST_QUESTIONS = 60
MOST_OPTIONS = 30
MOST_WORDS = 5000
# A draft keeps what is far over its word limit too; this only keeps a row a row.
MOST_CHARACTERS = 40_000
# Of a line: what fits a list, a letter and the open data.
MOST_LINE = 140
MOST_NUMBER = 1_000_000_000
# £100 million: beyond it somebody typed pence.
MOST_MONEY = 10_000_000_000


class Kind(StrEnum):
    """What shape an answer has."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"


class Meaning(StrEnum):
    """Why the product itself reads an answer."""

    NONE = ""
    TITLE = "title"
    AMOUNT = "amount"


class Owner(StrEnum):
    """What asks."""

    ROUND = "round"
    ROLE = "role"


class Subject(StrEnum):
    """What answers."""

    APPLICATION = "application"
    BOOKING = "booking"
    ROLE_APPLICATION = "role_application"


KIND_LABELS = MappingProxyType(
    {
        Kind.TEXT: "Several sentences",
        Kind.LINE: "One line",
        Kind.NUMBER: "A number",
        Kind.MONEY: "An amount of money",
        Kind.DATE: "A date",
        Kind.YES_NO: "Yes or no",
        Kind.CHOICE: "One of several",
        Kind.CHOICES: "Any of several",
    }
)
COUNTED = frozenset({Kind.TEXT, Kind.LINE})
CHOOSING = frozenset({Kind.CHOICE, Kind.CHOICES})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is asked; `word_limit` None is no limit."""

    id: UUID
    kind: Kind
    label: str
    help: str = ""
    required: bool = True
    word_limit: int | None = None
    options: tuple[str, ...] = ()
    meaning: Meaning = Meaning.NONE
    position: int = 0


def count_words(text: str) -> int:
    """Count words as the counter beside the field does: whatever stands between spaces."""
    return len(text.split())


def clean(text: str) -> str:
    """Write an answer as it is kept: one kind of line end, nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def unstorable(text: str) -> str | None:
    """Say why a text cannot be kept even as a draft; None when it can."""
    if len(text) > MOST_CHARACTERS:
        return f"Shorten this to {MOST_CHARACTERS:,} characters, so that it can be saved"
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Cn"} for letter in _shown(text)):
        return "Remove the characters that cannot be shown, such as those of a bad copy"
    return None


def _shown(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")


def problem(asked: Asked, text: str) -> str | None:
    """Say what an answer still needs before it can be submitted; None when it is complete."""
    if not text.strip():
        return _missing(asked) if asked.required else None
    if unkept := unstorable(text):
        return unkept
    match asked.kind:
        case Kind.LINE if "\n" in text:
            return "Write this on one line"
        case Kind.LINE if asked.word_limit is None and len(text) > MOST_LINE:
            return f"Shorten this to {MOST_LINE} characters; it has {len(text)}"
        case Kind.LINE | Kind.TEXT:
            return _too_long(asked, text)
        case Kind.NUMBER:
            return None if number(text) is not None else "Enter a whole number, such as 40"
        case Kind.MONEY:
            return _wrong_money(text)
        case Kind.DATE:
            return None if day(text) else "Enter a real date, such as 2027-03-04"
        case Kind.YES_NO:
            return None if text in {"yes", "no"} else "Choose yes or no"
        case Kind.CHOICE:
            return None if text in asked.options else "Choose one from the list"
        case Kind.CHOICES:
            chosen = text.split("\n")
            return None if set(chosen) <= set(asked.options) else "Choose from the list"


def _missing(asked: Asked) -> str:
    match asked.meaning, asked.kind:
        case Meaning.TITLE, _:
            return "Say what the project is called"
        case Meaning.AMOUNT, _:
            return "Say how much you ask for"
        case _, Kind.YES_NO:
            return "Choose yes or no"
        case _, Kind.CHOICE:
            return "Choose one"
        case _, Kind.CHOICES:
            return "Choose at least one"
        case _:
            return "Answer this question"


def _too_long(asked: Asked, text: str) -> str | None:
    words = count_words(text)
    if asked.word_limit is None or words <= asked.word_limit:
        return None
    over = words - asked.word_limit
    return (
        f"Cut {over:,} {'word' if over == 1 else 'words'}:"
        f" this has {words:,}, and the limit is {asked.word_limit:,}"
    )


def _wrong_money(text: str) -> str | None:
    amount = money.parse(text)
    if amount is None:
        return "Enter an amount in pounds, such as £1,250 or 1250.50"
    if not 0 < amount <= MOST_MONEY:
        return f"Enter an amount between £0.01 and {money.pounds(MOST_MONEY)}"
    return None


def number(text: str) -> int | None:
    """Read a whole number as people type it; None when it is none."""
    digits = text.strip().replace(",", "")
    if not re.fullmatch(r"-?[0-9]{1,10}", digits) or abs(int(digits)) > MOST_NUMBER:
        return None
    return int(digits)


def day(text: str) -> date | None:
    """Read a date as a date field sends it; None when it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def spoken(kind: Kind, text: str) -> str:
    """Write an answer for somebody to read: "£1,250", "Thursday 4 March 2027", "Yes"."""
    match kind:
        case Kind.MONEY if (amount := money.parse(text)) is not None:
            return money.pounds(amount)
        case Kind.DATE if (on := day(text)) is not None:
            return clock.date_words(on, year=True)
        case Kind.NUMBER if (count := number(text)) is not None:
            return f"{count:,}"
        case Kind.YES_NO if text in {"yes", "no"}:
            return text.capitalize()
        case _:
            return text


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it stands; `version` 0 is none yet. `page` is the open page that wrote it."""

    version: int = 0
    value: str = ""
    page: UUID | None = None
    answered_by: UUID | None = None
    answered_at: datetime | None = None


class Outcome(StrEnum):
    """What becomes of a text that is sent."""

    KEEP = "keep"
    WRITE = "write"
    CLASH = "clash"


def outcome(
    stored: Stored, seen: int, before: str | None, typed: str, page: UUID | None
) -> Outcome:
    """Decide about `typed`, sent by somebody who saw version `seen`, whose text was `before`.

    Nothing is written where nothing was changed, so a page that lay open does not undo what
    others wrote meanwhile. `before` None is a version that is not known.
    """
    if typed == stored.value:
        return Outcome.KEEP
    if seen == stored.version or (page is not None and page == stored.page):
        return Outcome.WRITE
    return Outcome.KEEP if typed == before else Outcome.CLASH


def moved(order: list[UUID], question: UUID, by: int) -> list[UUID]:
    """Give the order with one question a place up (-1) or down (1); unchanged at an end."""
    at = order.index(question)
    to = at + by
    if not 0 <= to < len(order):
        return order
    changed = list(order)
    changed[at], changed[to] = changed[to], changed[at]
    return changed
