"""Verbs of joining, signing in, proving who one is, and saying who one is.

Hashing takes a twentieth of a second, so it always happens before a transaction is opened; what
was read before is compared again inside, by credential version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from asyncpg import Point

from marketplace import clock, db, places
from marketplace.accounts import passwords, queries, sessions
from marketplace.accounts.administration import (
    create_administrator,
    grant_platform_role,
    reinstate,
    suspend,
    withdraw_platform_role,
)
from marketplace.accounts.consents import operations as consents
from marketplace.accounts.consents.rules import How
from marketplace.accounts.rules import RESET_LINK, RESET_WITHIN, Event, normalised_email
from marketplace.audit import record
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.permissions import ANONYMOUS, Actor
from marketplace.rate_limits import (
    MAIL_TO_ACCOUNT,
    SIGN_IN_ANYWHERE,
    SIGN_IN_BY_ACCOUNT,
    SIGN_IN_BY_ADDRESS,
    SIGN_UP,
    Limit,
    count,
)
from marketplace.signing import LinkExpired, unsign

__all__ = [
    "SignedIn",
    "ask_confirmation",
    "ask_confirmation_at",
    "ask_password_reset",
    "change_password",
    "change_profile",
    "confirm_email",
    "create_administrator",
    "grant_platform_role",
    "reinstate",
    "reset_password",
    "revoke_session",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "sign_up",
    "start_session",
    "suspend",
    "withdraw_platform_role",
]

ASKED_FOR_MAIL = Limit("account mail address", 30, timedelta(hours=1))
WRONG_PASSWORD = "The e-mail address or the password is not right"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and the token for their browser's cookie."""

    person_id: UUID
    token: str
    confirmed: bool


async def sign_up(
    *,
    name: str,
    email: str,
    password: str,
    onward: str,
    client: str,
    digest: bool = False,
    once: Once | None = None,
) -> UUID:
    """Make an account, or tell the owner of an existing one that somebody tried.

    Gives the id that marks this browser: the new person's, or nobody's. Whoever asks cannot tell
    which, neither by the answer nor by its time: both hash once and write one event. With `digest`
    the new person wants the weekly mail, a row more that the time of hashing hides; the account of
    somebody else is not changed.

    Raises:
        Conflict: the password is weak (field `password`).
        TooMany: too many tries from this client or for this address.
    """
    await count(SIGN_UP, client)
    # Before mail is counted: whoever looks for a good password is not locked out of joining.
    passwords.refuse_weak(password, name, email)
    await count(MAIL_TO_ACCOUNT, normalised_email(email))
    hashed = await passwords.hashed(password)
    person_id = new_id()
    async with db.transaction(once=once):
        # Read in both cases; written under the unique index, so a race makes one account.
        made = await db.fetch_value(
            "INSERT INTO person (id, name, email, email_typed, password_hash, onward)"
            " VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (email) DO NOTHING RETURNING id",
            person_id,
            name,
            normalised_email(email),
            email.strip(),
            hashed,
            onward,
        )
        there = await db.fetch_value(
            "SELECT id FROM person WHERE email = {}", normalised_email(email)
        )
        if made:
            person = Actor(person_id=person_id, name=name)
            await record(Event.SIGNED_UP, "person", person_id, by=person)
            if digest:
                await consents.give_digest(person, person_id, How.SIGN_UP)
        else:
            await record(Event.EXISTING_ADDRESS_USED, "person", there, by=ANONYMOUS)
    return person_id


async def sign_in(
    *, email: str, password: str, device: str, client: str, present: Actor = ANONYMOUS
) -> SignedIn:
    """Start a session for whoever knows the password; one that `present` had here ends.

    Raises:
        Conflict: not right (one sentence, whatever was wrong), or suspended.
        TooMany: too many tries at this account or from this client.
    """
    await count(SIGN_IN_BY_ADDRESS, client)
    await count(SIGN_IN_BY_ACCOUNT, f"{client} {normalised_email(email)}")
    await count(SIGN_IN_ANYWHERE, normalised_email(email))
    found = await queries.credentials_at(email)
    right, better = await passwords.verified(password, found.password_hash if found else None)
    if found is None or not right:
        raise Conflict(WRONG_PASSWORD, field="password")
    if found.suspended:
        raise Conflict(
            "Your account is suspended, so you cannot sign in. Write to us if you think that this"
            " is a mistake",
            field="email",
        )
    async with db.transaction():
        # Locked: a password changed meanwhile ends every session, and must end this one too.
        unchanged = await db.fetch_value(
            "SELECT id FROM person WHERE id = {} AND credential_version = {}"
            " AND suspended_at IS NULL FOR NO KEY UPDATE",
            found.id,
            found.credential_version,
        )
        if unchanged is None:
            raise Conflict(WRONG_PASSWORD, field="password")
        if better:
            await db.execute("UPDATE person SET password_hash = {} WHERE id = {}", better, found.id)
        if present.session_id and present.person_id:
            await sessions.close(present.session_id, present.person_id)
        token = await sessions.open_session(found.id, device)
    return SignedIn(found.id, token, found.confirmed)


