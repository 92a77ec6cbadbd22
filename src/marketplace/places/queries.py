"""Reads of areas by day, and of postcodes. Everything here is public."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from marketplace import db
from marketplace.places.gazetteer import Located, resolve
from marketplace.places.postcodes import Postcode
from marketplace.places.seed import DISTRICTS

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
