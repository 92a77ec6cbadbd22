"""Reading tables as people have them: encodings, headings, dates, hours, names. Pure."""

import csv
import io
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


KINDS: Mapping[Kind, tuple[str, str, str]] = {
    Kind.ORGANISATIONS: ("Organisations", "organisation", "organisations"),
    Kind.PEOPLE: ("People", "person", "people"),
    Kind.ROLES: ("Opportunities and roles", "role", "roles"),
    Kind.HOURS: ("Past hours", "record of hours", "records of hours"),
}

# What each column may be called: our own words, and those of exports that volunteer centres
# bring along (TeamKinetic, Do-it, Better Impact, Three Rings and hand-made lists).
_NAMES: Mapping[str, str] = {
    "organisation": "organisation, organisation name, organization, organization name, provider,"
    " provider name, charity, charity name, group name, club, org name, recruiter,"
    " opportunity provider, company",
    "charity_number": "charity number, registered charity number, charity no, charity reg no,"
    " charity registration number, reg charity number",
    "email": "email, e mail, email address, e mail address, volunteer email, user email,"
    " username email, login email, primary email, volunteer email address",
    "name": "name, full name, volunteer, volunteer name, display name, person",
    "first_name": "first name, firstname, forename, given name, volunteer first name",
    "last_name": "last name, lastname, surname, family name, volunteer last name,"
    " volunteer surname",
    "postcode": "postcode, post code, postal code, zip, home postcode, opportunity postcode,"
    " location postcode, volunteer postcode, organisation postcode",
    "summary": "summary, short description, what you will do, strapline, mission, headline",
    "description": "description, full description, details, about, opportunity description,"
    " role description, long description",
    "causes": "causes, cause, causes supported, interests, categories, category, activity type,"
    " sector, areas of interest",
    "skills": "skills, skill, skills gained, skills needed, volunteer skills",
    "website": "website, web site, web address, url, web",
    "contact_email": "contact email, organisation email, provider email, public email,"
    " enquiries email",
    "owner_email": "owner email, admin email, administrator email, manager email,"
    " lead contact email, main contact email",
    "contact_phone": "contact phone, organisation phone, contact telephone, provider phone",
    "contact_name": "contact name, main contact, coordinator, contact, opportunity contact",
    "contact_how": "contact how, how to reach, opportunity contact email",
    "role": "role, role title, role name, task, job, volunteer role",
    "title": "title, opportunity, opportunity title, opportunity name, activity, activity name,"
    " activity title, project, event, event name",
    "place": "place, venue, location, location name, venue name, where",
    "minimum_age": "minimum age, min age, age from, lower age limit",
    "date": "date, day, session date, date volunteered, date logged, activity date, start date,"
    " shift date, on date",
    "hours": "hours, hours logged, hours volunteered, total hours, duration, time given,"
    " hours worked, approved hours, number of hours",
    "minutes": "minutes, mins, duration minutes, minutes logged, duration mins",
    "note": "note, notes of the day, comment, comments",
    "consent": "consent, consent to contact, marketing consent, newsletter, opt in, email opt in,"
    " gdpr consent, marketing opt in, consent to email",
    "consent_date": "consent date, date of consent, opt in date, consented on, gdpr consent date",
    "consent_how": "consent how, how consent was given, consent method, consent source,"
    " opt in source",
}
# In these tables "contact e-mail" of nobody else can be meant, and so on.
_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORGANISATIONS: (
        "organisation",
        "charity_number",
        "postcode",
        "summary",
        "description",
        "causes",
        "website",
        "contact_email",
        "contact_phone",
        "owner_email",
    ),
    Kind.PEOPLE: (
        "email",
        "name",
        "first_name",
        "last_name",
        "postcode",
        "skills",
        "causes",
        "organisation",
        "charity_number",
        "consent",
        "consent_date",
        "consent_how",
    ),
    Kind.ROLES: (
        "organisation",
        "charity_number",
        "title",
        "role",
        "summary",
        "description",
        "causes",
        "skills",
        "place",
        "postcode",
        "minimum_age",
        "contact_name",
        "contact_how",
    ),
    Kind.HOURS: (
        "organisation",
        "charity_number",
        "email",
        "role",
        "title",
        "date",
        "hours",
        "minutes",
        "note",
    ),
}
_SHORT: Mapping[Kind, Mapping[str, str]] = {
    Kind.ORGANISATIONS: {"name": "organisation", "email": "contact_email", "phone": "contact_phone"}
    | {"telephone": "contact_phone", "title": "organisation"},
    Kind.PEOPLE: {},
    Kind.ROLES: {"name": "title"},
    Kind.HOURS: {},
}
LABELS: Mapping[str, str] = {
    "organisation": "Organisation",
    "charity_number": "Charity number",
    "email": "Email",
    "name": "Name",
    "title": "Opportunity",
    "role": "Role",
    "date": "Date",
    "hours": "Hours",
}
_NEEDED: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.ORGANISATIONS: (("organisation",),),
    Kind.PEOPLE: (("email",), ("name", "first_name", "last_name")),
    Kind.ROLES: (("organisation", "charity_number"), ("title", "role")),
    Kind.HOURS: (
        ("organisation", "charity_number"),
        ("email",),
        ("role", "title"),
        ("date",),
        ("hours", "minutes"),
    ),
}
# Special categories of data (UK GDPR, article 9): nothing here needs them, so nothing keeps them.
_SENSITIVE = re.compile(
    r"\b(disab\w*|health|medical\w*|medication\w*|condition\w*|allerg\w*|mental|impairment\w*|"
    r"illness\w*|diagnos\w*|additional needs|access needs|special needs|ethnic\w*|race|religio\w*|"
    r"faith|belief\w*|sexual\w*|orientation|gender identity|trans|political\w*|trade union|"
    r"criminal\w*|conviction\w*|offen[cs]e\w*|dbs|crb|pregnan\w*)\b"
)


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