async def start_session(person_id: UUID, *, device: str) -> str:
    """Sign a person in without a password and give the token: for the demo, tests and links."""
    async with db.transaction():
        return await sessions.open_session(person_id, device)


async def revoke_session(actor: Actor, session_id: UUID, *, once: Once | None = None) -> None:
    """End one session of the actor, in whatever browser.

    Raises:
        NotFound: the actor has no such session.
    """
    person_id = actor.require_person()
    async with db.transaction(once=once):
        if not await sessions.close(session_id, person_id):
            raise NotFound("That browser is signed out already.")


async def sign_out_everywhere(actor: Actor) -> None:
    """End all sessions of the actor, this one too."""
    person_id = actor.require_person()
    async with db.transaction():
        await sessions.close_all(person_id)
        await record(Event.SIGNED_OUT_EVERYWHERE, "person", person_id, by=actor)


async def sign_out(actor: Actor) -> None:
    """End the session of this browser; nothing happens where nobody is signed in."""
    if actor.session_id and actor.person_id:
        async with db.transaction():
            await sessions.close(actor.session_id, actor.person_id)


async def ask_confirmation(actor: Actor, *, once: Once | None = None) -> None:
    """Have the link that confirms the address sent to the actor once more.

    Raises:
        SignInRequired: nobody is signed in.
        TooMany: too many messages to this person.
    """
    found = await queries.credentials_of(actor.require_person())
    if found is None:
        raise NotFound
    await count(MAIL_TO_ACCOUNT, found.email)
    async with db.transaction(once=once):
        if not found.confirmed:
            await record(Event.CONFIRMATION_ASKED, "person", found.id, by=actor)


async def ask_confirmation_at(*, email: str, client: str, once: Once | None = None) -> None:
    """Have the link that confirms an address sent there, if an account waits for it."""
    await _ask_by_mail(Event.CONFIRMATION_ASKED, email, client, once)


async def ask_password_reset(*, email: str, client: str, once: Once | None = None) -> None:
    """Have a link to choose a new password sent to an address, if there is an account."""
    await _ask_by_mail(Event.PASSWORD_RESET_ASKED, email, client, once)


async def _ask_by_mail(event: Event, email: str, client: str, once: Once | None) -> None:
    """Record a wish for mail, about nobody where there is no account: the work is the same.

    Raises:
        TooMany: too many wishes from this client or for this address.
    """
    await count(ASKED_FOR_MAIL, client)
    await count(MAIL_TO_ACCOUNT, normalised_email(email))
    async with db.transaction(once=once):
        found = await queries.credentials_at(email)
        wanted = (
            found is not None
            and not found.suspended
            and not (event is Event.CONFIRMATION_ASKED and found.confirmed)
        )
        subject = found.id if found is not None and wanted else new_id()
        await record(event, "person", subject, by=ANONYMOUS)


async def confirm_email(
    token: str,
    *,
    actor: Actor,
    joining: UUID | None,
    device: str,
    once: Once | None = None,
) -> tuple[str, SignedIn | None]:
    """Note that mail reaches a person; gives where they were going ("" if nowhere).

    The browser that signed up (`joining`) is signed in too, once: whoever only holds the link has
    shown no password.

    Raises:
        LinkExpired: too old, or the credentials changed since.
        LinkBroken: not one of ours.
    """
    holder = await queries.confirm_link(token)
    async with db.transaction(once=once):
        row = await db.fetch_one(
            "SELECT onward, email_confirmed_at IS NULL AS news, suspended_at IS NULL AS welcome"
            " FROM person WHERE id = {} AND credential_version = {} FOR NO KEY UPDATE",
            holder.id,
            holder.credential_version,
        )
        if row is None:
            raise LinkExpired("This link was used already, or replaced. Ask for a new one.")
        if not row["news"]:
            return row["onward"], None
        await db.execute(
            "UPDATE person SET email_confirmed_at = {}, onward = '' WHERE id = {}",
            clock.now(),
            holder.id,
        )
        await record(Event.EMAIL_CONFIRMED, "person", holder.id, by=Actor(person_id=holder.id))
        if once is not None and row["onward"]:
            once.answer(row["onward"])
        signed_in = None
        if joining == holder.id and row["welcome"] and not actor.signed_in:
            session = await sessions.open_session(holder.id, device)
            signed_in = SignedIn(holder.id, session, True)
    return row["onward"], signed_in


