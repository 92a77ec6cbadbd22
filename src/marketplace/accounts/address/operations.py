"""Asking for another address, and taking it."""

import json
from datetime import timedelta

from marketplace import clock, db, sealing
from marketplace.accounts import passwords, queries
from marketplace.accounts.address.queries import GONE, SEALED, of_link
from marketplace.accounts.address.tables import AddressChange
from marketplace.accounts.rules import Event, normalised_email
from marketplace.audit import record
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor
from marketplace.rate_limits import MAIL_TO_ACCOUNT, SIGN_IN_BY_ACCOUNT, count
from marketplace.signing import LinkExpired

KEPT = timedelta(days=7)


async def ask(actor: Actor, *, email: str, password: str, once: Once | None = None) -> None:
    """Have a link sent to a new address of the actor's; what was asked before is replaced.

    The answer and the work are the same whether or not the address has an account.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: the password is not theirs, or it is their address already; names the field.
        TooMany: too many tries, or too much mail to that address.
    """
    found = await queries.credentials_of(actor.require_person())
    if found is None:
        raise NotFound
    await count(SIGN_IN_BY_ACCOUNT, found.email)
    right, _ = await passwords.verified(password, found.password_hash)
    if not right:
        raise Conflict("That is not your password", field="password")
    wanted = normalised_email(email)
    if wanted == found.email:
        raise Conflict("That is your address already", field="email")
    await count(MAIL_TO_ACCOUNT, wanted)
    async with db.transaction(once):
        # One wish at a time: the later one replaces the earlier.
        await db.execute("SELECT FROM person WHERE id = {} FOR NO KEY UPDATE", found.id)
        await db.execute(
            "DELETE FROM address_change WHERE person_id = {} AND changed_at IS NULL", found.id
        )
        change = AddressChange(person_id=found.id, email=wanted, email_typed=email.strip())
        await change.save()
        await record(
            Event.EMAIL_CHANGE_ASKED, "person", found.id, by=actor, data={"change": str(change.id)}
        )


async def change(token: str, *, once: Once | None = None) -> None:
    """Take the address that a link was sent to; links in older mail die, sessions stay.

    Raises:
        LinkExpired: too old, used, replaced, or the address has an account by now.
        LinkBroken: not one of ours.
    """
    wanted = await of_link(token)
    async with db.transaction(once):
        person = await db.fetch_one(
            "SELECT name, email_typed AS email FROM person WHERE id = {} FOR UPDATE",
            wanted.person_id,
        )
        taken = LinkExpired("That address belongs to another account. Sign in with that one.")
        with db.clashes({"person_email_unique": taken}):
            done = await db.execute(
                "UPDATE person SET email = c.email, email_typed = c.email_typed,"
                " email_confirmed_at = {}, credential_version = credential_version + 1"
                " FROM address_change c WHERE c.id = {} AND c.changed_at IS NULL"
                " AND person.id = c.person_id AND person.anonymised_at IS NULL"
                " AND person.suspended_at IS NULL",
                clock.now(),
                wanted.id,
            )
        if not done or person is None:
            raise LinkExpired(GONE)
        await db.execute(
            "UPDATE address_change SET email = '', email_typed = '', changed_at = {}, old = {}"
            " WHERE id = {}",
            clock.now(),
            sealing.seal(SEALED, json.dumps(person)) if person["email"] else None,
            wanted.id,
        )
        await record(
            Event.EMAIL_CHANGED,
            "person",
            wanted.person_id,
            by=Actor(person_id=wanted.person_id),
            data={"change": str(wanted.id)},
        )


async def forget_changes() -> int:
    """Delete changes that nobody confirmed, and old addresses that could not be told."""
    return await db.execute("DELETE FROM address_change WHERE asked_at <= {}", clock.now() - KEPT)
