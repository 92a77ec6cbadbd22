"""The Piccolo column for PostgreSQL's point."""

from typing import Any

from asyncpg import Point
from piccolo.columns import Column


class GridPoint(Column):
    """OSGB36 easting and northing in metres, as a core `point`; distance is `<->`, in metres."""

    value_type = Point

    def __init__(self, **kwargs: Any) -> None:
        self.default = None
        kwargs.setdefault("null", True)
        kwargs["default"] = None
        super().__init__(**kwargs)

    @property
    def column_type(self) -> str:
        """Name the type in PostgreSQL."""
        return "POINT"
