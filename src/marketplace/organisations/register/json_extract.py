"""Read the extract as JSON: a list of objects with the same names, record by record.

Half a gigabyte is never in memory at once. Unlike the text, JSON that breaks cannot be taken up
again at the next line, so it is refused as a whole.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

import ijson

from marketplace.errors import CommandError
from marketplace.imports import BadRow, Source
from marketplace.imports.sources import MARK
from marketplace.organisations.register.extract import (
    WANTED,
    Row,
    Unusable,
    require_columns,
    values,
)

_END = object()


def read(source: Source) -> Iterator[Row | BadRow]:
    """Read the objects one by one, numbered from 1.

    Raises:
        CommandError: this is not the extract, or it breaks off.
    """
    if source.beginning.startswith(MARK):
        source.file.read(len(MARK))
    if source.beginning.removeprefix(MARK).lstrip().startswith(b"{"):
        raise CommandError(
            "The file is one JSON object, not the list of charities. Download it again."
        )
    number = 0
    records = ijson.items(source.file, "item", buf_size=1 << 18)
    while True:
        try:
            record = next(records, _END)
        except (ijson.JSONError, UnicodeDecodeError, ValueError) as error:
            raise CommandError(
                f"The JSON cannot be read any further after record {number:,}: the file is damaged"
                " or not whole. Nothing was changed. Download the extract again."
            ) from error
        if record is _END:
            if not number:
                raise CommandError("The file holds no charities. Download the extract again.")
            return
        number += 1
        names = _lower(record)
        if number == 1:
            require_columns(names, "record")
        try:
            yield Row(number, values({name: _text(name, names) for name in WANTED}))
        except Unusable as bad:
            shown = str(names.get("organisation_number", ""))[:40]
            yield BadRow(number, shown, str(bad))


def _lower(record: object) -> Mapping[str, Any]:
    if not isinstance(record, dict):
        return {}
    return {str(name).lower(): value for name, value in cast("dict[Any, Any]", record).items()}


def _text(name: str, record: Mapping[str, Any]) -> str:
    """Write a value as the text form has it."""
    if name not in record:
        raise Unusable(f"The record has no {name}.")
    value = record[name]
    if value is None:
        return ""
    if isinstance(value, str):
        if "\x00" in value:
            raise Unusable("The record holds a NUL character.")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Unusable(f"{name} holds half a character.")
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise Unusable(f"{name} is neither text nor a number.")
