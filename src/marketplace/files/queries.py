"""Reads of pictures. What may be seen is decided by the feature that shows them."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import db
from marketplace.files import rules


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a page shows it; sizes are the pixels of its largest rendition."""

    id: UUID
    alt: str
    width: int
    height: int

    @property
    def large(self) -> str:
        """Give the address of the rendition for a page of its own."""
        return rules.address(self.id, "large")

    @property
    def small(self) -> str:
        """Give the address of the rendition for a card."""
        return rules.address(self.id, "small")

    @property
    def small_width(self) -> int:
        """Tell how many pixels wide the small rendition is."""
        return round(self.width * min(1, rules.SIZES["small"] / max(self.width, self.height)))


async def picture(id: UUID | None) -> Picture | None:
    """Give a picture; None for None."""
    if id is None:
        return None
    row = await db.fetch_one("SELECT id, alt, width, height FROM image WHERE id = {}", id)
    return Picture(**row) if row else None
