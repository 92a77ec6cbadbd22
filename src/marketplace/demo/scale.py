"""The town many times over: copies of it in the neighbouring towns, for trying out a large place.

A copy is the same town with other ids, moved: what is in Witham lies in Braintree in the next one.
Since nothing refers from one copy to another, whatever is true of the town is true of its copies.
Knows no table by name except where two copies may not be alike: unique texts, and those few people
who are there once.
"""

import asyncio
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import dist
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import db, listing_index, places
from marketplace.demo.maker import Rows
from marketplace.demo.town import FIRST_CHARITY, NUMBER

# Numbers that the copies of one town may give to charities.
CHARITIES_EACH = 100
MOST = 500

# A copy shares what lies outside the database, and those who look after the whole place.
_SHARED = frozenset({"image", "platform_role", "place_lead"}) | {
    # What was confided, and a broker's list, are there once.
    *("concern", "concern_note", "personal_view", "to_tell"),
}
# Where towns are written about; elsewhere a word that happens to be a town's name stays.
_TOLD = frozenset({"organisation", "opportunity", "site", "thing", "fund", "round", "listing"})
_LISTING = (
    *("kind", "id", "url", "title", "summary", "body", "organisation_id", "organisation_name"),
    *("town", "point", "remote", "icon", "tags", "synonyms", "starts_at", "until"),
    *("image", "image_alt"),
)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RANDOM_BITS = 62  # of a UUID; version, variant and time stay


async def grow(rows: Rows, copies: int, done: Callable[[int], None] = lambda number: None) -> None:
    """Add so many copies of a town that was just loaded and listed; a step.

    `done` is told after each how many listings it added.
    """
    db.require_transaction()
    listed = await db.fetch(f"SELECT {', '.join(_LISTING)} FROM listing")  # noqa: S608
    if not copies:
        return
    pattern = Pattern(rows, listed)
    making = asyncio.create_task(asyncio.to_thread(_made, pattern, 1))
    for number in range(1, copies + 1):
        tables, words = await making
        # Made while PostgreSQL is busy with the one before: each takes about as long.
        if number < copies:
            making = asyncio.create_task(asyncio.to_thread(_made, pattern, number + 1))
        for table, found in tables:
            await db.connection().copy_records_to_table(
                table, columns=list(pattern.columns[table]), records=found
            )
        await db.execute(
            "INSERT INTO listing_word (word) SELECT unnest({}::text[]) ON CONFLICT DO NOTHING",
            sorted(words),
        )
        done(len(listed))


def _made(
    pattern: "Pattern", number: int
) -> tuple[list[tuple[str, list[tuple[Any, ...]]]], set[str]]:
    copy = Copy(pattern, number)
    return list(copy.tables()), copy.words()


def registered(rows: Rows, copies: int) -> list[dict[str, Any]]:
    """Give the organisations of a town and its copies that the register is to know."""
    pattern = Pattern({"organisation": rows["organisation"]}, [])
    found = list(rows["organisation"])
    names = pattern.columns["organisation"]
    for number in range(1, copies + 1):
        for _, records in Copy(pattern, number).tables():
            found += [dict(zip(names, record, strict=True)) for record in records]
    return [row for row in found if int(row["charity_number"] or 0) >= FIRST_CHARITY]


@cache
def _middle(town: str) -> tuple[float, float]:
    found = places.resolve(town)
    assert found is not None, town
    return found.point


class Pattern:
    """What all copies are made after, in columns."""

    def __init__(self, rows: Rows, listed: Sequence[dict[str, Any]]) -> None:
        tables = {name: found for name, found in rows.items() if found and name not in _SHARED}
        if listed:
            tables["listing"] = list(listed)
        shared = {row["person_id"] for row in rows.get("platform_role", [])}
        shared |= {row["id"] for row in rows.get("image", [])}
        self.shared: frozenset[UUID] = frozenset(shared)
        self.columns: dict[str, dict[str, list[Any]]] = {}
        self.towns = sorted({row["town"] for row in rows["organisation"] if row["town"]})
        self.outward: dict[str, str] = {}
        for row in rows["organisation"]:
            self.outward.setdefault(row["town"], row["postcode"].split(" ")[0])
        self.of_outward: dict[str, str] = {}
        for name, found in tables.items():
            kept = [row for row in found if row.get("id") not in self.shared]
            self.columns[name] = {column: [row[column] for row in kept] for column in kept[0]}
            for row in kept:
                if row.get("town") and row.get("postcode"):
                    self.of_outward.setdefault(row["postcode"].split(" ")[0], row["town"])
        self.told = re.compile("|".join(map(re.escape, sorted(self.towns, key=len, reverse=True))))
        self.near = {name: self._towns_of(columns) for name, columns in self.columns.items()}

    def _towns_of(self, columns: dict[str, list[Any]]) -> list[str]:
        """Say for each row in which town it is, or is nearest to."""
        points, towns = columns.get("point"), columns.get("town")
        if points is None:
            return []
        return [
            town if town in self.outward else self._nearest(point)
            for point, town in zip(points, towns or [""] * len(points), strict=True)
        ]

    def _nearest(self, point: Point | None) -> str:
        if point is None:
            return self.towns[0]
        return min(self.towns, key=lambda town: dist((point.x, point.y), _middle(town)))


