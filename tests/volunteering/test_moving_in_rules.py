"""Tables as people have them, read without a database."""

from datetime import date

import pytest

from marketplace.volunteering.moving_in import rules
from marketplace.volunteering.moving_in.columns import sheet
from marketplace.volunteering.moving_in.rules import Kind, Unreadable

PEOPLE = "First name,Surname,E-mail Address\nZoë,Smith,zoe@example.org\n"


@pytest.mark.parametrize(
    "content",
    [
        PEOPLE.encode(),
        PEOPLE.encode("utf-8-sig"),
        PEOPLE.encode("cp1252"),
        PEOPLE.encode("utf-16"),
        PEOPLE.replace(",", ";").encode(),
        PEOPLE.replace(",", "\t").replace("\n", "\r\n").encode(),
    ],
)
def test_encodings_and_separators_are_understood(content: bytes):
    (line,) = sheet(Kind.PEOPLE, content).lines
    assert line.cells == {"first_name": "Zoë", "last_name": "Smith", "email": "zoe@example.org"}


@pytest.mark.parametrize(
    ("heads", "kind", "keys"),
    [
        (
            "Provider Name,Opportunity Title,Session Date,Volunteer Email,Hours Logged",
            Kind.HOURS,
            {"organisation", "title", "date", "email", "hours"},
        ),
        (
            "Organisation Name,Opportunity title,Description,Location postcode",
            Kind.ROLES,
            {"organisation", "title", "description", "postcode"},
        ),
    ],
)
def test_the_column_names_of_other_tools_are_known(heads: str, kind: Kind, keys: set[str]):
    values = ",".join("x" for _ in heads.split(","))
    (line,) = sheet(kind, f"{heads}\n{values}\n".encode()).lines
    assert set(line.cells) == keys


def test_health_is_never_read_and_that_is_said():
    found = sheet(Kind.PEOPLE, b"Name,Email,DISABILITY,Shoe size\nA,a@example.org,secret,9\n")
    assert "secret" not in str(found.lines)
    assert found.notes[0].startswith("Never stored: DISABILITY")
    assert "Shoe size" in found.notes[1]


def test_consent_without_its_evidence_columns_is_left_out():
    found = sheet(Kind.PEOPLE, b"Name,Email,Consent\nA,a@example.org,yes\n")
    assert "consent" not in found.lines[0].cells
    assert "counts only with" in found.notes[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Name,Email\0\nA,a@example.org\n", "not a text file"),
        (b"\x81\x8d\xff\xfe,\n\x81,\n", "not a text file"),
        (b"PK\x03\x04rest", "workbook"),
        (b"x" * (rules.MOST_BYTES + 1), "10 MB at most"),
        (b"Name,Email,E-mail\nA,a@example.org,b@example.org\n", "Two columns"),
        (b"Name,Phone\nA,1\n", "no column “Email”"),
        (b'Name,Email\n"A,a@example.org\n' + b"x" * 200_000, "does not end"),
        (b"Name,Email\n" + b"A,a@example.org\n" * (rules.MOST_ROWS + 2), "lines at most"),
        (b"", "a line of headings"),
    ],
)
def test_what_cannot_be_used_says_what_to_do(content: bytes, says: str):
    with pytest.raises(Unreadable, match=says):
        sheet(Kind.PEOPLE, content)


def test_lines_are_counted_as_an_editor_counts():
    found = sheet(Kind.PEOPLE, b'Name,Email\n\n"A\nB",a@example.org\nC,c@example.org,more\n')
    assert [line.number for line in found.lines] == [3, 5]
    assert "3 cells and the headings 2" in found.lines[1].problem


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("31/01/2026", date(2026, 1, 31)),
        ("2026-01-31 10:00", date(2026, 1, 31)),
        ("1 Feb 2026", date(2026, 2, 1)),
        ("31/02/2026", None),
        ("0001-01-01", None),
        ("x", None),
    ],
)
def test_days(text: str, meant: date | None):
    assert rules.day(text) == meant


@pytest.mark.parametrize(
    ("hours", "mins", "meant"),
    [
        ("2.5", "", 150),
        ("2:30", "", 150),
        ("2h 30m", "", 150),
        ("", "90", 90),
        ("x", "", None),
        ("1e9", "", None),
        ("٣", "", None),
    ],
)
def test_how_long(hours: str, mins: str, meant: int | None):
    assert rules.minutes(hours, mins) == meant


def test_names_are_compared_without_their_form_of_law():
    assert rules.bare_name("The Café & Co. Ltd") == rules.bare_name("cafe co")
