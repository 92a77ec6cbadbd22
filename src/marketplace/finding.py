"""What every list of listings asks: what, where, how far, which page; read from the address once.

`/opportunities`, `/organisations` and `/search` differ in their kinds and filters only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from litestar import Request
from pydantic import Field

from marketplace import listing_index, places
from marketplace.errors import BadInput
from marketplace.listing_index import METRES_A_MILE, Found
from marketplace.web.forms import Count, Form, Line
from marketplace.web.render import Page, remember_where, remembered_where

MAX_PAGE = listing_index.COUNT_UP_TO // listing_index.PAGE
DISTANCES = (1, 3, 5, 10, 25)


class FindForm(Form):
    """The fields of a list's address; `within` is in miles, 0 for any distance."""

    labels: ClassVar = {
        "q": "what you search for",
        "near": "the place",
        "within": "the distance",
        "page": "the page",
    }

    q: Line = ""
    near: Annotated[Line, Field(max_length=60)] = ""
    within: Annotated[Count, Field(le=500)] = 0
    page: Annotated[Count, Field(ge=1, le=MAX_PAGE)] = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for; `where` is None without a place or with one we do not know.

    `where` is known without asking the database, so to the outward code; `point()` is exact.
    """

    q: str
    near: str
    where: places.Located | None
    within: int
    page: int
    typed_where: bool

    @property
    def where_error(self) -> str | None:
        """Give the sentence beside the place that was typed and is not known."""
        if self.near and self.where is None:
            return f"We do not know “{self.near}”. Try a postcode such as CM1, or a town."
        return None

    @property
    def wider(self) -> int | None:
        """Give the next larger distance offered, None when there is none."""
        if not self.within:
            return None
        return next((miles for miles in DISTANCES if miles > self.within), None)

    async def point(self) -> tuple[float, float] | None:
        """Give the point to measure from: of a full postcode its own, where we have it."""
        if self.where is None:
            return None
        return (await places.locate(self.where.label) or self.where).point

    async def find(
        self,
        kinds: Sequence[str],
        *,
        tags: Sequence[str] = (),
        any_tags: Sequence[str] = (),
        remote: bool = False,
        size: int = listing_index.PAGE,
    ) -> Found:
        """Ask the index."""
        return await listing_index.find(
            listing_index.Find(
                kinds=kinds,
                q=self.q,
                near=await self.point(),
                # "Within 5 miles of Thurrock" begins at its edge, not at its middle.
                within=self.within + self.where.reach / METRES_A_MILE
                if self.where and self.within
                else None,
                tags=tags,
                any_tags=any_tags,
                remote=remote,
                page=self.page,
                size=size,
            )
        )

    def remember(self, page: Page) -> Page:
        """Keep the place in this browser when it was typed and is known."""
        return remember_where(page, self.near) if self.where and self.typed_where else page


def asked(request: Request[Any, Any, Any]) -> Asked:
    """Read the address; "gardening near CM1" typed into one box is taken apart.

    Without a place in the address, the one this browser remembers counts.

    Raises:
        BadInput: something in it is too long, or no number where one belongs.
    """
    form = FindForm.read(request)
    if form.data is None:
        raise BadInput(f"{next(iter(form.errors.values()))}.")
    q, near, typed = form.data.q, form.data.near, True
    if not near:
        q, near = places.split(q)
    if not near and "near" not in form.raw:
        near, typed = remembered_where(request), False
    where = places.resolve(near) if near else None
    if where is None and not typed:
        near = ""
    return Asked(q, near, where, form.data.within, form.data.page, typed)
