"""From the national grid to latitude and longitude."""

from functools import cache
from typing import Any


@cache
def _transformer() -> Any:
    # Half a second and some megabytes: only for who asks for the feed.
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:27700", "EPSG:4326")


def degrees(point: tuple[float, float]) -> tuple[float, float]:
    """Turn OSGB36 easting and northing in metres into WGS84 (latitude, longitude).

    Right to about five metres: the grid of corrections is not shipped.
    """
    return _transformer().transform(*point)


def metres(degrees: tuple[float, float]) -> tuple[int, int]:
    """Turn WGS84 (latitude, longitude) into OSGB36 easting and northing in whole metres."""
    easting, northing = _transformer().transform(*degrees, direction="INVERSE")
    return round(easting), round(northing)
