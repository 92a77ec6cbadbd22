"""Reads of the home page and the search page."""

from marketplace import db, listing_index
from marketplace.finding import Asked
from marketplace.listing_index import Found, Row

KINDS = ("opportunity", "thing", "fund", "organisation")


async def everything(asked: Asked, kind: str | None = None) -> Found:
    """Search all kinds, or one of them."""
    return await asked.find([kind] if kind in KINDS else KINDS)


async def coming_up(asked: Asked, kind: str, how_many: int) -> list[Row]:
    """Give the listings of a kind to begin with: the nearest, or the soonest without a place."""
    found = await listing_index.find(
        listing_index.Find(kinds=[kind], near=await asked.point(), size=how_many)
    )
    return found.rows


async def figures() -> dict[str, int]:
    """Count what is open to the public, by kind."""
    rows = await db.fetch(
        "SELECT kind, count(*) AS many FROM listing"
        " WHERE until IS NULL OR until > now() GROUP BY kind"
    )
    return {row["kind"]: row["many"] for row in rows}
