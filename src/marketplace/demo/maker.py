"""What every part of the generator shares: chance, clock, ids, rows and what happened."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import clock, places

Rows = dict[str, list[dict[str, Any]]]

# Without the letters that no inward code ends in.
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(slots=True)
class Maker:
    """Collect the rows of a town as it is at `now` (aware UTC); the same number, the same town."""

    now: datetime
    chance: random.Random
    rows: Rows = field(default_factory=lambda: defaultdict(list))

    def id(self, at: datetime) -> UUID:
        """Make a UUID version 7 of that instant, so that ids are in the order of time."""
        milliseconds = int(at.timestamp() * 1000)
        number = milliseconds << 80 | 7 << 76 | self.chance.getrandbits(12) << 64
        return UUID(int=number | 2 << 62 | self.chance.getrandbits(62))

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        """Add a row to a table and give it."""
        self.rows[table].append(row)
        return row

    def happened(
        self,
        event: StrEnum,
        subject_type: str,
        subject_id: UUID,
        at: datetime,
        *,
        by: UUID | None,
        organisation: UUID | None = None,
        **data: str | int | None,
    ) -> dict[str, Any]:
        """Note that something happened, for history, and give the entry."""
        return self.add(
            "history",
            id=self.id(at),
            at=at,
            event=event.value,
            subject_type=subject_type,
            subject_id=subject_id,
            actor_id=by,
            organisation_id=organisation,
            data=data,
        )

    def ago(self, least: float, most: float) -> datetime:
        """Choose an instant between so many days ago."""
        return self.now - timedelta(days=self.chance.uniform(least, most))

    @property
    def today(self) -> date:
        """Tell the calendar day of the place."""
        return self.now.astimezone(clock.LONDON).date()

    def between(self, earliest: datetime, latest: datetime) -> datetime:
        """Choose an instant between two."""
        return earliest + (latest - earliest) * self.chance.random()

    def near(self, town: str, metres: int) -> Point:
        """Choose a point within so many metres of a town's middle."""
        found = places.resolve(town)
        assert found is not None, town
        return Point(
            found.point[0] + self.chance.randint(-metres, metres),
            found.point[1] + self.chance.randint(-metres, metres),
        )

    def postcode(self, outward: str) -> str:
        """Invent the rest of a postcode."""
        letters = "".join(self.chance.choices(_LETTERS, k=2))
        return f"{outward} {self.chance.randint(1, 9)}{letters}"