def decoded(content: bytes) -> str:
    """Turn bytes into text: UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises:
        Unreadable: it is no text.
    """
    if content[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise Unreadable(
            "This is a workbook, not a CSV file. Open it, choose “Save as”, “CSV UTF-8”, and send"
            " that"
        )
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("This is not a text file. Save your table as “CSV UTF-8” and send that")


def _delimiter(text: str) -> str:
    head = text.lstrip("\r\n").split("\n", 1)[0]
    # Outside quotation marks: a heading may hold a comma.
    head = re.sub(r'"[^"]*"', "", head)
    return max(",;\t", key=lambda mark: (head.count(mark), mark == ","))


def heading(text: str) -> str:
    """Write a heading as headings are compared: "E-Mail Address *" is "e mail address"."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def _field_of(kind: Kind) -> dict[str, str]:
    found = {
        heading(name): key
        for key in _FIELDS[kind]
        for name in (*_NAMES[key].split(","), key.replace("_", " "))
    }
    return found | dict(_SHORT[kind])


def sheet(kind: Kind, content: bytes) -> Sheet:
    """Read a table of one kind.

    Raises:
        Unreadable: with what to do.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(f"A file has {MOST_BYTES // 1_000_000} MB at most. Split yours in two")
    text = decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for row in reader:
            number, before = before + 1, reader.line_num
            if any(cell.strip() for cell in row):
                rows.append((number, row))
            if len(rows) > MOST_ROWS + 1:
                raise Unreadable(
                    f"A file has {MOST_ROWS:,} lines at most. Split yours into several"
                )
    except csv.Error as error:
        raise Unreadable(
            f"Line {before + 1} has a cell that does not end: look for a quotation mark without its"
            " partner"
        ) from error
    if len(rows) < 2:
        raise Unreadable("The file needs a line of headings and at least one line below it")
    columns, notes = _columns(kind, rows[0][1])
    return Sheet([_line(number, row, columns) for number, row in rows[1:]], notes)


def _columns(kind: Kind, heads: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give the field of each column, "" for one left out, and what to say about those."""
    known = _field_of(kind)
    found: list[str] = []
    sensitive: list[str] = []
    unknown: list[str] = []
    for head in heads:
        key = known.get(heading(head), "")
        shown = printable(head, 60)
        if _SENSITIVE.search(heading(head)):
            key = ""
            sensitive.append(shown)
        elif key and key in found:
            raise Unreadable(
                f"Two columns are both the {key.replace('_', ' ')}, one of them “{shown}”. Delete"
                " or rename one"
            )
        elif not key and shown:
            unknown.append(shown)
        found.append(key)
    for either in _NEEDED[kind]:
        if not any(key in found for key in either):
            names = " or ".join(f"“{LABELS.get(key, key.replace('_', ' '))}”" for key in either)
            raise Unreadable(
                f"There is no column {names}. Name the columns in the first line of the file"
            )
    notes: list[str] = []
    if sensitive:
        notes.append(
            f"Never stored: {', '.join(sensitive)}. Data about health, beliefs, origin or"
            " convictions has no place in an import. Delete the columns from your file too,"
            " unless you need them there."
        )
    if unknown:
        notes.append(f"Left out, because we have no place for it: {', '.join(unknown)}.")
    if "consent" in found and not {"consent_date", "consent_how", "organisation"} <= set(found):
        notes.append(
            "The consent column is left out: to be written to by an organisation counts only with"
            " the organisation, the date and how it was given (columns “Organisation”, “Consent"
            " date” and “Consent how”)."
        )
        found = ["" if key == "consent" else key for key in found]
    return found, notes


def _line(number: int, row: Sequence[str], columns: Sequence[str]) -> Line:
    if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
        return Line(
            number,
            {},
            f"This line has {len(row)} cells and the headings {len(columns)}: put text with"
            " commas into quotation marks.",
        )
    cells = {
        key: printable(cell, 5000, lines=key == "description")
        for key, cell in zip(columns, row, strict=False)
        if key
    }
    return Line(number, {key: cell for key, cell in cells.items() if cell})


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
