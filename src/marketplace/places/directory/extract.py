"""Read the ONS Postcode Directory: a CSV file with a header, a line a postcode, no line breaks.

The columns go by other names in releases since 2025, some of which hold the year.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from asyncpg import Point

from marketplace.errors import CommandError
from marketplace.imports import BadRow
from marketplace.places.postcodes import Postcode

ENDINGS = (".csv",)
# The order of the values in `Row.values`.
COLUMNS = ("code", "point", "district")

_NAMES = {
    "pcds": r"pcds?|pcd[278]",
    "doterm": r"doterm",
    "oslaua": r"oslaua|laua|lad[0-9]{2}cd",
    "oseast1m": r"oseast1m|east1m",
    "osnrth1m": r"osnrth1m|north1m",
    "ctry": r"ctry|ctry[0-9]{2}cd",
}
_LONGEST_LINE = 100_000
# The Channel Islands and the Isle of Man are no part of the kingdom; Northern Ireland's points
# are on the Irish grid, hundreds of kilometres off on ours, so its outward codes must do.
_ELSEWHERE = frozenset({"L93000001", "M83000003", "N92000002"})
_ELSEWHERE_CODES = ("BT", "GY", "IM", "JE")
_EAST, _NORTH = 700_000, 1_300_000
_DISTRICT = re.compile(r"[EWS][0-9]{8}")


@dataclass(frozen=True, slots=True)
class Row:
    """A live postcode, with the number of its line; the header is line 1."""

    line: int
    values: tuple[str, Point, str]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is right but not for us: ended, elsewhere, or of no known place."""


_SKIPPED = Skipped()


class _Bad(Exception):
    """Why a line cannot be used."""


def read_header(file: BinaryIO) -> tuple[int, dict[str, int]]:
    """Read how many columns there are and where the ones we need stand.

    Raises:
        CommandError: this is not the directory; says what to do.
    """
    first = file.readline(_LONGEST_LINE)
    if not first.strip():
        raise CommandError("The file is empty. Download the directory again.")
    try:
        text = first.decode("utf-8-sig")
        names = [name.strip().lower() for name in next(csv.reader([text.rstrip("\r\n")]))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CommandError(
            "The file is not text. Import the directory as CSV, or its zip archive as it is."
        ) from error
    at: dict[str, int] = {}
    for wanted, pattern in _NAMES.items():
        # The exact name first: "pcds" and "pcd" hold the same with other spaces.
        found = [
            *(n for n in names if n == wanted),
            *(n for n in names if re.fullmatch(pattern, n)),
        ]
        if not found:
            raise CommandError(
                "This is not the ONS Postcode Directory: its first line has no column"
                f" {wanted}. Import the file ONSPD_..._UK.csv, or the archive it comes in."
            )
        at[wanted] = names.index(found[0])
    return len(names), at


def read(file: BinaryIO, width: int, at: dict[str, int]) -> Iterator[Row | Skipped | BadRow]:
    """Read the lines after the header one by one, so that memory does not grow with the file."""
    wanted = [at[name] for name in _NAMES]
    line = 1
    while raw := file.readline(_LONGEST_LINE):
        line += 1
        number = ""
        try:
            text = _text(file, raw)
            if not text:
                continue
            code, ended, district, east, north, country = (
                field.strip(' "') for field in _fields(text, width, wanted)
            )
            number = code[:20]
            if ended:
                yield _SKIPPED
                continue
            postcode = Postcode.parse(code)
            if postcode is None:
                raise _Bad(f"{number!r} is not a postcode.")
            elsewhere = country in _ELSEWHERE or postcode.outward.startswith(_ELSEWHERE_CODES)
            if elsewhere or not (east or north):
                yield _SKIPPED
                continue
            if district and not _DISTRICT.fullmatch(district):
                raise _Bad(f"The district is {district[:20]!r}, not a code such as E07000070.")
            point = Point(_metres("easting", east, _EAST), _metres("northing", north, _NORTH))
            yield Row(line, (postcode.outward + postcode.inward, point, district))
        except _Bad as bad:
            yield BadRow(line, number, str(bad))


def _text(file: BinaryIO, raw: bytes) -> str:
    if not raw.endswith(b"\n") and len(raw) >= _LONGEST_LINE:
        while (rest := file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        raise _Bad("The line is longer than 100,000 bytes.")
    try:
        return raw.decode("utf-8").strip("\r\n ")
    except UnicodeDecodeError as error:
        raise _Bad(f"The line is not UTF-8 at byte {error.start + 1}.") from error


def _fields(text: str, width: int, wanted: Sequence[int]) -> list[str]:
    """Give the wanted fields; one of few lines is taken apart by the rules of quoting."""
    if text.count(",") == width - 1:
        # No comma stands inside quotes, and all we want stands near the beginning.
        fields = text.split(",", max(wanted) + 1)
    else:
        if text.count('"') % 2:
            raise _Bad("A quotation mark is missing.")
        fields = next(csv.reader([text]))
        if len(fields) != width:
            raise _Bad(f"The line has {len(fields)} columns where the header has {width}.")
    return [fields[place] for place in wanted]


def _metres(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 7 and 0 <= int(text) <= most):
        raise _Bad(f"{name} is {text[:20]!r}, not metres on the National Grid.")
    return int(text)
