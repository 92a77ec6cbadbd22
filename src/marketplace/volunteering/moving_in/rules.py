"""States of an import, and reading what stands in a cell: dates, hours, names. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

MOST_ROWS = 20_000
MOST_BYTES = 10_000_000
# How long what a line said is kept, so that its errors can be mended and its people invited.
KEPT = timedelta(days=90)
CLAIM_LINK = "claim-account"
CLAIM_WITHIN = timedelta(days=30)


class Kind(StrEnum):
    """What the lines of a table are."""

    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    ROLES = "roles"
    HOURS = "hours"
    FEED = "feed"


class State(StrEnum):
    """Where an import stands."""

    PREVIEW = "preview"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class Verdict(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    MATCHED = "matched"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


class Choice(StrEnum):
    """What a broker said of a doubtful line."""

    NEW = "new"
    MATCHED = "matched"


class RowState(StrEnum):
    """What has become of a line."""

    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"
    UNDONE = "undone"
    KEPT = "kept"


class Made(StrEnum):
    """What a line can make."""

    ORGANISATION = "organisation"
    PERSON = "person"
    OPPORTUNITY = "opportunity"
    ROLE = "role"
    HOURS = "hours"


class Event(StrEnum):
    """What happens to imports, and to the accounts they made."""

    STAGED = "import.staged"
    STARTED = "import.started"
    STOPPED = "import.stopped"
    APPLIED = "import.applied"
    FINISHED = "import.finished"
    UNDO_STARTED = "import.undo_started"
    UNDONE = "import.undone"
    INVITED = "import.invited"
    CLAIMED = "account.claimed"
    DECLINED = "account.claim_declined"


# What each is called: as a heading, one of them, several.
KINDS: Mapping[Kind, tuple[str, str, str]] = {
    Kind.ORGANISATIONS: ("Organisations", "organisation", "organisations"),
    Kind.PEOPLE: ("People", "person", "people"),
    Kind.ROLES: ("Opportunities and roles", "role", "roles"),
    Kind.HOURS: ("Past hours", "record of hours", "records of hours"),
    Kind.FEED: ("Feed", "organisation or opportunity", "organisations and opportunities"),
}


class Unreadable(Exception):
    """The table cannot be used at all; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of data: `number` as a text editor counts; `problem` is why it cannot be read."""

    number: int
    cells: Mapping[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that was understood; `notes` are sentences about columns that are left out."""

    lines: Sequence[Line]
    notes: Sequence[str] = field(default_factory=tuple)


def printable(text: str, most: int, *, lines: bool = False) -> str:
    """Give text without characters that cannot be shown, on one line unless `lines`."""
    # What a careful export puts before a formula is not part of the text.
    text = re.sub(r"^'(?=[=+\-@])", "", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Cf"}
    )
    kept = kept if lines else " ".join(kept.split())
    return kept.strip()[:most]


_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d %b %Y", "%d %B %Y")


def day(text: str) -> date | None:
    """Read a date as British tables write it, the day first; a time behind it is left out."""
    plain = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", text.strip())
    for shape in _DATES:
        try:
            found = datetime.strptime(plain, shape).date()
        except ValueError:
            continue
        return found if 1900 <= found.year <= 2100 else None
    return None


def minutes(hours: str, mins: str) -> int | None:
    """Read how long it was out of hours ("2.5", "2:30", "2h 30m") or minutes ("150")."""
    plain = (mins or hours).strip().lower().replace(",", ".")
    if mins:
        return int(plain) if re.fullmatch(r"[0-9]{1,5}", plain) else None
    if match := re.fullmatch(r"([0-9]{1,3}):([0-5][0-9])(?::[0-9]{2})?", plain):
        return int(match[1]) * 60 + int(match[2])
    if match := re.fullmatch(r"([0-9]{1,3})\s*h\w*\s*(?:([0-9]{1,2})\s*m\w*)?", plain):
        return int(match[1]) * 60 + int(match[2] or 0)
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", plain):
        return round(float(plain) * 60)
    return None


_FORM_OF_LAW = frozenset({"the", "ltd", "limited", "cio", "cic", "charity", "and", "of", "inc"})


def bare_name(name: str) -> str:
    """Write a name as names are compared: "The Witham Wheelers Ltd." is "witham wheelers"."""
    plain = unicodedata.normalize("NFKD", name).casefold().replace("’", "").replace("'", "")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", plain)
    return " ".join([word for word in words if word not in _FORM_OF_LAW] or words)


_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z]{2,63}"
)


def email(text: str) -> str | None:
    """Give an e-mail address as typed; None where it is none."""
    plain = text.strip().removeprefix("mailto:")
    good = _EMAIL.fullmatch(plain) and ".." not in plain and len(plain) <= 254
    return plain if good else None


_YES = frozenset({"yes", "y", "true", "1", "opted in", "opt in", "agreed", "subscribed", "x"})
_HOW: Sequence[tuple[str, str]] = (
    (r"paper|form|signed|card|letter|post", "paper"),
    (r"web|online|site|app|click|tick", "online"),
    (r"mail", "mail"),
    (r"phone|call|voice|verbal|oral|person|face", "voice"),
)


def agreed(text: str) -> bool:
    """Tell whether a consent column says yes."""
    return text.strip().casefold() in _YES


def consent_how(text: str) -> str | None:
    """Tell how consent was given, in a coded word; None where it is not said."""
    plain = text.casefold()
    return next((word for pattern, word in _HOW if re.search(pattern, plain)), None)


def evidence(import_id: object, line: int) -> str:
    """Name the line that proves a consent, as the ledger does."""
    return f"import {import_id} line {line}"


def words(text: str) -> list[str]:
    """Take a cell of several words apart: "Sport; Older people | Animals"."""
    return [part.strip() for part in re.split(r"[;|,\n]", text) if part.strip()][:20]
