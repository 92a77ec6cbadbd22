"""What is listed, what is asked for, and what is found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

METRES_A_MILE = 1609.344
PAGE = 20
# Beyond this nobody pages: counting stops, and the page says "more than".
COUNT_UP_TO = 1000
# Of what more than that have, so many can be paged through: the nearest, or of those that come
# soonest the best.
RANKED = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """What the index knows of one public thing; `point` is OSGB36 easting, northing in metres.

    `until` is the instant after which it is over and no longer found; None is open-ended. `image`
    is the id of a picture of `files`, shown instead of the icon; `image_alt` says what it shows.
    """

    kind: str
    id: UUID
    url: str
    title: str
    summary: str
    body: str = ""
    organisation_id: UUID | None = None
    organisation_name: str = ""
    town: str = ""
    point: tuple[float, float] | None = None
    remote: bool = False
    icon: str = ""
    tags: Sequence[str] = ()
    synonyms: Sequence[str] = ()
    starts_at: datetime | None = None
    until: datetime | None = None
    image: UUID | None = None
    image_alt: str = ""


@dataclass(frozen=True, slots=True)
class Find:
    """A question to the index; `near` is OSGB36 metres, `within` is in miles.

    Found is what has all of `tags` and, where there are some, any of `any_tags`. Not `counted`,
    the total is that of the page, for those who show no more.
    """

    kinds: Sequence[str]
    q: str = ""
    near: tuple[float, float] | None = None
    within: float | None = None
    tags: Sequence[str] = ()
    any_tags: Sequence[str] = ()
    remote: bool = False
    page: int = 1
    size: int = PAGE
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One found listing; `metres` is None without a place to measure from."""

    kind: str
    id: UUID
    url: str
    title: str
    summary: str
    organisation_id: UUID | None
    organisation_name: str
    town: str
    remote: bool
    icon: str
    tags: Sequence[str]
    starts_at: datetime | None
    metres: float | None
    image: UUID | None = None
    image_alt: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows; `total` stops counting one past `COUNT_UP_TO`.

    `turned` is how many can be paged through at most. `corrected` is the text that was searched
    instead, when the text asked for matched nothing.
    """

    rows: list[Row] = field(default_factory=list[Row])
    total: int = 0
    page: int = 1
    size: int = PAGE
    corrected: str | None = None
    turned: int = COUNT_UP_TO

    @property
    def pages(self) -> int:
        """Tell how many pages can be turned."""
        return -(-min(self.total, self.turned) // self.size)

    @property
    def many(self) -> bool:
        """Tell whether there are more than were counted."""
        return self.total > self.turned
