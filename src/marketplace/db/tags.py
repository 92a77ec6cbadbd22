"""Whose data a column holds and how long it is kept, said where the column is declared.

Every column of every table is either of a kind that cannot be personal, or says whose it is, or
says why it is not: `tests/db/test_personal_columns.py` fails on any other.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from piccolo.columns import Column
from piccolo.columns.column_types import (
    UUID,
    BigInt,
    Boolean,
    ForeignKey,
    Integer,
    Serial,
    SmallInt,
    Timestamptz,
)
from piccolo.table import Table

C = TypeVar("C", bound=Column)
T = TypeVar("T", bound=Table)
Whose = Literal["subject", "third-party", "secret"]

# Ids, counts, flags and instants are about a person only through a row that names one.
IMPERSONAL = (UUID, BigInt, Boolean, ForeignKey, Integer, Serial, SmallInt, Timestamptz)


@dataclass(frozen=True, slots=True)
class Tag:
    """What a column holds: `whose` is None where it is not personal, and `text` says why."""

    whose: Whose | None
    text: str


_impersonal: dict[type[Table], str] = {}
_ATTRIBUTE = "marketplace_tag"  # on the column object, where Piccolo's copy() keeps it


def personal(whose: Whose, *, keep: str) -> Callable[[C], C]:
    """Mark a column as personal data: `personal("subject", keep="account")(Varchar(200))`.

    `whose`: of the person the row is about, of somebody else, or a secret that nobody is shown.
    `keep` says until when, in words: "account", "48 hours", "six years after the award".
    """
    return _marker(Tag(whose, keep))


def not_personal(why: str) -> Callable[[C], C]:
    """Mark a column of a kind that could be personal as one that is not, with the reason."""
    return _marker(Tag(None, why))


def impersonal(why: str) -> Callable[[type[T]], type[T]]:
    """Mark a whole table as one that names nobody, with the reason, as a class decorator."""
    if not why.strip():
        raise ValueError("A tag needs its text: why the table is not personal.")

    def mark(table: type[T]) -> type[T]:
        _impersonal[table] = why
        return table

    return mark


def _marker(tag: Tag) -> Callable[[C], C]:
    if not tag.text.strip():
        raise ValueError(
            "A tag needs its text: how long the data is kept, or why it is not personal."
        )

    def mark(column: C) -> C:
        setattr(column, _ATTRIBUTE, tag)
        return column

    return mark


def tag_of(column: Column) -> Tag | None:
    """Give the tag of a column; None when it has none."""
    return getattr(column, _ATTRIBUTE, None)


def every_table() -> list[type[Table]]:
    """Import every `tables` module of the package and give the tables, by name."""
    found: dict[str, type[Table]] = {}
    package = importlib.import_module("marketplace")
    for module in pkgutil.walk_packages(package.__path__, "marketplace."):
        if module.name.rsplit(".", 1)[-1] != "tables":
            continue
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, Table) and thing is not Table:
                found[thing._meta.tablename] = thing
    return [found[name] for name in sorted(found)]


def personal_columns() -> Iterator[tuple[type[Table], Column, Tag]]:
    """Give every column that holds personal data, for export, erasure and the privacy page."""
    for table in every_table():
        for column in table._meta.columns:
            tag = tag_of(column)
            if tag is not None and tag.whose is not None:
                yield table, column, tag


def undeclared(table: type[Table]) -> list[str]:
    """Name the columns that could be personal and say neither that they are nor why not."""
    if table in _impersonal:
        return []
    return [
        f"{table._meta.tablename}.{column._meta.db_column_name}"
        for column in table._meta.columns
        if tag_of(column) is None and not _cannot_be_personal(column)
    ]


def _cannot_be_personal(column: Column) -> bool:
    return isinstance(column, IMPERSONAL) or column._meta.choices is not None
