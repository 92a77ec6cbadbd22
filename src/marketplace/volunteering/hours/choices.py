"""Hours that are added by hand: in which role, and of whom."""

from uuid import UUID

from marketplace import db
from marketplace.permissions import Actor
from marketplace.volunteering.roles.queries import PUBLIC, PublicRole


async def roles_here(organisation_id: UUID, limit: int = 200) -> list[PublicRole]:
    """List an organisation's roles that hours can be claimed for, those in use first."""
    rows = await db.fetch(
        f"{PUBLIC} AND g.id = {{}} ORDER BY o.state = 'open' DESC, r.retired_at IS NULL DESC,"
        " o.title, r.position, r.id LIMIT {}",
        organisation_id,
        limit,
    )
    return [PublicRole(**row) for row in rows]


# Whoever has or had a place here, applied, or has hours already.
_PEOPLE = (
    "SELECT p.id, p.name FROM person p WHERE p.anonymised_at IS NULL AND p.id IN ("
    "SELECT b.person_id FROM opportunity o JOIN shift s ON s.opportunity_id = o.id"
    "  JOIN booking b ON b.shift_id = s.id"
    "  WHERE o.organisation_id = {} AND b.state <> 'cancelled'"
    " UNION SELECT person_id FROM role_application WHERE organisation_id = {}"
    "  AND state IN ('submitted', 'approved')"
    " UNION SELECT person_id FROM hours WHERE organisation_id = {})"
)


PEOPLE_SHOWN = 100


async def people_here(actor: Actor, organisation_id: UUID, q: str = "") -> list[tuple[UUID, str]]:
    """List who volunteers with an organisation by name, the actor left out; a page at most.

    `operations.look` and `note_look` ask who may and write it down.
    """
    rows = await db.fetch(
        f"{_PEOPLE} AND p.id <> {{}} AND strpos(lower(p.name), lower({{}})) > 0"
        " ORDER BY p.name, p.id LIMIT {}",
        organisation_id,
        organisation_id,
        organisation_id,
        actor.require_person(),
        q,
        PEOPLE_SHOWN + 1,
    )
    return [(row["id"], row["name"]) for row in rows]


async def is_here(organisation_id: UUID, person_id: UUID) -> bool:
    """Tell whether somebody volunteers with an organisation."""
    found = await db.fetch_one(
        f"{_PEOPLE} AND p.id = {{}}",
        organisation_id,
        organisation_id,
        organisation_id,
        person_id,
    )
    return found is not None


async def roles_of(actor: Actor, limit: int = 50) -> list[PublicRole]:
    """List the roles the actor has had a place or hours in.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    rows = await db.fetch(
        f"{PUBLIC} AND r.id IN (SELECT s.role_id FROM booking b"  # noqa: S608
        "  JOIN shift s ON s.id = b.shift_id"
        "  WHERE b.person_id = {} AND b.state <> 'cancelled'"
        "  UNION SELECT role_id FROM hours WHERE person_id = {})"
        " ORDER BY g.name, o.title, r.position, r.id LIMIT {}",
        person,
        person,
        limit,
    )
    return [PublicRole(**row) for row in rows]
