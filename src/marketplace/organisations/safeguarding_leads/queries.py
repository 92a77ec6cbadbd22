"""Reading who looks after safeguarding."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import db
from marketplace.organisations.safeguarding_leads.rules import Part
from marketplace.permissions import Actor, Permission


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody named; `part` is None for the place's leads."""

    person_id: UUID
    name: str
    part: Part | None = None


# Whoever may not sign in hears of nothing, so they do not count.
_ACTIVE = "p.anonymised_at IS NULL AND p.suspended_at IS NULL"


async def of_organisation(organisation_id: UUID) -> list[Lead]:
    """Give an organisation's lead and deputy, the lead first."""
    rows = await db.fetch(
        "SELECT l.person_id, p.name, l.part FROM safeguarding_lead l"  # noqa: S608
        f" JOIN person p ON p.id = l.person_id AND {_ACTIVE}"
        " WHERE l.organisation_id = {} ORDER BY l.part = 'deputy'",
        organisation_id,
    )
    return [Lead(**{**row, "part": Part(row["part"])}) for row in rows]


async def has_lead(organisation_id: UUID) -> bool:
    """Tell whether an organisation has named its lead."""
    return any(lead.part is Part.LEAD for lead in await of_organisation(organisation_id))


async def of_place() -> list[Lead]:
    """Give the place's leads, the first named first."""
    rows = await db.fetch(
        "SELECT l.person_id, p.name FROM place_lead l"  # noqa: S608
        f" JOIN person p ON p.id = l.person_id AND {_ACTIVE} ORDER BY l.named_at, l.id"
    )
    return [Lead(**row) for row in rows]


async def members(organisation_id: UUID) -> list[tuple[UUID, str]]:
    """List who could be named, by name."""
    rows = await db.fetch(
        "SELECT m.person_id, p.name FROM membership m"  # noqa: S608
        f" JOIN person p ON p.id = m.person_id AND {_ACTIVE}"
        " WHERE m.organisation_id = {} ORDER BY lower(unaccent(p.name)), m.since",
        organisation_id,
    )
    return [(row["person_id"], row["name"]) for row in rows]


async def for_administrators(actor: Actor) -> list[Lead]:
    """Give the place's leads to those who name them.

    Raises:
        NotFound: the actor does not.
    """
    actor.require_to_know(Permission.GRANT_PLATFORM_ROLES)
    return await of_place()


async def administrators() -> list[UUID]:
    """Give who could name a lead of the place."""
    rows = await db.fetch(
        "SELECT r.person_id FROM platform_role r"  # noqa: S608
        f" JOIN person p ON p.id = r.person_id AND {_ACTIVE}"
        " WHERE r.role = 'administrator' ORDER BY p.created_at, p.id"
    )
    return [row["person_id"] for row in rows]
