"""Staging and merging: read into a table of this session, then make ours equal to it at once.

Killed at any moment, the session's table is gone and ours is as it was, so running it again is
all there is to do. Statements are put together from constants of the code alone.
"""
# ruff: noqa: S608

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace import db
from marketplace.errors import CommandError
from marketplace.imports.bad_rows import BadRow, BadRows

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did; `bad` holds the first few, `errors` is the file with all of them.

    `skipped` rows are good but not for us. `unit` says what `BadRow.line` counts.
    """

    read: int
    added: int
    changed: int
    unchanged: int
    removed: int
    rejected: int
    bad: tuple[BadRow, ...]
    errors: Path | None
    seconds: float
    skipped: int = 0
    unit: str = "line"


@asynccontextmanager
async def session(application: str, lock: int, wait: float, busy: str) -> AsyncIterator[Any]:
    """Open a connection of our own that holds an advisory lock while it lives.

    Raises:
        CommandError: with `busy`, when another holds the lock for longer than `wait` seconds.
    """
    connection = await db.connect(application=application, statement_seconds=0, lock_seconds=wait)
    try:
        # A killed import's session may outlive it by a few seconds; a running one stays.
        deadline = time.monotonic() + wait
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
            if time.monotonic() > deadline:
                raise CommandError(busy)
            await connection.execute("SELECT pg_sleep(0.2)")
        # Notice soon when we were killed in the middle of a long statement.
        await connection.execute("SET client_connection_check_interval = '2s'")
        await connection.execute("SET temp_buffers = '64MB'")
        yield connection
    finally:
        try:
            await connection.close(timeout=5)
        except (TimeoutError, OSError):
            connection.terminate()


@dataclass(frozen=True, slots=True)
class Merge:
    """How rows of a staging table become those of ours; the first of `columns` is the key.

    `differs` says in SQL that `r`, ours, and `excluded`, theirs, are not the same. Rows are written
    `slice` at a time, so that progress can be told.
    """

    table: str
    staging: str
    columns: Sequence[str]
    differs: str
    slice: int

    @property
    def key(self) -> str:
        """Name the column that tells rows apart."""
        return self.columns[0]

    async def stage(self, connection: Any) -> None:
        """Make the staging table, of our columns and the line each row came from."""
        await connection.execute(
            f"CREATE TEMP TABLE {self.staging} AS SELECT {', '.join(self.columns)}, 0 AS line"
            f" FROM {self.table} WITH NO DATA"
        )

    async def prepare(self, connection: Any) -> None:
        """Make the staging table ready to be merged."""
        await connection.execute(f"CREATE INDEX ON {self.staging} ({self.key})")
        await connection.execute(f"ANALYZE {self.staging}")

    async def drop_duplicates(
        self, connection: Any, bad: BadRows, say: Callable[[object, int], str]
    ) -> int:
        """Keep the first row of each key and report the others; gives how many."""
        key = self.key
        rows = await connection.fetch(
            f"DELETE FROM {self.staging} s USING (SELECT {key}, min(line) AS first"
            f" FROM {self.staging} GROUP BY 1 HAVING count(*) > 1) AS d"
            f" WHERE s.{key} = d.{key} AND s.line > d.first RETURNING s.line, s.{key}, d.first"
        )
        for line, number, first in sorted(tuple(row) for row in rows):
            bad.add(BadRow(line, str(number), say(number, first)))
        return len(rows)

    async def held(self, connection: Any) -> int:
        """Count the rows of our table."""
        return await connection.fetchval(f"SELECT count(*) FROM {self.table}")

    async def write(self, connection: Any, rows: int, progress: Progress) -> tuple[int, int, int]:
        """Make our table equal to the staging table; gives rows added, changed and removed.

        Needs an open transaction, and `prepare` before it.
        """
        key, columns = self.key, ", ".join(self.columns)
        updates = ", ".join(f"{name} = excluded.{name}" for name in self.columns[1:])
        edges = await connection.fetch(
            f"SELECT {key} AS edge FROM (SELECT {key}, row_number() OVER (ORDER BY {key}) AS n"
            f" FROM {self.staging}) AS numbered WHERE (n - 1) % $1 = 0 ORDER BY 1",
            self.slice,
        )
        bounds = [row["edge"] for row in edges]
        added = changed = 0
        progress("Loading", 0, rows)
        for number, start in enumerate(bounds):
            end = bounds[number + 1 : number + 2]
            done = await connection.fetchrow(
                f"WITH merged AS (INSERT INTO {self.table} AS r ({columns})"
                f" SELECT {columns} FROM {self.staging}"
                f" WHERE {key} >= $1{f' AND {key} < $2' if end else ''}"
                f" ON CONFLICT ({key}) DO UPDATE SET {updates} WHERE {self.differs}"
                f" RETURNING (old.{key} IS NULL) AS is_new)"
                " SELECT count(*) FILTER (WHERE is_new) AS added,"
                " count(*) FILTER (WHERE NOT is_new) AS changed FROM merged",
                start,
                *end,
            )
            added += done["added"]
            changed += done["changed"]
            progress("Loading", min((number + 1) * self.slice, rows), rows)
        tag: str = await connection.execute(
            f"DELETE FROM {self.table} r WHERE NOT EXISTS (SELECT FROM {self.staging} s"
            f" WHERE s.{key} = r.{key})"
        )
        return added, changed, int(tag.rsplit(" ", 1)[-1])
