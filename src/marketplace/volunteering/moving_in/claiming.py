"""Claiming what an import made, by whoever was invited."""

from marketplace import audit, clock, db
from marketplace.accounts import passwords, sessions
from marketplace.accounts.leaving import steps as leaving
from marketplace.accounts.rules import Event as Accounts
from marketplace.db import Once
from marketplace.permissions import Actor
from marketplace.signing import LinkExpired
from marketplace.volunteering.moving_in import queries
from marketplace.volunteering.moving_in.rules import Event


async def claim(token: str, *, password: str, device: str, once: Once | None = None) -> str:
    """Take over an account that an import made: gives the token of the session that begins.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, too old, or used.
        Conflict: the password is weak (field `password`).
    """
    found = (await queries.claimable(token)).person
    passwords.refuse_weak(password, found.name, found.email)
    hashed = await passwords.hashed(password)
    by = Actor(person_id=found.id, name=found.name)
    async with db.transaction(once):
        changed = await db.execute(
            "UPDATE person SET password_hash = {}, email_confirmed_at = {},"
            " credential_version = credential_version + 1 WHERE id = {}"
            " AND credential_version = {} AND unclaimed_since IS NOT NULL",
            hashed,
            clock.now(),
            found.id,
            found.credential_version,
        )
        if not changed:
            raise LinkExpired("This invitation was used already. Sign in with your password.")
        await audit.record(Event.CLAIMED, "person", found.id, by=by)
        await audit.record(Accounts.EMAIL_CONFIRMED, "person", found.id, by=by)
        return await sessions.open_session(found.id, device)


async def decline(token: str, *, once: Once | None = None) -> None:
    """Forget somebody who wants no account; hours they gave stay without a name.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, too old, or used.
    """
    found = (await queries.claimable(token)).person
    async with db.transaction(once):
        await leaving.end(found.id)
        await audit.record(Event.DECLINED, "person", found.id, by=Actor(person_id=found.id))
