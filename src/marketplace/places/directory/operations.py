"""Load the directory: read into a table of this session, then merge in one transaction.

In the manner of the register of charities: all of it or nothing, and again whenever it was
interrupted.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from marketplace.errors import CommandError
from marketplace.imports import BadRow, BadRows, Merge, Progress, Report, Source, opened, session
from marketplace.places.directory.extract import COLUMNS, ENDINGS, Row, read, read_header

LOCK = 7_262_101_846  # any number, the same for every version of the project
LOCK_WAIT_SECONDS = 10.0
GUARDED_ROWS = 1_000
SLICE = 50_000


async def import_postcodes(
    path: Path,
    progress: Progress = lambda stage, done, total: None,
    *,
    errors: Path | None = None,
    allow_shrink: bool = False,
) -> Report:
    """Replace our postcodes by the live ones of the file, all of it or nothing.

    `progress` is told ("Reading", bytes, bytes in all) and ("Loading", rows, rows in all).
    `errors` is where bad rows are listed, FILE.errors.csv by default. Unless `allow_shrink`, a
    file with less than half of the postcodes we have is refused: a download that broke off.

    Raises:
        CommandError: nothing was changed; says why and what to do.
    """
    began = time.monotonic()
    merge = Merge(
        "postcode",
        "postcode_staging",
        COLUMNS,
        "NOT r.point ~= excluded.point OR r.district <> excluded.district",
        SLICE,
    )
    bad = BadRows(errors or path.with_name(f"{path.name}.errors.csv"), "postcode")
    with opened(path, ENDINGS) as source:
        width, at = read_header(source.file)
        async with session(
            "import postcodes",
            LOCK,
            LOCK_WAIT_SECONDS,
            "Another import of postcodes is running. Wait for it to finish, then try again.",
        ) as connection:
            try:
                await merge.stage(connection)
                total, skipped = await _stage(
                    connection, merge, source, read(source.file, width, at), bad, progress
                )
                duplicates = await merge.drop_duplicates(
                    connection, bad, lambda code, first: f"{code} is on line {first} already."
                )
                bad.refuse_mostly_bad(total + skipped, "line")
                rows = total - duplicates
                await merge.prepare(connection)
                async with connection.transaction():
                    before = await merge.held(connection)
                    if before > GUARDED_ROWS and rows < before / 2 and not allow_shrink:
                        raise CommandError(
                            f"The file has {rows:,} live postcodes and we have {before:,}. If the"
                            " download broke off, fetch it again; if it is meant, add"
                            " --allow-shrink. Nothing was changed."
                        )
                    added, changed, removed = await merge.write(connection, rows, progress)
            finally:
                bad.close()
    return Report(
        read=total + skipped + bad.count - duplicates,
        added=added,
        changed=changed,
        unchanged=rows - added - changed,
        removed=removed,
        rejected=bad.count,
        bad=tuple(bad.first),
        errors=bad.path if bad.count else None,
        seconds=time.monotonic() - began,
        skipped=skipped,
    )


async def _stage(
    connection: Any,
    merge: Merge,
    source: Source,
    rows: Iterator[Any],
    bad: BadRows,
    progress: Progress,
) -> tuple[int, int]:
    """Fill the staging table; gives good rows and skipped ones."""
    count = skipped = 0

    def good() -> Iterator[tuple[Any, ...]]:
        nonlocal count, skipped
        for number, row in enumerate(rows):
            if number % 5000 == 0:
                progress("Reading", source.position(), source.size)
            if isinstance(row, Row):
                count += 1
                yield (*row.values, row.line)
            elif isinstance(row, BadRow):
                bad.add(row)
            else:
                skipped += 1

    await connection.copy_records_to_table(
        merge.staging, columns=[*COLUMNS, "line"], records=good()
    )
    progress("Reading", source.size, source.size)
    if count == 0 and bad.count == 0:
        raise CommandError("The file holds no live postcodes. Download the directory again.")
    return count, skipped
