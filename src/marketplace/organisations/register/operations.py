"""Load the register extract: read into a table of this session, then merge in one transaction.

Killed at any moment, the session's table is gone and the mirror is as it was, so running it again
is all there is to do.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from marketplace.errors import CommandError
from marketplace.imports import BadRows, Merge, Progress, Report, Source, opened, session
from marketplace.organisations.register.extract import COLUMNS, ENDINGS, Reader, Row, reader

LOCK = 7_262_101_845  # any number, the same for every version of the project
LOCK_WAIT_SECONDS = 10.0
# Below this an installation has the demo's sample, which the first real file replaces.
GUARDED_ROWS = 1_000
SLICE = 10_000

# The day of the extract alone is no change: every row would be written every time.
_COMPARED = COLUMNS[1:-1]


def _merge() -> Merge:
    ours = ", ".join(f"r.{name}" for name in _COMPARED)
    theirs = ", ".join(f"excluded.{name}" for name in _COMPARED)
    return Merge(
        "register_charity",
        "register_staging",
        COLUMNS,
        f"({ours}) IS DISTINCT FROM ({theirs})",
        SLICE,
    )


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
    merge = _merge()
    bad = BadRows(errors or path.with_name(f"{path.name}.errors.csv"), "organisation_number")
    with opened(path, ENDINGS) as source:
        rows = reader(source)
        async with session(
            "import charities",
            LOCK,
            LOCK_WAIT_SECONDS,
            "Another import of the register is running. Wait for it to finish, then try again.",
        ) as connection:
            try:
                await merge.stage(connection)
                total = await _stage(connection, merge, source, rows, bad, progress)
                duplicates = await merge.drop_duplicates(
                    connection,
                    bad,
                    lambda number, first: (
                        f"Organisation {number} is on {rows.unit} {first} already."
                    ),
                )
                bad.refuse_mostly_bad(total, rows.unit)
                added, changed, removed = await _load(
                    connection, merge, total - duplicates, allow_shrink, progress
                )
            finally:
                bad.close()
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
        unit=rows.unit,
    )


async def _stage(
    connection: Any,
    merge: Merge,
    source: Source,
    rows: Reader,
    bad: BadRows,
    progress: Progress,
) -> int:
    count = 0

    def good() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        for number, row in enumerate(rows.rows):
            if number % 1000 == 0:
                progress("Reading", source.position(), source.size)
            if isinstance(row, Row):
                count += 1
                yield (*row.values, row.line)
            else:
                bad.add(row)

    await connection.copy_records_to_table(
        merge.staging, columns=[*COLUMNS, "line"], records=good()
    )
    progress("Reading", source.size, source.size)
    if count == 0 and bad.count == 0:
        raise CommandError("The file has a header but no charities. Download the extract again.")
    return count


async def _load(
    connection: Any, merge: Merge, rows: int, allow_shrink: bool, progress: Progress
) -> tuple[int, int, int]:
    """Make the mirror equal to the staging table; gives rows added, changed and removed."""
    await merge.prepare(connection)
    async with connection.transaction():
        before = await merge.held(connection)
        if before > GUARDED_ROWS and rows < before / 2 and not allow_shrink:
            raise CommandError(
                f"The file has {rows:,} charities and we have {before:,}. If the download broke"
                " off, fetch it again; if it is meant, add --allow-shrink. Nothing was changed."
            )
        result = await merge.write(connection, rows, progress)
        if any(result):
            await connection.execute("DELETE FROM register_word")
            await connection.execute(
                "INSERT INTO register_word (word, names) SELECT word, count(*)"
                " FROM register_charity CROSS JOIN unnest(tsvector_to_array(document)) AS word"
                " WHERE status = 'Registered' GROUP BY word"
            )
    return result
