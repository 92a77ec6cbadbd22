"""Milestones, and the codes by which statements are verified: pure."""

import re
import secrets
from enum import StrEnum

# Without letters that are taken for others when read from paper.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _LETTERS_A_GROUP = 3, 4
_SAID = {"O": "0", "I": "1", "L": "1", "U": "V"}
HOURS = (10, 25, 50, 100, 250, 500, 1000)


class Event(StrEnum):
    """What happens in recognition."""

    THANKED = "volunteer.thanked"
    STATEMENT_MADE = "statement.made"
    STATEMENT_REVOKED = "statement.revoked"


class Kind(StrEnum):
    """What a statement is called on paper."""

    CERTIFICATE = "certificate"
    STATEMENT = "statement"


def reached(minutes: int) -> list[str]:
    """Name the milestones of some confirmed minutes, the first one first."""
    if minutes <= 0:
        return []
    return ["First shift", *(f"{hours:,} hours" for hours in HOURS if minutes >= hours * 60)]


def next_one(minutes: int) -> tuple[str, int] | None:
    """Give the next milestone and the minutes to it; None beyond the last."""
    ahead = next((hours for hours in HOURS if minutes < hours * 60), None)
    return (f"{ahead:,} hours", ahead * 60 - minutes) if ahead else None


def new_code() -> str:
    """Make a code that cannot be guessed: 60 bits, such as "7KQM-2B9X-TD4R"."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_A_GROUP)) for _ in range(_GROUPS)
    )


def read_code(text: str) -> str | None:
    """Read a code as somebody typed it from paper; None when it is none."""
    letters = re.sub(r"[\s-]", "", text).upper()
    letters = "".join(_SAID.get(letter, letter) for letter in letters)
    if len(letters) != _GROUPS * _LETTERS_A_GROUP or set(letters) - set(_LETTERS):
        return None
    size = _LETTERS_A_GROUP
    return "-".join(letters[at : at + size] for at in range(0, len(letters), size))
