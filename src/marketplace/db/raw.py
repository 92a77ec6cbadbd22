"""Raw SQL: reads that Piccolo cannot say, joined to the open transaction.

Values go through `{}` only, as in Piccolo's `raw()`. There is no way to write a literal brace, not
even doubled: say `ARRAY[]::text[]` instead of '{}', or pass the text as a value.
"""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from piccolo.querystring import QueryString

from marketplace.db.engine import ENGINE

_turn = itertools.count()


# What Piccolo makes of a statement depends on its text and the number of its values only: the
# statements of this program are few, and each is taken apart once.
_numbered: dict[tuple[str, int], str] = {}
_MOST = 2000


def _compiled(sql: str, values: tuple[Any, ...]) -> tuple[str, Sequence[Any]]:
    if any(isinstance(value, QueryString) for value in values):
        return QueryString(sql, *values).compile_string()
    key = (sql, len(values))
    if (known := _numbered.get(key)) is None:
        if len(_numbered) >= _MOST:
            _numbered.clear()
        known = _numbered[key] = QueryString(sql, *values).compile_string()[0]
    return known, values


async def fetch(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Run a statement and give its rows."""
    return [dict(row) for row in await ENGINE.run(*_compiled(sql, values))]


async def fetch_one(sql: str, *values: Any) -> dict[str, Any] | None:
    """Run a statement and give its first row; None when there is none."""
    rows = await ENGINE.run(*_compiled(sql, values))
    return dict(rows[0]) if rows else None


async def fetch_value(sql: str, *values: Any) -> Any:
    """Run a statement and give the first column of its first row; None when there is none."""
    rows = await ENGINE.run(*_compiled(sql, values))
    return rows[0][0] if rows else None


async def execute(sql: str, *values: Any) -> int:
    """Run a statement and give the number of rows it touched."""
    statement, flat = _compiled(sql, values)
    async with ENGINE.borrowed() as connection:
        tag: str = await connection.execute(statement, *flat)
    last = tag.rsplit(" ", 1)[-1]
    return int(last) if last.isdecimal() else 0


def connection() -> Any:
    """Give the asyncpg connection of the open transaction, for COPY and for the job queue.

    Raises:
        RuntimeError: no transaction is open.
    """
    opened = ENGINE.open_transaction()
    if opened is None:
        raise RuntimeError("This needs an open transaction: call it from an operation.")
    return opened.connection


@asynccontextmanager
async def acquire() -> AsyncIterator[Any]:
    """Lend an asyncpg connection from the pool, outside any transaction; it is reset after."""
    taken = await ENGINE.take()
    try:
        yield taken
    finally:
        await ENGINE.give_back(taken, reset=True)


def replica() -> str | None:
    """Name a replica for Piccolo's `run(node=...)`, in turn; None where the primary must answer.

    For pages that may be some seconds old only: never for what the reader has just written.
    """
    nodes = list(ENGINE.extra_nodes)
    if not nodes or ENGINE.open_transaction() is not None:
        return None
    return nodes[next(_turn) % len(nodes)]
