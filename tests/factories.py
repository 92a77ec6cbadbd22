"""What tests start from: plain functions that make one thing and fill in what is not said."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Point

from marketplace import clock, places
from marketplace.accounts.rules import normalised_email
from marketplace.accounts.tables import Person, PlatformRoleRow
from marketplace.ids import new_id
from marketplace.permissions import Actor, PlatformRole

PASSWORD = "teapot bicycle orchard"
# Of PASSWORD, with the parameters in use: hashing it anew would take longer than most tests.
PASSWORD_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$X28ijq847rQ0K3T1PXepLg$"
    "VFrAfhGliGsCrVp0XXZqMKNGuKXy2FDWpEPE1zbokeo"
)


@dataclass(frozen=True)
class APerson:
    """A person in the database; the password is PASSWORD."""

    id: UUID
    name: str
    email: str
    actor: Actor


async def a_person(
    *,
    name: str = "Kim Osei",
    email: str | None = None,
    confirmed: bool = True,
    platform: tuple[PlatformRole, ...] = (),
    postcode: str = "",
    skills: tuple[str, ...] = (),
    causes: tuple[str, ...] = (),
    suspended: bool = False,
    onward: str = "",
    created_at: datetime | None = None,
) -> APerson:
    """Make a person; `actor` has their roles for the whole place and no memberships."""
    id = new_id()
    email = email or f"{id.hex[-12:]}@example.org"
    located = places.resolve(postcode) if postcode else None
    await Person(
        id=id,
        name=name,
        email=normalised_email(email),
        email_typed=email,
        password_hash=PASSWORD_HASH,
        email_confirmed_at=clock.now() if confirmed else None,
        postcode=postcode,
        point=Point(*located.point) if located else None,
        skills=list(skills),
        causes=list(causes),
        onward=onward,
        created_at=created_at or clock.now(),
        suspended_at=clock.now() if suspended else None,
    ).save()
    for role in platform:
        await PlatformRoleRow(person_id=id, role=role).save()
    actor = Actor(person_id=id, name=name, email_confirmed=confirmed, platform=frozenset(platform))
    return APerson(id, name, email, actor)
