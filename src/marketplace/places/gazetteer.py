"""Which point a word means: postcodes, outward codes, districts and towns, without a database.

Essex and its neighbours are known by hand and forgive spelling slips; the rest of the country is
known by outward code and by the one town each code is filed under.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import dist

from marketplace.paths import data
from marketplace.places.postcodes import OUTWARD, SECTOR, Postcode

Grid = tuple[int, int]

# Where ambiguous names are decided from, and how far a bare code at the end of a search counts.
CENTRE: Grid = (570800, 207000)
_LOCAL = 60_000

# A district's or county's name means all of it: the point is its middle, `reach` metres wide.
_DISTRICTS: dict[str, tuple[Grid, int]] = {
    "Castle Point": ((579000, 186500), 6_000),
    "Epping Forest": ((546500, 202500), 14_000),
    "Tendring": ((613500, 223000), 16_000),
    "Thurrock": ((562500, 180500), 11_000),
    "Uttlesford": ((555500, 229500), 20_000),
}
_COUNTY = ("Essex", (577000, 209000), 62_000)

# Only these districts of London have a letter at their end.
_LETTERED = re.compile(r"(?:[ENW]|NW|SE|SW)1[A-Z]|[EW]C[1-4][A-Z]")

# Towns whose names are everyday words: "things in stock" is not a search in Stock.
_EVERYDAY = frozenset({"stock", "newport", "springfield", "london"})


@dataclass(frozen=True, slots=True)
class Located:
    """A point people meant, in OSGB36 metres.

    `outward` is None for a named place; `district` is None where it is not
    known: all but Essex and its edges. `reach` is how many
    metres the named area itself extends from the point: add it to the distance asked for.
    `corrected` says that the spelling was mended, so that the page can say so.
    """

    point: Grid
    label: str
    outward: str | None = None
    district: str | None = None
    reach: int = 0
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class OutwardCode:
    """An outward code; `districts` is empty outside Essex, the main one first."""

    code: str
    point: Grid
    town: str
    districts: tuple[str, ...] = ()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (data() / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def outward_codes() -> dict[str, OutwardCode]:
    """Give every outward code of the United Kingdom."""
    essex = {row["code"]: row for row in _rows("essex_outcodes.csv")}
    codes: dict[str, OutwardCode] = {}
    for row in _rows("outcodes.csv"):
        code = row["code"]
        known = essex.get(code)
        codes[code] = OutwardCode(
            code,
            (int(row["easting"]), int(row["northing"])),
            known["post_town"] if known else row["town"],
            tuple(known["districts"].split("|")) if known else (),
        )
    return codes


def outward_code(text: str) -> OutwardCode | None:
    """Look an outward code up; a London code's last letter is dropped where it is not listed."""
    code = text.strip().upper()
    codes = outward_codes()
    found = codes.get(code)
    if found is None and _LETTERED.fullmatch(code):
        found = codes.get(code[:-1])
    return found


def _key(name: str) -> str:
    words = re.sub(r"['’.]", "", name.casefold())
    return re.sub(r"[\s\-,&]+", " ", words).strip()


@cache
def _near_names() -> dict[str, Located]:
    """Names known by hand, districts included."""
    names = {_key(_COUNTY[0]): Located(_COUNTY[1], _COUNTY[0], reach=_COUNTY[2])}
    for district, (point, reach) in _DISTRICTS.items():
        names[_key(district)] = Located(point, district, district=district, reach=reach)
    for row in _rows("towns.csv"):
        point = (int(row["easting"]), int(row["northing"]))
        located = Located(point, row["name"], district=row["district"] or None)
        for name in (row["name"], *filter(None, row["aliases"].split("|"))):
            names[_key(name)] = located
    return names


@cache
def _far_names() -> dict[str, Located]:
    """Names from the outward codes; of several towns of one name, the one nearest to the place."""
    points: dict[str, list[tuple[Grid, str]]] = defaultdict(list)
    for code in outward_codes().values():
        for name in code.town.split(","):
            if _key(name):
                points[_key(name)].append((code.point, name.strip()))
    names: dict[str, Located] = {}
    for key, found in points.items():
        nearest, label = min(found, key=lambda each: dist(each[0], CENTRE))
        same = [point for point, _ in found if dist(point, nearest) < 20_000]
        middle = (
            round(sum(point[0] for point in same) / len(same)),
            round(sum(point[1] for point in same) / len(same)),
        )
        names[key] = Located(middle, label)
    return names


def town_names() -> list[str]:
    """List the towns known by hand, for a datalist, in the order people read."""
    return sorted({located.label for located in _near_names().values()}, key=str.casefold)


