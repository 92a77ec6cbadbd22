"""A place that only those who have booked are told: what everybody else is shown of it."""

from typing import Any

from asyncpg import Point

from marketplace import places


def hide(row: dict[str, Any], *, shown: bool = False) -> None:
    """Leave of a private place its town and outward code, the point in the middle of that.

    Takes `place_private` out of the row of an opportunity; `shown` says that its reader may know.
    """
    if not row.pop("place_private") or shown:
        return
    outward = outward_of(row["postcode"])
    row["place_name"], row["postcode"] = "", outward
    if "getting_there" in row:
        row["getting_there"] = ""
    if "point" in row:
        row["point"] = Point(*middle) if (middle := _middle(outward)) else None


def outward_of(postcode: str) -> str:
    """Give the outward code of a postcode, "" where it has none that we know."""
    code = postcode.split(" ")[0]
    return code if places.outward_code(code) else ""


def _middle(outward: str) -> tuple[int, int] | None:
    found = places.outward_code(outward)
    return (int(found.point[0]), int(found.point[1])) if found else None
