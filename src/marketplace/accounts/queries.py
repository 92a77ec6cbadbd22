"""Reads of accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.rules import (
    CONFIRM_LINK,
    CONFIRM_WITHIN,
    RESET_LINK,
    RESET_WITHIN,
    normalised_email,
)
from marketplace.permissions import Actor
from marketplace.signing import LinkExpired, unsign

SOMEBODY_WHO_LEFT = "Somebody who left"


@dataclass(frozen=True, slots=True)
class Contact:
    """How mail reaches a person; `email` as they typed it."""

    id: UUID
    name: str
    email: str
    confirmed: bool
    credential_version: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves who somebody is; for operations only, never for a page."""

    id: UUID
    name: str
    email: str
    password_hash: str | None
    credential_version: int
    confirmed: bool
    suspended: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says about themselves, as they see it."""

    id: UUID
    name: str
    email: str
    confirmed: bool
    postcode: str
    skills: list[str]
    causes: list[str]
    since: datetime
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser a person is signed in with; `current` is the one that asks."""

    id: UUID
    device: str
    since: datetime
    seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a link from mail stands for."""

    id: UUID
    credential_version: int
    confirmed: bool


async def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Name people; those who left, and ids of nobody, are "Somebody who left"."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = await db.fetch(
        "SELECT id, name FROM person WHERE id = ANY({}::uuid[]) AND anonymised_at IS NULL",
        list(wanted),
    )
    return dict.fromkeys(wanted, SOMEBODY_WHO_LEFT) | {row["id"]: row["name"] for row in rows}


async def contact(person_id: UUID) -> Contact | None:
    """Tell how to write to a person, for the worker; None for who left, never was, or cannot be.

    Whom an import brought and who has not claimed the account is written to by nobody.
    """
    row = await db.fetch_one(
        "SELECT id, name, email_typed AS email, email_confirmed_at IS NOT NULL AS confirmed,"
        " credential_version FROM person"
        " WHERE id = {} AND email_typed IS NOT NULL AND anonymised_at IS NULL"
        " AND unclaimed_since IS NULL",
        person_id,
    )
    return Contact(**row) if row else None


_CREDENTIALS = (
    "SELECT id, name, email, password_hash, credential_version,"
    " email_confirmed_at IS NOT NULL AS confirmed, suspended_at IS NOT NULL AS suspended"
    " FROM person WHERE anonymised_at IS NULL AND "
)


async def credentials_of(person_id: UUID) -> Credentials | None:
    """Read what proves who a person is."""
    row = await db.fetch_one(_CREDENTIALS + "id = {}", person_id)
    return Credentials(**row) if row else None


async def credentials_at(email: str) -> Credentials | None:
    """Read what proves who the person at an address is; None where there is no account."""
    row = await db.fetch_one(_CREDENTIALS + "email = {}", normalised_email(email))
    return Credentials(**row) if row else None


async def profile(actor: Actor) -> Profile:
    """Read the actor's own profile.

    Raises:
        SignInRequired: nobody is signed in.
    """
    row = await db.fetch_one(
        "SELECT id, name, email_typed AS email, email_confirmed_at IS NOT NULL AS confirmed,"
        " postcode, skills, causes, created_at AS since, born_on FROM person WHERE id = {}",
        actor.require_person(),
    )
    assert row is not None
    return Profile(**row)


async def open_sessions(actor: Actor) -> list[OpenSession]:
    """List the browsers the actor is signed in with, this one first, then the latest used.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        "SELECT id, device, created_at AS since, seen_at, id = {}::uuid AS current FROM session"
        " WHERE person_id = {} AND expires_at > {} ORDER BY current DESC, seen_at DESC",
        actor.session_id,
        actor.require_person(),
        clock.now(),
    )
    return [OpenSession(**{**row, "current": bool(row["current"])}) for row in rows]


async def confirm_link(token: str) -> Holder:
    """Read a link that confirms an address.

    Raises:
        LinkExpired: too old, or the person's credentials changed since.
        LinkBroken: not one of ours.
    """
    return await _holder(CONFIRM_LINK, token)


async def reset_link(token: str) -> Holder:
    """Read a link that lets a person choose a new password.

    Raises:
        LinkExpired: too old, used already, or the credentials changed otherwise since.
        LinkBroken: not one of ours.
    """
    return await _holder(RESET_LINK, token)


async def _holder(purpose: str, token: str) -> Holder:
    within = CONFIRM_WITHIN if purpose == CONFIRM_LINK else RESET_WITHIN
    signed = unsign(purpose, token, within=within)
    found = await credentials_of(signed.id)
    if found is None or str(found.credential_version) != signed.version:
        raise LinkExpired("This link was used already, or replaced. Ask for a new one.")
    return Holder(found.id, found.credential_version, found.confirmed)