async def reset_password(
    token: str, *, password: str, client: str, once: Once | None = None
) -> None:
    """Set a new password by a link from mail, which also confirms the address; ends all sessions.

    Raises:
        Conflict: the password is weak (field `password`).
        LinkExpired: too old, or used already.
        LinkBroken: not one of ours.
        TooMany: too many tries from this client.
    """
    await count(SIGN_IN_BY_ADDRESS, client)
    signed = unsign(RESET_LINK, token, within=RESET_WITHIN)
    found = await queries.credentials_of(signed.id)
    if found is None:
        raise LinkExpired("This link was used already, or replaced. Ask for a new one.")
    passwords.refuse_weak(password, found.name, found.email)
    hashed = await passwords.hashed(password)
    by = Actor(person_id=found.id, name=found.name)
    async with db.transaction(once=once):
        await _set_password(found.id, hashed, signed.version, by=by)
        if not found.confirmed:
            await db.execute(
                "UPDATE person SET email_confirmed_at = {} WHERE id = {}", clock.now(), found.id
            )
            await record(Event.EMAIL_CONFIRMED, "person", found.id, by=by)
        await sessions.close_all(found.id)


async def change_password(actor: Actor, *, present: str, password: str) -> str:
    """Change the actor's password, end their other sessions, and give this one's new token.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: the present password is not right (field `present`), or the new one is weak.
        TooMany: too many tries.
    """
    found = await queries.credentials_of(actor.require_person())
    if found is None:
        raise NotFound
    await count(SIGN_IN_BY_ACCOUNT, found.email)
    right, _ = await passwords.verified(present, found.password_hash)
    if not right:
        raise Conflict("That is not your present password", field="present")
    passwords.refuse_weak(password, found.name, found.email)
    hashed = await passwords.hashed(password)
    async with db.transaction():
        await _set_password(found.id, hashed, str(found.credential_version), by=actor)
        await sessions.close_all(found.id, but=actor.session_id)
        token = await sessions.rotate(actor.session_id) if actor.session_id else None
        return token or await sessions.open_session(found.id, "")


async def _set_password(person_id: UUID, hashed: str, version: str, *, by: Actor) -> None:
    """Replace a password if nothing replaced it meanwhile; kills every link in older mail."""
    db.require_transaction()
    changed = await db.execute(
        "UPDATE person SET password_hash = {}, credential_version = credential_version + 1"
        " WHERE id = {} AND credential_version::text = {} AND anonymised_at IS NULL",
        hashed,
        person_id,
        version,
    )
    if not changed:
        raise LinkExpired("This link was used already, or replaced. Ask for a new one.")
    await record(Event.PASSWORD_CHANGED, "person", person_id, by=by)


async def change_profile(
    actor: Actor,
    *,
    name: str,
    where: str,
    skills: Sequence[str],
    causes: Sequence[str],
    once: Once | None = None,
) -> None:
    """Change what the actor says about themselves; `where` is a postcode or a town, or empty.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: no such place is known (field `postcode`).
    """
    person_id = actor.require_person()
    located = await places.locate(where) if where else None
    if where and located is None:
        raise Conflict(
            "We do not know that place. Enter a postcode such as CM1 1AA, or a town such as"
            " Chelmsford",
            field="postcode",
        )
    async with db.transaction(once=once):
        await db.execute(
            "UPDATE person SET name = {}, postcode = {}, point = {}, skills = {}::text[],"
            " causes = {}::text[] WHERE id = {}",
            name,
            located.label if located else "",
            Point(*located.point) if located else None,
            sorted(set(skills)),
            sorted(set(causes)),
            person_id,
        )
        await record(Event.PROFILE_CHANGED, "person", person_id, by=actor)
