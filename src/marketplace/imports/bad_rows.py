"""Rows that cannot be used: all of them go to a file, the first few are shown."""

import csv
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marketplace.errors import CommandError

SHOWN = 20
# A file of which this share is bad is not what it should be but something else.
BAD_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used; `reason` is for a person, `number` its key as it was written.

    `line` counts from 1 with a header as line 1; of JSON it is the number of the record.
    """

    line: int
    number: str
    reason: str


@dataclass(slots=True)
class BadRows:
    """The bad rows of one import; the file is made with the first of them."""

    path: Path
    key: str
    count: int = 0
    first: list[BadRow] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _writer: Any = None

    def __post_init__(self) -> None:
        with suppress(OSError):
            self.path.unlink()  # what an earlier run found

    def add(self, bad: BadRow) -> None:
        """List one.

        Raises:
            CommandError: the list cannot be written.
        """
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
            self._writer.writerow(["line", self.key, "reason"])
        self._writer.writerow([bad.line, bad.number, bad.reason])
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(bad)

    def close(self) -> None:
        """Finish the file."""
        self._stack.close()

    def refuse_mostly_bad(self, good: int, unit: str) -> None:
        """Stop where more is bad than a good file could hold.

        Raises:
            CommandError: with the first bad row and where the others are listed.
        """
        if self.count > 1 and self.count > BAD_SHARE * (good + self.count):
            self.close()
            first = self.first[0]
            raise CommandError(
                f"{self.count:,} of {good + self.count:,} rows cannot be used, too many for a whole"
                f" extract, so nothing was loaded. The first is {unit} {first.line}: {first.reason}"
                f" All are listed in {self.path}."
            )
