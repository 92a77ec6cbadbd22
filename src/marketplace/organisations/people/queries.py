"""Reads of memberships and invitations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.organisations.rules import AT_WORK, InvitationState, State, expired
from marketplace.permissions import Actor, OrgRole, Permission


@dataclass(frozen=True, slots=True)
class Member:
    """A person with a role; their e-mail address is not shown to other members."""

    person_id: UUID
    name: str
    role: OrgRole
    since: datetime


async def members(actor: Actor, organisation_id: UUID) -> list[Member]:
    """Give who belongs to an organisation, owners first, then by name.

    Raises:
        NotAllowed: the actor may not see its people.
    """
    actor.require(Permission.VIEW_PEOPLE, organisation_id)
    rows = await db.fetch(
        "SELECT m.person_id, p.name, m.role, m.since FROM membership m"
        " JOIN person p ON p.id = m.person_id WHERE m.organisation_id = {}"
        " ORDER BY m.role <> 'owner', lower(unaccent(p.name)), m.since",
        organisation_id,
    )
    return [Member(**{**row, "role": OrgRole(row["role"])}) for row in rows]


async def member(actor: Actor, organisation_id: UUID, person_id: UUID) -> Member:
    """Give one member.

    Raises:
        NotAllowed: the actor may not see its people, and it is not themselves.
        NotFound: that person does not belong to it.
    """
    if not actor.is_self(person_id):
        actor.require(Permission.VIEW_PEOPLE, organisation_id)
    row = await db.fetch_one(
        "SELECT m.person_id, p.name, m.role, m.since FROM membership m"
        " JOIN person p ON p.id = m.person_id WHERE m.organisation_id = {} AND m.person_id = {}",
        organisation_id,
        person_id,
    )
    if row is None:
        raise NotFound("That person does not belong to this organisation any more.")
    return Member(**{**row, "role": OrgRole(row["role"])})


async def count_owners(organisation_id: UUID, *, without: UUID) -> int:
    """Count the owners who would be left; hold the organisation's row, or it means nothing."""
    return await db.fetch_value(
        "SELECT count(*) FROM membership m JOIN person p ON p.id = m.person_id"
        " WHERE m.organisation_id = {} AND m.role = 'owner' AND m.person_id <> {}"
        " AND p.anonymised_at IS NULL",
        organisation_id,
        without,
    )


@dataclass(frozen=True, slots=True)
class Invitation:
    """A membership offered; `invited_by` is the name of who did, "" if they have left."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_state: State
    email: str
    role: OrgRole
    state: InvitationState
    version: int
    invited_by: str
    created_at: datetime
    expires_at: datetime

    @property
    def expired(self) -> bool:
        """Tell whether it is too old to be answered."""
        return self.state is InvitationState.OPEN and expired(self.expires_at, clock.now())


_SELECT = (
    "SELECT i.id, i.organisation_id, o.name AS organisation_name,"
    " o.state AS organisation_state, i.email, i.role, i.state, i.version,"
    " coalesce(p.name, '') AS invited_by, i.created_at, i.expires_at FROM invitation i"
    " JOIN organisation o ON o.id = i.organisation_id"
    " LEFT JOIN person p ON p.id = i.invited_by AND p.anonymised_at IS NULL"
)


def _invitation(row: dict[str, Any]) -> Invitation:
    return Invitation(
        **{
            **row,
            "organisation_state": State(row["organisation_state"]),
            "role": OrgRole(row["role"]),
            "state": InvitationState(row["state"]),
        }
    )


async def invitations(actor: Actor, organisation_id: UUID) -> list[Invitation]:
    """Give the open invitations of an organisation, expired ones too, the newest first.

    Raises:
        NotAllowed: the actor may not invite people, so addresses are not for them.
    """
    actor.require(Permission.INVITE_PEOPLE, organisation_id)
    rows = await db.fetch(
        _SELECT + " WHERE i.organisation_id = {} AND i.state = 'open' ORDER BY i.created_at DESC",
        organisation_id,
    )
    return [_invitation(row) for row in rows]


async def invitation_by_id(id: UUID, *, lock: bool = False) -> Invitation | None:
    """Give an invitation, for whoever holds its signed link or sends it; None if there is none."""
    row = await db.fetch_one(
        _SELECT + " WHERE i.id = {}" + (" FOR UPDATE OF i" if lock else ""), id
    )
    return _invitation(row) if row else None


async def invitation(
    actor: Actor, organisation_id: UUID, id: UUID, *, lock: bool = False
) -> Invitation:
    """Give an invitation of an organisation to somebody who manages it.

    Raises:
        NotAllowed: the actor may not invite people.
        NotFound: this organisation has no such invitation.
    """
    actor.require(Permission.INVITE_PEOPLE, organisation_id)
    found = await invitation_by_id(id, lock=lock)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("We cannot find that invitation.")
    return found


async def is_member(organisation_id: UUID, person_id: UUID) -> bool:
    """Tell whether a person belongs to an organisation."""
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM membership WHERE organisation_id = {} AND person_id = {})",
        organisation_id,
        person_id,
    )


async def is_address_of_member(organisation_id: UUID, email: str) -> bool:
    """Tell whether a normalised address is that of somebody who belongs already."""
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM membership m JOIN person p ON p.id = m.person_id"
        " WHERE m.organisation_id = {} AND p.email = {})",
        organisation_id,
        email,
    )


async def count_open(organisation_id: UUID) -> int:
    """Count the invitations that wait for an answer, expired ones included."""
    return await db.fetch_value(
        "SELECT count(*) FROM invitation WHERE organisation_id = {} AND state = 'open'",
        organisation_id,
    )


async def has_address(person_id: UUID, email: str) -> bool:
    """Tell whether a normalised address is a person's own and confirmed."""
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM person WHERE id = {} AND email = {}"
        " AND email_confirmed_at IS NOT NULL)",
        person_id,
        email,
    )


class Standing(StrEnum):
    """What a visitor can do about an invitation."""

    MAY_ANSWER = "may_answer"
    SIGN_IN = "sign_in"
    CONFIRM_ADDRESS = "confirm_address"
    OTHER_ADDRESS = "other_address"
    BELONGS = "belongs"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ANSWERED = "answered"
    EXPIRED = "expired"
    OLD_LINK = "old_link"
    INACTIVE = "inactive"


async def standing(actor: Actor, found: Invitation, version: int) -> Standing:
    """Tell what somebody who opened the link of that version can do."""
    if found.organisation_id in actor.memberships:
        return Standing.BELONGS
    match found.state:
        case InvitationState.WITHDRAWN:
            return Standing.WITHDRAWN
        case InvitationState.DECLINED:
            return Standing.DECLINED
        case InvitationState.ACCEPTED:
            return Standing.ANSWERED
        case InvitationState.OPEN:
            pass
    if found.version != version:
        return Standing.OLD_LINK
    if found.expired:
        return Standing.EXPIRED
    if found.organisation_state not in AT_WORK:
        return Standing.INACTIVE
    if actor.person_id is None:
        return Standing.SIGN_IN
    if await has_address(actor.person_id, found.email):
        return Standing.MAY_ANSWER
    if not actor.email_confirmed:
        return Standing.CONFIRM_ADDRESS
    return Standing.OTHER_ADDRESS
