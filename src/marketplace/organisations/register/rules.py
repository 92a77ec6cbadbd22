"""Charity numbers and names as people type them."""

import re
import unicodedata

from marketplace.errors import Conflict

# The registers of Scotland and Northern Ireland have numbers of their own, so prefixed.
_OTHERS = {"SC": "Scottish Charity Register", "NI": "Charity Commission for Northern Ireland"}
_PREFIX = re.compile(r"(?i)^(?:gb-?chc-?|registered|charity|number|no|nr|[.:#\s])+")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"([0-9]{1,8})(?:[-/.]([0-9]{1,4}))?")


def search_key(name: str) -> str:
    """Fold a name for comparing: no accents, no case, no punctuation, "&" as "and"."""
    text = name.replace("&", " and ").casefold()
    if not text.isascii():
        text = "".join(
            letter
            for letter in unicodedata.normalize("NFKD", text)
            if not unicodedata.combining(letter)
        ).replace("’", "")
    return _BETWEEN_WORDS.sub(" ", text.replace("'", "")).strip()


def parse_number(text: str) -> tuple[int, int] | None:
    """Read (registered number, linked number) as people type them; None when it is not a number.

    Raises:
        Conflict: the number belongs to a register that is not mirrored.
    """
    written = re.sub(r"[\s\u00a0]+", "", _PREFIX.sub("", text.strip()))
    prefix = written[:2].upper()
    if prefix in _OTHERS and written[2:].lstrip("Cc").isdecimal():
        raise Conflict(
            f"{written.upper()} is a number of the {_OTHERS[prefix]}, which we cannot look up."
            " Go on without a number and type the name and address yourself.",
            field="charity_number",
        )
    found = _NUMBER.fullmatch(written)
    if found is None or not written.isascii():
        return None
    return int(found[1]), int(found[2] or 0)
