"""Load the register extract: read into a table of this session, then merge in one transaction.

Killed at any moment, the session's table is gone and the mirror is as it was, so running it again
is all there is to do.
"""

import csv
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from marketplace import db
from marketplace.errors import CommandError
from marketplace.organisations.register.extract import COLUMNS, BadRow, Row, read, read_header

Progress = Callable[[str, int, int], None]

LOCK = 7_262_101_845  # any number, the same for every version of the project
LOCK_WAIT_SECONDS = 10.0
SHOWN = 20
# A file of which this share is bad is not the register but something else.
BAD_SHARE = 0.1
# Below this an installation has the demo's sample, which the first real file replaces.
GUARDED_ROWS = 1_000
SLICE = 10_000

# Only these two constants of ours are ever put into SQL as text.
_STAGING = "register_staging"
_LIST = ", ".join(COLUMNS)


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did; `bad` holds the first few, `errors` is the file with all of them."""

    read: int
    added: int
    changed: int
    unchanged: int
    removed: int
    rejected: int
    bad: tuple[BadRow, ...]
    errors: Path | None
    seconds: float


@dataclass(slots=True)
class _Errors:
    """All bad rows go to a file that is made with the first; some are kept to be shown."""

    path: Path
    count: int = 0
    first: list[BadRow] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _writer: Any = None

    def add(self, bad: BadRow) -> None:
        if self._writer is None:
            try:
                file = self._stack.enter_context(
                    self.path.open("w", encoding="utf-8-sig", newline="")
                )
            except OSError as error:
                raise CommandError(
                    f"We cannot write the list of bad rows to {self.path}: {error.strerror}."
                    " Choose another place with --errors."
                ) from error
            self._writer = csv.writer(file)
            self._writer.writerow(["line", "organisation_number", "reason"])
        self._writer.writerow([bad.line, bad.number, bad.reason])
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(bad)

    def close(self) -> None:
        self._stack.close()


async def import_charities(
    path: Path,
    progress: Progress = lambda stage, done, total: None,
    *,
    errors: Path | None = None,
    allow_shrink: bool = False,
) -> Report:
    """Replace the mirror by what the file holds, all of it or nothing.

    `progress` is told ("Reading", bytes, bytes in all) and ("Loading", rows, rows in all).
    `errors` is where bad rows are listed, FILE.errors.csv by default. Unless `allow_shrink`, a
    file with less than half of the rows we have is refused: a download that broke off.

    Raises:
        CommandError: nothing was changed; says why and what to do.
    """
    began = time.monotonic()
    bad = _Errors(errors or path.with_name(f"{path.name}.errors.csv"))
    with suppress(OSError):
        bad.path.unlink()  # what an earlier run found
    with _opened(path) as file:
        names = read_header(file)
        async with _session() as connection:
            try:
                total = await _stage(connection, file, names, bad, progress)
                duplicates = await _duplicates(connection, bad)
                _refuse_mostly_bad(total, bad)
                report = await _merge(connection, total - duplicates, allow_shrink, progress)
            finally:
                bad.close()
    added, changed, removed = report
    good = total - duplicates
    return Report(
        read=total + bad.count - duplicates,
        added=added,
        changed=changed,
        unchanged=good - added - changed,
        removed=removed,
        rejected=bad.count,
        bad=tuple(bad.first),
        errors=bad.path if bad.count else None,
        seconds=time.monotonic() - began,
    )


def _opened(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise CommandError(f"{path} is a folder. Name the file inside it.")
        return path.open("rb", buffering=1 << 20)
    except FileNotFoundError as error:
        raise CommandError(f"There is no file {path}.") from error
    except OSError as error:
        raise CommandError(f"We cannot read {path}: {error.strerror}.") from error


@asynccontextmanager
async def _session() -> AsyncIterator[Any]:
    """Open a connection of our own that holds the lock and the staging table while it lives."""
    connection = await db.connect(
        application="import charities", statement_seconds=0, lock_seconds=LOCK_WAIT_SECONDS
    )
    try:
        # A killed import's session may outlive it by a few seconds; a running one stays.
        deadline = time.monotonic() + LOCK_WAIT_SECONDS
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            if time.monotonic() > deadline:
                raise CommandError(
                    "Another import of the register is running. Wait for it to finish, then try"
                    " again."
                )
            await connection.execute("SELECT pg_sleep(0.2)")
        # Notice soon when we were killed in the middle of a long statement.
        await connection.execute("SET client_connection_check_interval = '2s'")
        await connection.execute("SET temp_buffers = '64MB'")
        await connection.execute(
            f"CREATE TEMP TABLE {_STAGING} AS SELECT {_LIST}, 0 AS line FROM register_charity"  # noqa: S608
            " WITH NO DATA"
        )
        yield connection
    finally:
        try:
            await connection.close(timeout=5)
        except (TimeoutError, OSError):
            connection.terminate()


async def _stage(
    connection: Any, file: BinaryIO, names: list[str], bad: _Errors, progress: Progress
) -> int:
    size = os.fstat(file.fileno()).st_size
    count = 0

    def good() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        for number, row in enumerate(read(file, names)):
            if number % 1000 == 0:
                progress("Reading", min(file.tell(), size), size)
            if isinstance(row, Row):
                count += 1
                yield (*row.values, row.line)
            else:
                bad.add(row)

    await connection.copy_records_to_table(_STAGING, columns=[*COLUMNS, "line"], records=good())
    progress("Reading", size, size)
    if count == 0 and bad.count == 0:
        raise CommandError("The file has a header but no charities. Download the extract again.")
    return count


async def _duplicates(connection: Any, bad: _Errors) -> int:
    """Keep the first line of each charity and report the others."""
    rows = await connection.fetch(
        f"DELETE FROM {_STAGING} s USING (SELECT organisation_number, min(line) AS first"  # noqa: S608
        f" FROM {_STAGING} GROUP BY 1 HAVING count(*) > 1) AS d"
        " WHERE s.organisation_number = d.organisation_number AND s.line > d.first"
        " RETURNING s.line, s.organisation_number, d.first"
    )
    for line, number, first in sorted(tuple(row) for row in rows):
        reason = f"Organisation {number} is on line {first} already."
        bad.add(BadRow(line, str(number), reason))
    return len(rows)


def _refuse_mostly_bad(good: int, bad: _Errors) -> None:
    if bad.count and bad.count > BAD_SHARE * (good + bad.count) and bad.count > 1:
        bad.close()
        first = bad.first[0]
        raise CommandError(
            f"{bad.count:,} of {good + bad.count:,} rows cannot be used, too many for a whole"
            f" extract, so nothing was loaded. The first is line {first.line}: {first.reason}"
            f" All are listed in {bad.path}."
        )


async def _merge(
    connection: Any, rows: int, allow_shrink: bool, progress: Progress
) -> tuple[int, int, int]:
    """Make the mirror equal to the staging table; gives rows added, changed and removed."""
    await connection.execute(f"CREATE INDEX ON {_STAGING} (organisation_number)")
    await connection.execute(f"ANALYZE {_STAGING}")
    updates = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    ours = ", ".join(f"r.{name}" for name in COLUMNS[1:])
    theirs = ", ".join(f"excluded.{name}" for name in COLUMNS[1:])
    # The day of the extract alone is no change: every row would be written every time.
    differs = f"({ours.rsplit(', ', 1)[0]}) IS DISTINCT FROM ({theirs.rsplit(', ', 1)[0]})"
    async with connection.transaction():
        before: int = await connection.fetchval("SELECT count(*) FROM register_charity")
        if before > GUARDED_ROWS and rows < before / 2 and not allow_shrink:
            raise CommandError(
                f"The file has {rows:,} charities and we have {before:,}. If the download broke"
                " off, fetch it again; if it is meant, add --allow-shrink. Nothing was changed."
            )
        edges = await connection.fetch(
            f"SELECT organisation_number AS edge FROM (SELECT organisation_number, row_number()"  # noqa: S608
            f" OVER (ORDER BY organisation_number) AS n FROM {_STAGING}) AS numbered"
            " WHERE n % $1 = 1 ORDER BY 1",
            SLICE,
        )
        starts = [row["edge"] for row in edges]
        added = changed = 0
        progress("Loading", 0, rows)
        for number, start in enumerate(starts):
            end = starts[number + 1] if number + 1 < len(starts) else 2**31
            done = await connection.fetchrow(
                f"WITH merged AS (INSERT INTO register_charity AS r ({_LIST})"  # noqa: S608
                f" SELECT {_LIST} FROM {_STAGING}"
                " WHERE organisation_number >= $1 AND organisation_number < $2::bigint"
                f" ON CONFLICT (organisation_number) DO UPDATE SET {updates} WHERE {differs}"
                " RETURNING (old.organisation_number IS NULL) AS is_new)"
                " SELECT count(*) FILTER (WHERE is_new) AS added,"
                " count(*) FILTER (WHERE NOT is_new) AS changed FROM merged",
                start,
                end,
            )
            added += done["added"]
            changed += done["changed"]
            progress("Loading", min((number + 1) * SLICE, rows), rows)
        tag: str = await connection.execute(
            f"DELETE FROM register_charity r WHERE NOT EXISTS (SELECT FROM {_STAGING} s"  # noqa: S608
            " WHERE s.organisation_number = r.organisation_number)"
        )
        if added or changed or tag != "DELETE 0":
            await connection.execute("DELETE FROM register_word")
            await connection.execute(
                "INSERT INTO register_word (word, names) SELECT word, count(*)"
                " FROM register_charity CROSS JOIN unnest(tsvector_to_array(document)) AS word"
                " WHERE status = 'Registered' GROUP BY word"
            )
    return added, changed, int(tag.rsplit(" ", 1)[-1])
