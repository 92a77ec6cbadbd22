"""Reads of areas by point, outward code and day, and of postcodes. Everything here is public."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from asyncpg import Point

from marketplace import db
from marketplace.places.gazetteer import Located, resolve
from marketplace.places.postcodes import Postcode
from marketplace.places.seed import DISTRICTS

# Beyond this, the nearest known code says nothing about a point: it lies in the sea or abroad.
FARTHEST = 25_000.0

_COLUMNS = "p.id, p.kind, p.scheme, p.name, p.parent_id, p.gss, p.valid_from, p.valid_to"


@dataclass(frozen=True, slots=True)
class Area:
    """A neighbourhood, place or system; `valid_to` is the first day on which it is no more."""

    id: UUID
    kind: str
    scheme: str
    name: str
    parent_id: UUID | None
    gss: str | None
    valid_from: date
    valid_to: date | None


_DISTRICT_OF = {gss: name for name, (gss, _) in DISTRICTS.items()}


async def locate(text: str) -> Located | None:
    """Find the point people mean, as `resolve` does, a full postcode at its own place.

    Where the postcode directory was not imported, or does not have it, its outward code counts.
    Asks the database for full postcodes only.
    """
    found = resolve(text)
    postcode = Postcode.parse(text) if len(text) <= 80 else None
    if postcode is None:
        return found
    row = await db.fetch_one(
        "SELECT point, district FROM postcode WHERE code = {}",
        postcode.outward + postcode.inward,
    )
    if row is None:
        return found
    point = (round(row["point"].x), round(row["point"].y))
    if found is None:
        # A new outward code, which the directory has and our list has not.
        found = Located(point, str(postcode), outward=postcode.outward)
    if row["district"]:
        found = replace(found, district=_DISTRICT_OF.get(row["district"]))
    return replace(found, point=point)


async def nearest_outward(point: tuple[float, float]) -> str | None:
    """Give the outward code whose middle is nearest to an OSGB36 point; None far from any."""
    row = await db.fetch_one(
        "SELECT code, point <-> {}::point AS metres FROM outward_code"
        " ORDER BY point <-> {}::point LIMIT 1",
        Point(*point),
        Point(*point),
    )
    return row["code"] if row and row["metres"] <= FARTHEST else None


async def place_at(
    where: str | tuple[float, float], on: date, *, scheme: str = "council", kind: str = "place"
) -> Area | None:
    """Give the area most of an outward code lies in on a day; None where none is known.

    A point counts as its nearest outward code, which is right to a few kilometres only: ask for
    the outward code where it is known. `scheme` is "council" or "nhs".
    """
    code = where.strip().upper() if isinstance(where, str) else await nearest_outward(where)
    if code is None:
        return None
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM place p JOIN place_outward o ON o.place_id = p.id"  # noqa: S608
        " WHERE o.outward_code = {} AND o.main AND p.scheme = {} AND p.kind = {}"
        " AND p.valid_from <= {} AND (p.valid_to IS NULL OR p.valid_to > {})"
        " ORDER BY p.valid_from DESC LIMIT 1",
        code,
        scheme,
        kind,
        on,
        on,
    )
    return Area(**row) if row else None


async def areas(on: date, *, scheme: str = "council", kind: str = "place") -> list[Area]:
    """List the areas of one kind that exist on a day, by name."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM place p WHERE p.scheme = {{}} AND p.kind = {{}}"  # noqa: S608
        " AND p.valid_from <= {} AND (p.valid_to IS NULL OR p.valid_to > {})"
        " ORDER BY lower(p.name)",
        scheme,
        kind,
        on,
        on,
    )
    return [Area(**row) for row in rows]
