"""Reading roles that are or were open to the public, for those who have to do with one."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import db
from marketplace.errors import NotFound
from marketplace.volunteering.rules import role_words


@dataclass(frozen=True, slots=True)
class PublicRole:
    """A role with what it belongs to; `minimum_age` in years."""

    id: UUID
    title: str
    minimum_age: int
    opportunity_id: UUID
    opportunity_title: str
    organisation_id: UUID
    organisation_name: str

    @property
    def what(self) -> str:
        """Name it with its opportunity where that says more."""
        return role_words(self.title, self.opportunity_title)


PUBLIC = (
    "SELECT r.id, r.title, r.minimum_age, o.id AS opportunity_id, o.title AS opportunity_title,"
    " g.id AS organisation_id, g.name AS organisation_name FROM role r"
    " JOIN opportunity o ON o.id = r.opportunity_id JOIN organisation g ON g.id = o.organisation_id"
    " WHERE o.published_at IS NOT NULL AND g.state = 'approved'"
)


async def public(id: UUID) -> PublicRole:
    """Read one of them.

    Raises:
        NotFound: there is none, or it was never open to the public.
    """
    row = await db.fetch_one(f"{PUBLIC} AND r.id = {{}}", id)
    if row is None:
        raise NotFound("We cannot find that role. It may have been taken down.")
    return PublicRole(**row)
