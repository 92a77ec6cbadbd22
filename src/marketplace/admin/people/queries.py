"""Finding one person by their whole address, for administrators alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import db
from marketplace.accounts.rules import normalised_email
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor, Permission, PlatformRole


@dataclass(frozen=True, slots=True)
class PersonView:
    """What an administrator needs to know of somebody."""

    id: UUID
    name: str
    email: str
    confirmed: bool
    created_at: datetime
    suspended_at: datetime | None
    roles: tuple[PlatformRole, ...]
    organisations: tuple[str, ...]


async def find(actor: Actor, who: str) -> UUID:
    """Give whose address it is, or whose number: some have no address.

    There is no list and no searching by part of a name.

    Raises:
        NotFound: the actor is no administrator.
        Conflict: it is nobody's; names the field.
    """
    actor.require_to_know(Permission.SUSPEND_PEOPLE)
    found = await db.fetch_value(
        "SELECT id FROM person WHERE anonymised_at IS NULL AND (email = {} OR id = {})",
        normalised_email(who),
        _number(who),
    )
    if found is None:
        raise Conflict("Nobody has that address or number. Check how it is written", field="who")
    return found


def _number(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


async def person(actor: Actor, id: UUID) -> PersonView:
    """Read one person.

    Raises:
        NotFound: the actor is no administrator, or the person left or never was.
    """
    actor.require_to_know(Permission.SUSPEND_PEOPLE)
    row = await db.fetch_one(
        "SELECT p.id, p.name, coalesce(p.email_typed, '') AS email,"
        " p.email_confirmed_at IS NOT NULL AS confirmed, p.created_at, p.suspended_at,"
        " ARRAY(SELECT r.role FROM platform_role r WHERE r.person_id = p.id ORDER BY r.role)"
        " AS roles, ARRAY(SELECT g.name || ' (' || replace(m.role, '_', ' ') || ')'"
        "  FROM membership m JOIN organisation g ON g.id = m.organisation_id"
        "  WHERE m.person_id = p.id ORDER BY lower(unaccent(g.name)), g.id) AS organisations"
        " FROM person p WHERE p.id = {} AND p.anonymised_at IS NULL",
        id,
    )
    if row is None:
        raise NotFound("We cannot find that person. They may have left.")
    return PersonView(
        **{
            **row,
            "roles": tuple(PlatformRole(role) for role in row["roles"]),
            "organisations": tuple(row["organisations"]),
        }
    )
