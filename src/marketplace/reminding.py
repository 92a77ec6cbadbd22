"""Reminders of whatever is due: found in pages, each sent once.

What a reminder is of, when it is due and which table remembers it is the caller's.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM

BATCH = 200
K = TypeVar("K", bound=StrEnum)
Row = dict[str, Any]
# The row that a page follows: what it goes by, and its id.
After = tuple[datetime, UUID]


async def remind(
    kinds: Iterable[K],
    candidates: Callable[[K, After | None], Awaitable[list[Row]]],
    due: Callable[[K, Row, datetime], bool],
    *,
    event: StrEnum,
    subject: str,
    table: str,
) -> int:
    """Have every reminder that is due sent; gives how many.

    `candidates` gives a page of rows with `id`, `organisation_id` and `goes_by`, which they are
    in the order of. Two workers may do this at once: the row of a reminder can be written once,
    and the event that sends it is in the same transaction.
    """
    total = 0
    for kind in kinds:
        # What is left for the morning must not hide what is due elsewhere, so it goes in pages.
        last: After | None = None
        while batch := await candidates(kind, last):
            now = clock.now()
            if ready := [row for row in batch if due(kind, row, now)]:
                async with db.transaction():
                    for row in ready:
                        total += await _once(kind, row, now, event, subject, table)
            last = batch[-1]["goes_by"], batch[-1]["id"]
    return total


async def _once(
    kind: StrEnum, row: Row, now: datetime, event: StrEnum, subject: str, table: str
) -> bool:
    made = await db.fetch_value(
        f"INSERT INTO {table} (id, {subject}_id, kind, at) VALUES ({{}}, {{}}, {{}}, {{}})"  # noqa: S608
        f" ON CONFLICT ({subject}_id, kind) DO NOTHING RETURNING id",
        new_id(),
        row["id"],
        kind.value,
        now,
    )
    if made is None:
        return False
    await audit.record(
        event,
        subject,
        row["id"],
        by=SYSTEM,
        organisation=row["organisation_id"],
        data={"kind": kind.value},
    )
    return True
