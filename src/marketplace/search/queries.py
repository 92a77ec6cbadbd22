"""Reads of the home page and the search page."""

import asyncio
import time

from marketplace import db, listing_index
from marketplace.finding import Asked
from marketplace.listing_index import Found, Row

# Counting some hundred thousand takes as long as ten pages; a few are counted each time.
KEPT_SECONDS = 60.0
KEPT_FROM = 1000

KINDS = ("opportunity", "thing", "fund", "organisation")


async def everything(asked: Asked, kind: str | None = None) -> Found:
    """Search all kinds, or one of them."""
    return await asked.find([kind] if kind in KINDS else KINDS)


async def coming_up(asked: Asked, kind: str, how_many: int) -> list[Row]:
    """Give the listings of a kind to begin with: the nearest, or the soonest without a place."""
    found = await listing_index.find(
        listing_index.Find(kinds=[kind], near=await asked.point(), size=how_many, counted=False)
    )
    return found.rows


_counting = asyncio.Lock()
_kept: tuple[float, dict[str, int]] | None = None


async def figures() -> dict[str, int]:
    """Count what is open to the public, by kind; a large number may be a minute old."""
    global _kept
    if (known := _still_kept()) is not None:
        return known
    async with _counting:
        if (known := _still_kept()) is not None:
            return known
        rows = await db.fetch(
            "SELECT kind, count(*) AS many FROM listing"
            " WHERE until IS NULL OR until > now() GROUP BY kind"
        )
        counts: dict[str, int] = {row["kind"]: row["many"] for row in rows}
        _kept = (time.monotonic(), counts) if sum(counts.values()) >= KEPT_FROM else None
        return counts


def _still_kept() -> dict[str, int] | None:
    if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
        return None
    return _kept[1]
