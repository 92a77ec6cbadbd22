"""Whose data a column holds and how long it is kept, said where the column is declared.

Every column of every table is either of a kind that cannot be personal, or says whose it is, or
says why it is not: `tests/db/test_personal_columns.py` fails on any other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar
from weakref import WeakKeyDictionary

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
Whose = Literal["subject", "third-party", "secret"]

# Ids, counts, flags and instants are about a person only through a row that names one.
IMPERSONAL = (UUID, BigInt, Boolean, ForeignKey, Integer, Serial, SmallInt, Timestamptz)


@dataclass(frozen=True, slots=True)
class Tag:
    """What a column holds: `whose` is None where it is not personal, and `text` says why."""

    whose: Whose | None
    text: str


# Keyed by the column as declared; Piccolo puts the very object into the table's `_meta`.
_tags: WeakKeyDictionary[object, Tag] = WeakKeyDictionary()
_held: dict[int, tuple[Column, Tag]] = {}
