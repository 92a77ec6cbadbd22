"""Reading tables as people have them: encodings, and what their columns are called. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence

from marketplace.volunteering.moving_in.rules import (
    MOST_BYTES,
    MOST_ROWS,
    Kind,
    Line,
    Sheet,
    Unreadable,
    printable,
)

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