def resolve(text: str) -> Located | None:
    """Find the point of a postcode, an outward code or a town; None when nothing fits.

    Case, spacing and small slips are forgiven. A full postcode is placed at its outward code;
    `queries.locate` knows better where the postcode directory was imported.
    """
    if len(text) > 80:
        return None
    return _by_code(text) or _by_name(text) or _by_slip(text)


def _by_code(text: str) -> Located | None:
    if postcode := Postcode.parse(text):
        code = outward_code(postcode.outward)
        return _located(code, str(postcode)) if code else None
    written = text.strip().upper()
    if sector := SECTOR.fullmatch(written):
        written = sector[1]
    compact = re.sub(r"\s+", "", written)
    if OUTWARD.fullmatch(compact) and (code := outward_code(compact)):
        return _located(code, code.code)
    return None


def _located(code: OutwardCode, label: str) -> Located:
    district = code.districts[0] if code.districts else None
    return Located(code.point, label, outward=code.code, district=district)


def _plain(text: str) -> str:
    """Drop what people add around a town's name: "the Witham area", "Witham, Essex"."""
    key = _key(text)
    key = key.removeprefix("the ").removesuffix(" area").removesuffix(" town")
    return key.removesuffix(" essex") if key != "essex" else key


def _by_name(text: str) -> Located | None:
    key = _plain(text)
    return _near_names().get(key) or _far_names().get(key)


def _by_slip(text: str, *, shortest: int = 5) -> Located | None:
    """Mend one slip, two in a long name, against the names known by hand; a tie mends nothing."""
    key = _plain(text)
    if len(key) < shortest or not key.replace(" ", "").isalpha():
        return None
    allowed = 2 if len(key) >= 8 else 1
    best: dict[str, Located] = {}
    fewest = allowed
    for name, located in _near_names().items():
        # Nobody mistakes the first letter; without this "kitchen" would be a town.
        if name[0] != key[0] or abs(len(name) - len(key)) > fewest:
            continue
        slips = _slips(key, name)
        if slips < fewest:
            best, fewest = {}, slips
        if slips == fewest:
            best[located.label] = located
    if len(best) != 1:
        return None
    (found,) = best.values()
    return Located(found.point, found.label, found.outward, found.district, found.reach, True)


def _slips(one: str, other: str) -> int:
    """Count letters left out, added, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        now = [i]
        for j, against in enumerate(other, 1):
            cost = min(now[j - 1] + 1, row[j] + 1, row[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        before, row = row, now
    return row[-1]


_NEAR = re.compile(r"(?i)(?:^|\s)(?:near|nearby|near to|close to|around)\s+")
_IN = re.compile(r"(?i)(?:^|\s)(?:in|at)\s+")
_END_CODE = re.compile(r"(?i)(?:^|[\s,])([a-z]{1,2}[0-9][a-z0-9]?(?:\s*[0-9][a-z]{2})?)$")
_START_CODE = re.compile(r"(?i)^([a-z]{1,2}[0-9][a-z0-9]?(?:\s*[0-9][a-z]{2})?)(?:[\s,]|$)")


def split(text: str) -> tuple[str, str]:
    """Split "gardening near CM1" into ("gardening", "CM1"); the second is "" without a place.

    The text is only taken apart where what follows is a place: "in-kind near misses" stays whole.
    """
    whole = " ".join(text.split())
    if len(whole) > 200:
        return whole, ""
    for pattern, is_place in ((_NEAR, _after_near), (_IN, _after_in)):
        # From the right: "helping in kitchens in Witham" is about kitchens.
        for found in reversed(list(pattern.finditer(whole))):
            where = whole[found.end() :].strip(" ,.?!")
            if where and is_place(where):
                return whole[: found.start()].strip(" ,"), where
    for pattern in (_END_CODE, _START_CODE):
        if (found := pattern.search(whole)) and _is_bare_code(found[1]):
            rest = whole[: found.start()] if pattern is _END_CODE else whole[found.end() :]
            return rest.strip(" ,"), found[1]
    return whole, ""


def _after_near(where: str) -> bool:
    return bool(_by_code(where) or _by_name(where) or _by_slip(where, shortest=6))


def _after_in(where: str) -> bool:
    """ "in" is an everyday word, so only local names count, and only long ones with a slip."""
    if _by_code(where):
        return True
    key = _plain(where)
    if key in _EVERYDAY:
        return False
    return key in _near_names() or _by_slip(where, shortest=8) is not None


def _is_bare_code(text: str) -> bool:
    """A code without "near" must be a postcode or local: M25 is a road and B12 a vitamin."""
    if Postcode.parse(text):
        return _by_code(text) is not None
    code = outward_code(re.sub(r"\s+", "", text))
    if code is None:
        return False
    return bool(code.districts) or (code.code[:2].isalpha() and dist(code.point, CENTRE) < _LOCAL)
