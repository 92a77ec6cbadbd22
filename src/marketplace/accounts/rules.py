"""Rules of accounts: passwords, sessions, links, and how a browser is named in words."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum


class Event(StrEnum):
    """What happens to accounts; the subject is the person.

    `password_reset_asked` and `confirmation_asked` are recorded for unknown addresses too, with
    an id that is nobody's: the work, and so its time, is the same.
    """

    SIGNED_UP = "account.signed_up"
    EXISTING_ADDRESS_USED = "account.existing_address_used"
    CONFIRMATION_ASKED = "account.confirmation_asked"
    EMAIL_CONFIRMED = "account.email_confirmed"
    PASSWORD_RESET_ASKED = "account.password_reset_asked"  # noqa: S105 - a name, no password
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105
    EMAIL_CHANGE_ASKED = "account.email_change_asked"
    EMAIL_CHANGED = "account.email_changed"
    PROFILE_CHANGED = "account.profile_changed"
    BIRTH_DATE_CHANGED = "account.birth_date_changed"
    SIGNED_OUT_EVERYWHERE = "account.signed_out_everywhere"
    SUSPENDED = "account.suspended"
    REINSTATED = "account.reinstated"
    PLATFORM_ROLE_GRANTED = "account.platform_role_granted"
    PLATFORM_ROLE_WITHDRAWN = "account.platform_role_withdrawn"


class Suspension(StrEnum):
    """Why somebody is kept out; history holds this and no words about anybody."""

    UNSAFE = "unsafe"
    UNKIND = "unkind"
    SPAM = "spam"
    STOLEN = "stolen"
    OTHER = "other"


SUSPENSIONS = {
    Suspension.UNSAFE: "Somebody may not be safe",
    Suspension.UNKIND: "They were unkind or threatening",
    Suspension.SPAM: "They sent advertising or cheated",
    Suspension.STOLEN: "Somebody else uses their account",
    Suspension.OTHER: "Another reason",
}

CONFIRM_LINK = "confirm-email"
CONFIRM_WITHIN = timedelta(days=3)
CHANGE_LINK = "change-email"
RESET_LINK = "password-reset"
RESET_WITHIN = timedelta(hours=1)
# The browser that signed up; no link, but signed like one.
JOINING = "joining"

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=60)
SEEN_EVERY = timedelta(minutes=5)


def session_end(created_at: datetime, seen_at: datetime) -> datetime:
    """Tell when a session ends: two weeks unused, or two months old, whichever is first."""
    return min(seen_at + IDLE, created_at + ABSOLUTE)


# NCSC and OWASP ASVS 5 (6.2.1): eight characters are allowed, three random words are advised, no
# rules of composition. The upper bound keeps hashing cheap.
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
_FEWEST_DIFFERENT = 4
_OWN_WORD = 4


def normalised_password(password: str) -> str:
    """Give the one spelling that is hashed (NFKC): keyboards type accents in several ways."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, *, common: bool, own: Iterable[str] = ()) -> str | None:
    """Say what is wrong with a new password, None if nothing.

    `common` tells whether it is on the list of common passwords; `own` are texts that are known
    of the person and the site: name, e-mail address, brand.
    """
    if len(password) < SHORTEST_PASSWORD:
        return f"Your password must be {SHORTEST_PASSWORD} characters or more"
    if len(password) > LONGEST_PASSWORD:
        return f"Your password must be {LONGEST_PASSWORD} characters or fewer"
    if common:
        return "Many people use that password, so it is guessed first. Try three random words"
    if len(set(password)) < _FEWEST_DIFFERENT:
        return "That password repeats too few characters. Try three random words"
    if _is_about(password, own):
        return (
            "That password is too much like your name, your e-mail address or the name of this"
            " site. Try three random words"
        )
    return None


def _squeezed(text: str) -> str:
    return "".join(c for c in normalised_password(text).casefold() if c.isalnum())


def _is_about(password: str, own: Iterable[str]) -> bool:
    """Tell whether little is left of a password without what is known of the person."""
    words: set[str] = set()
    for text in own:
        words.add(_squeezed(text))
        words |= {_squeezed(part) for part in re.split(r"[\s@.+_\-']+", text)}
    squeezed = _squeezed(password)
    rest = squeezed
    for word in sorted((w for w in words if len(w) >= _OWN_WORD), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != squeezed and len(rest) < SHORTEST_PASSWORD - 2


def normalised_email(email: str) -> str:
    """Give the spelling under which an address is unique."""
    return email.strip().casefold()


# First match wins: browsers carry the names of those they descend from.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_ARTICLE = frozenset({"iPhone", "iPad", "Chromebook", "Mac"})


def device(user_agent: str) -> str:
    """Name a browser in words a person recognises: "Chrome on Android"."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if system in _ARTICLE:
        system = f"{'an' if system[0] == 'i' else 'a'} {system}"
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else "An unknown browser")
