"""Read the Charity Commission's public extract, table "charity", in its text form or as JSON.

The text is tab-delimited UTF-8 with a header row, a line a charity, no quoting; `json_extract`
reads the other form. Both yield the same rows. Nothing here knows of the database.
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from marketplace.errors import CommandError
from marketplace.imports import BadRow, Source
from marketplace.organisations.register.rules import search_key
from marketplace.places import Postcode

WANTED = (
    "date_of_extract",
    "organisation_number",
    "registered_charity_number",
    "linked_charity_number",
    "charity_name",
    "charity_type",
    "charity_registration_status",
    "date_of_registration",
    "date_of_removal",
    "charity_reporting_status",
    "latest_acc_fin_period_end_date",
    "latest_income",
    "charity_contact_address1",
    "charity_contact_address2",
    "charity_contact_address3",
    "charity_contact_address4",
    "charity_contact_address5",
    "charity_contact_postcode",
    "charity_contact_web",
    "charity_company_registration_number",
    "charity_activities",
)
ENDINGS = (".txt", ".tsv", ".json")
# The order of the values in `Row.values`.
COLUMNS = (
    "organisation_number",
    "registered_number",
    "linked_number",
    "name",
    "search_name",
    "charity_type",
    "status",
    "registered_on",
    "removed_on",
    "reporting_status",
    "period_end",
    "income_pence",
    "address",
    "postcode",
    "web",
    "company_number",
    "activities",
    "extracted_on",
)

_LONGEST_LINE = 1_000_000
_LONGEST_TEXT = 20_000
_MOST_LINES = 100
_INTEGER = 2**31 - 1
# More of the register's income than there is money: a wrong column, not a rich charity.
_INCOME = 10**14
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?")
_UK_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?: .*)?")
# What exports write where there is nothing.
_NOTHING = frozenset({"NULL", "None"})


@dataclass(frozen=True, slots=True)
class Row:
    """A good line, numbered from 1 with the header as line 1."""

    line: int
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """The rows of an extract, read as they are asked for; `unit` says what `line` counts."""

    unit: str
    rows: Iterator[Row | BadRow]


class Unusable(Exception):
    """Why a row cannot be used."""


def reader(source: Source) -> Reader:
    """Read an extract in whichever of its forms it is.

    Raises:
        CommandError: this is not the extract; says what it seems to be and what to do. JSON that
            breaks off says so only when its rows are read.
    """
    if source.json:
        from marketplace.organisations.register import json_extract

        return Reader("record", json_extract.read(source))
    return Reader("line", read(source.file, read_header(source.file)))


def read_header(file: BinaryIO) -> list[str]:
    """Read the names of the columns.

    Raises:
        CommandError: this is not the extract; says what it seems to be and what to do.
    """
    first = file.readline(_LONGEST_LINE)
    if not first.strip():
        raise CommandError("The file is empty. Download the extract again.")
    try:
        names = [name.strip().strip('"').lower() for name in first.decode("utf-8-sig").split("\t")]
    except UnicodeDecodeError as error:
        raise CommandError(
            "The file is not text in UTF-8. Download the extract again, in its text form."
        ) from error
    require_columns(names, "line")
    return names


def require_columns(names: Container[str], unit: str) -> None:
    """Refuse a file whose first line or record has not the columns we need.

    Raises:
        CommandError: names the first few.
    """
    missing = [name for name in WANTED if name not in names]
    if missing:
        listed = ", ".join(missing[:3]) + (" and others" if len(missing) > 3 else "")
        raise CommandError(
            'This is not the table "charity" of the Charity Commission\'s public extract: its'
            f" first {unit} has no column {listed}. Import publicextract.charity."
        )


def read(file: BinaryIO, names: list[str]) -> Iterator[Row | BadRow]:
    """Read the lines after the header one by one, so that memory does not grow with the file."""
    at = {name: names.index(name) for name in WANTED}
    for line, fields in _records(file, len(names), at):
        number = ""
        try:
            if isinstance(fields, Unusable):
                raise fields
            number = "".join(fields[at["organisation_number"] :][:1]).strip()[:40]
            if len(fields) != len(names):
                raise Unusable(
                    f"The line has {len(fields)} columns where the header has {len(names)}."
                )
            wanted = {name: _unquoted(fields[place]) for name, place in at.items()}
            yield Row(line, values(wanted))
        except Unusable as bad:
            yield BadRow(line, number, str(bad))


def _records(
    file: BinaryIO, expected: int, at: dict[str, int]
) -> Iterator[tuple[int, list[str] | Unusable]]:
    """Give the fields of each record; one whose text holds line breaks is put together again."""
    line = 1
    open_: list[str] = []
    began = 0
    while raw := file.readline(_LONGEST_LINE):
        line += 1
        fields = _fields(file, raw)
        if open_ and isinstance(fields, list) and not _fresh(fields, at):
            joined = [*open_[:-1], f"{open_[-1]} {fields[0]}", *fields[1:]]
            if len(joined) <= expected and line - began < _MOST_LINES:
                open_ = joined
                if len(open_) == expected:
                    yield began, open_
                    open_ = []
                continue
        if open_:
            yield began, open_
            open_ = []
        if not raw.strip():
            continue
        if isinstance(fields, list) and len(fields) < expected and _fresh(fields, at):
            open_, began = fields, line
        else:
            yield line, fields
    if open_:
        yield began, open_


def _fresh(fields: list[str], at: dict[str, int]) -> bool:
    """Tell whether a line begins a record: the day of the extract and a number are in place."""
    day, number = at["date_of_extract"], at["organisation_number"]
    return (
        len(fields) > max(day, number)
        and fields[number].strip().isdecimal()
        and _DAY.fullmatch(fields[day].strip()) is not None
    )


def _fields(file: BinaryIO, raw: bytes) -> list[str] | Unusable:
    if not raw.endswith(b"\n") and len(raw) >= _LONGEST_LINE:
        while (rest := file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        return Unusable("The line is longer than a megabyte.")
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return Unusable(f"The line is not UTF-8 at byte {error.start + 1}.")
    if "\x00" in text:
        return Unusable("The line holds a NUL character.")
    return text.split("\t")


def _unquoted(field: str) -> str:
    """Undo the quotes a spreadsheet adds when it saves the file again."""
    if field[:1] == '"' == field[-1] and len(field) >= 2:
        inner = field[1:-1].replace('""', "\0")
        if '"' not in inner:
            return inner.replace("\0", '"')
    return field


def values(field: Mapping[str, str]) -> tuple[Any, ...]:
    """Give the values of `COLUMNS` out of the texts of `WANTED`.

    Raises:
        Unusable: with the reason.
    """
    name = _text(field, "charity_name")
    if not name:
        raise Unusable("charity_name is empty.")
    status = _text(field, "charity_registration_status").capitalize()
    if status not in {"Registered", "Removed"}:
        raise Unusable(
            f"charity_registration_status is {status[:40]!r}, neither Registered nor Removed."
        )
    postcode = _text(field, "charity_contact_postcode").upper()
    address = (_text(field, f"charity_contact_address{number}") for number in range(1, 6))
    return (
        _number(field, "organisation_number", least=1),
        _number(field, "registered_charity_number", least=1),
        _number(field, "linked_charity_number", least=0),
        name,
        search_key(name),
        _text(field, "charity_type"),
        status,
        _day(field, "date_of_registration"),
        _day(field, "date_of_removal"),
        _text(field, "charity_reporting_status"),
        _day(field, "latest_acc_fin_period_end_date"),
        _pence(field, "latest_income"),
        [part for part in address if part],
        str(Postcode.parse(postcode) or postcode),
        _text(field, "charity_contact_web"),
        _text(field, "charity_company_registration_number"),
        _text(field, "charity_activities"),
        _day(field, "date_of_extract"),
    )


def _text(field: Mapping[str, str], name: str) -> str:
    text = " ".join(field[name].split())
    if len(text) > _LONGEST_TEXT:
        raise Unusable(f"{name} is longer than {_LONGEST_TEXT:,} characters.")
    return "" if text in _NOTHING else text


def _number(field: Mapping[str, str], name: str, *, least: int) -> int:
    text = field[name].strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise Unusable(f"{name} is {text[:40]!r}, not a whole number.")
    if not least <= int(text) <= _INTEGER:
        raise Unusable(f"{name} is {text}, which is out of range.")
    return int(text)


def _day(field: Mapping[str, str], name: str) -> date | None:
    text = field[name].strip()
    if not text or text in _NOTHING:
        return None
    try:
        if found := _DAY.fullmatch(text):
            return date.fromisoformat(found[1])
        if found := _UK_DAY.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise Unusable(f"{name} is {text[:40]!r}, not a day such as 2024-03-31.")


def _pence(field: Mapping[str, str], name: str) -> int | None:
    text = field[name].strip().replace(",", "").removeprefix("£")
    if not text or text in _NOTHING:
        return None
    if text.isascii() and text.isdecimal() and len(text) < 13:
        return int(text) * 100
    try:
        amount = Decimal(text) * 100
        if not amount.is_finite() or abs(amount) > _INCOME:
            raise InvalidOperation
        return int(amount)
    except InvalidOperation as error:
        raise Unusable(f"{name} is {text[:40]!r}, not an amount of pounds.") from error