@dataclass
class Copy:
    """One copy of the town; `number` counts from one, the town itself being none."""

    pattern: Pattern
    number: int

    def __post_init__(self) -> None:
        chance = random.Random(NUMBER * 1000 + self.number)  # noqa: S311 - a town, not a secret
        self._mask = chance.getrandbits(_RANDOM_BITS)
        self._ids: dict[UUID, UUID] = {id: id for id in self.pattern.shared}
        towns = self.pattern.towns
        self._town = {
            town: towns[(position + self.number) % len(towns)]
            for position, town in enumerate(towns)
        }
        self._shift: dict[str, tuple[float, float]] = {}
        for old, new in self._town.items():
            # Not on top of the copy that was here before.
            east, north = chance.randint(-700, 700), chance.randint(-700, 700)
            (x, y), (to_x, to_y) = _middle(old), _middle(new)
            self._shift[old] = (to_x - x + east, to_y - y + north)
        self._texts: dict[str, str] = {}

    def tables(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Give the tables' records, parents first."""
        for table in self.pattern.columns:
            columns = [
                self._column(table, name, values)
                for name, values in self.pattern.columns[table].items()
            ]
            yield table, list(zip(*columns, strict=True))

    def words(self) -> set[str]:
        """Give the words of its listings, as far as a copy says something else."""
        return listing_index.words(*(new for old, new in self._texts.items() if old != new))

    def _column(self, table: str, name: str, values: list[Any]) -> Iterable[Any]:
        match name:
            case "email" | "email_typed":
                return map(self._email, values)
            case "code" if table == "statement":
                return map(self._code, values)
            case "evidence":
                return [_ID.sub(self._moved, value) for value in values]
            case "charity_number":
                return map(self._charity, values)
            case "point":
                return map(self._point, values, self.pattern.near[table])
            case "town":
                return [self._town.get(town, town) for town in values]
            case "postcode":
                return map(self._postcode, values)
            case "name" | "title" | "organisation_name" if self._is_name(table, name):
                kinds = self.pattern.columns[table].get("kind", [""] * len(values))
                return map(self._named, values, kinds, [f"{table}.{name}"] * len(values))
            case "url":
                ids = self.pattern.columns[table]["id"]
                return [
                    url.replace(str(id), str(self._id(id)))
                    for url, id in zip(values, ids, strict=True)
                ]
        kind = next((type(value) for value in values if value is not None), None)
        if kind is not None and issubclass(kind, UUID):
            return map(self._id, values)
        if kind is dict:
            return map(self._data, values)
        if kind is list and any(isinstance(each, UUID) for value in values for each in value or ()):
            return [[self._id(each) for each in value] for value in values]
        if kind is str and table in _TOLD:
            return map(self._text, values)
        return values

    @staticmethod
    def _is_name(table: str, column: str) -> bool:
        return (table, column) == ("organisation", "name") or table == "listing"

    def _named(self, text: str | None, kind: str, where: str) -> str | None:
        """Name an organisation; a listing of another kind has a title, which is just text."""
        told = self._text(text)
        organisation = where != "listing.title" or kind == "organisation"
        return f"{told} {self.number + 1}" if organisation and told else told

    def _id(self, id: UUID | None) -> UUID | None:
        if id is None:
            return None
        known = self._ids.get(id)
        if known is None:
            known = self._ids[id] = UUID(int=id.int ^ self._mask)
        return known

    def _data(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._data(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._data(each) for each in value]
        if isinstance(value, str) and len(value) == 36 and value[8] == value[13] == "-":
            return str(self._id(UUID(value)))
        return value

    def _email(self, email: str | None) -> str | None:
        return email and email.replace("@", f".{self.number + 1}@", 1)

    def _charity(self, number: str | None) -> str | None:
        """Give a number of its own; of one in the sample register, none."""
        if number is None or int(number) < FIRST_CHARITY:
            return None
        return str(int(number) + self.number * CHARITIES_EACH)

    def _code(self, code: str) -> str:
        """Give a statement a code of its own, in digits."""
        return f"{code[:-4]}{self.number:04d}"

    def _moved(self, found: re.Match[str]) -> str:
        return str(self._id(UUID(found[0])))

    def _point(self, point: Point | None, town: str) -> Point | None:
        if point is None:
            return None
        east, north = self._shift[town]
        return Point(point.x + east, point.y + north)

    def _postcode(self, text: str) -> str | None:
        outward, _, rest = text.partition(" ")
        town = self.pattern.of_outward.get(outward)
        if town is None:
            return self._text(text)
        moved = self.pattern.outward[self._town[town]] if town in self._town else outward
        return f"{moved} {rest}" if rest else moved

    def _text(self, text: str | None) -> str | None:
        if not text:
            return text
        known = self._texts.get(text)
        if known is None:
            known = self.pattern.told.sub(lambda found: self._town[found.group()], text)
            self._texts[text] = known
        return known
