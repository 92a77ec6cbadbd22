"""Verbs of those who look after the place on other people's accounts."""

from uuid import UUID

from marketplace import clock, db
from marketplace.accounts import passwords, queries, sessions
from marketplace.accounts.leaving.rules import Obstacle
from marketplace.accounts.leaving.steps import Part
from marketplace.accounts.rules import Event, Suspension, normalised_email
from marketplace.audit import record
from marketplace.db import Once
from marketplace.errors import CommandError, Conflict, NotAllowed, NotFound
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM, Actor, Permission, PlatformRole

_NOBODY = "We cannot find that person."
NO_OTHER = "Nobody else is an administrator. Give somebody the role first."


async def create_administrator(email: str, name: str, password: str) -> UUID:
    """Make the first administrator of an installation, confirmed, and give their id.

    Raises:
        CommandError: there is an administrator, the address is taken, or the password is weak.
    """
    try:
        passwords.refuse_weak(password, name, email)
    except Conflict as weak:
        raise CommandError(f"{weak.message}.") from weak
    hashed = await passwords.hashed(password)
    person_id = new_id()
    async with db.transaction():
        await _one_at_a_time()
        if await db.fetch_value(
            "SELECT 1 FROM platform_role WHERE role = {}", PlatformRole.ADMINISTRATOR.value
        ):
            raise CommandError(
                "There is an administrator already. Sign in as one to give others that role."
            )
        taken = CommandError("That e-mail address has an account already. Use another one.")
        with db.clashes({"person_email_unique": taken}):
            await db.execute(
                "INSERT INTO person (id, name, email, email_typed, password_hash,"
                " email_confirmed_at) VALUES ({}, {}, {}, {}, {}, {})",
                person_id,
                name,
                normalised_email(email),
                email.strip(),
                hashed,
                clock.now(),
            )
        await _give(person_id, PlatformRole.ADMINISTRATOR, by=SYSTEM)
    return person_id


async def grant_platform_role(
    actor: Actor, person_id: UUID, role: PlatformRole, *, once: Once | None = None
) -> None:
    """Give a person a role for the whole place; they have to sign in again.

    Raises:
        NotAllowed: the actor may not.
        NotFound: there is no such person.
    """
    actor.require(Permission.GRANT_PLATFORM_ROLES)
    if await queries.credentials_of(person_id) is None:
        raise NotFound(_NOBODY)
    async with db.transaction(once):
        await _give(person_id, role, by=actor)


async def withdraw_platform_role(
    actor: Actor, person_id: UUID, role: PlatformRole, *, once: Once | None = None
) -> None:
    """Take a role for the whole place from a person; they have to sign in again.

    Raises:
        NotAllowed: the actor may not.
        Conflict: nobody else is administrator.
    """
    actor.require(Permission.GRANT_PLATFORM_ROLES)
    async with db.transaction(once):
        await _one_at_a_time()
        if role is PlatformRole.ADMINISTRATOR and not await _other_administrator(person_id):
            raise Conflict(NO_OTHER)
        await _take(person_id, role, by=actor)


async def _give(person_id: UUID, role: PlatformRole, *, by: Actor) -> None:
    """Give a role once; a session from before it never gains its powers."""
    given = await db.execute(
        "INSERT INTO platform_role (id, person_id, role) VALUES ({}, {}, {})"
        " ON CONFLICT (person_id, role) DO NOTHING",
        new_id(),
        person_id,
        role.value,
    )
    if given:
        await sessions.close_all(person_id)
        await record(
            Event.PLATFORM_ROLE_GRANTED, "person", person_id, by=by, data={"role": role.value}
        )


async def _take(person_id: UUID, role: PlatformRole, *, by: Actor) -> None:
    taken = await db.execute(
        "DELETE FROM platform_role WHERE person_id = {} AND role = {}", person_id, role.value
    )
    if taken:
        await sessions.close_all(person_id)
        await record(
            Event.PLATFORM_ROLE_WITHDRAWN, "person", person_id, by=by, data={"role": role.value}
        )


async def _other_administrator(person_id: UUID) -> bool:
    """Tell whether somebody else is one; whoever was suspended or left cannot act as one."""
    return bool(
        await db.fetch_value(
            "SELECT EXISTS (SELECT FROM platform_role r JOIN person p ON p.id = r.person_id"
            " AND p.suspended_at IS NULL AND p.anonymised_at IS NULL"
            " WHERE r.role = {} AND r.person_id <> {})",
            PlatformRole.ADMINISTRATOR.value,
            person_id,
        )
    )


async def _roles(person_id: UUID) -> list[PlatformRole]:
    rows = await db.fetch(
        "SELECT role FROM platform_role WHERE person_id = {} ORDER BY role", person_id
    )
    return [PlatformRole(row["role"]) for row in rows]


async def _last_administrator(person_id: UUID) -> list[Obstacle]:
    administers = PlatformRole.ADMINISTRATOR in await _roles(person_id)
    if not administers or await _other_administrator(person_id):
        return []
    return [Obstacle(NO_OTHER, "/admin/people", "People")]


async def _lock_roles(person_id: UUID) -> None:
    if await _roles(person_id):
        await _one_at_a_time()


async def _give_up_roles(actor: Actor, person_id: UUID) -> None:
    for role in await _roles(person_id):
        await _take(person_id, role, by=actor)


# What leaving means here.
LEAVING = Part(let_go=_give_up_roles, obstacles=_last_administrator, lock=_lock_roles)


async def _one_at_a_time() -> None:
    """Let one transaction at a time judge how many administrators there are."""
    await db.execute("LOCK TABLE platform_role IN SHARE ROW EXCLUSIVE MODE")


async def suspend(
    actor: Actor,
    person_id: UUID,
    reason: Suspension = Suspension.OTHER,
    *,
    once: Once | None = None,
) -> None:
    """Keep a person out: their sessions end at once and they cannot sign in.

    Raises:
        NotAllowed: the actor may not, or it is themselves.
        NotFound: there is no such person.
    """
    actor.require(Permission.SUSPEND_PEOPLE)
    if actor.is_self(person_id):
        raise NotAllowed("You cannot suspend yourself.")
    async with db.transaction(once):
        if await _set_suspended(person_id, True):
            await sessions.close_all(person_id)
            await record(
                Event.SUSPENDED, "person", person_id, by=actor, data={"reason": reason.value}
            )


async def reinstate(actor: Actor, person_id: UUID, *, once: Once | None = None) -> None:
    """Let a suspended person sign in again.

    Raises:
        NotAllowed: the actor may not.
        NotFound: there is no such person.
    """
    actor.require(Permission.SUSPEND_PEOPLE)
    async with db.transaction(once):
        if await _set_suspended(person_id, False):
            await record(Event.REINSTATED, "person", person_id, by=actor)


async def _set_suspended(person_id: UUID, suspended: bool) -> bool:
    """Tell whether anything changed."""
    row = await db.fetch_one(
        "SELECT suspended_at IS NOT NULL AS suspended FROM person"
        " WHERE id = {} AND anonymised_at IS NULL FOR NO KEY UPDATE",
        person_id,
    )
    if row is None:
        raise NotFound(_NOBODY)
    if row["suspended"] == suspended:
        return False
    await db.execute(
        "UPDATE person SET suspended_at = {} WHERE id = {}",
        clock.now() if suspended else None,
        person_id,
    )
    return True
