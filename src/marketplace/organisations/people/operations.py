"""Verbs of memberships and invitations."""

from uuid import UUID

from marketplace import audit, clock, db, rate_limits
from marketplace.db import Once
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.ids import new_id
from marketplace.organisations import queries as organisations
from marketplace.organisations import rules, tables
from marketplace.organisations.people import queries, steps
from marketplace.organisations.people.queries import Invitation
from marketplace.organisations.queries import Organisation
from marketplace.organisations.rules import (
    INVITATION_LASTS,
    INVITATION_MOVES,
    Event,
    InvitationState,
)
from marketplace.permissions import Actor, OrgRole, Permission


async def change_role(
    actor: Actor, organisation_id: UUID, person_id: UUID, role: OrgRole, *, once: Once | None = None
) -> None:
    """Give a member another role.

    Raises:
        NotFound: no such organisation or member is visible to the actor.
        NotAllowed: the actor may not change roles there.
        Conflict: the last owner would be one no more.
    """
    async with db.transaction(once):
        # The organisation's row is the lock under which its owners are counted.
        await organisations.workspace(actor, organisation_id, lock=True)
        actor.require(Permission.INVITE_PEOPLE, organisation_id)
        member = await queries.member(actor, organisation_id, person_id)
        if member.role is role:
            return
        if member.role is OrgRole.OWNER:
            await _require_other_owner(organisation_id, person_id)
        table = tables.Membership
        await table.update({table.role: role.value}).where(
            (table.organisation_id == organisation_id) & (table.person_id == person_id)
        )
        await audit.record(
            Event.MEMBERSHIP_CHANGED,
            "organisation",
            organisation_id,
            by=actor,
            organisation=organisation_id,
            data={"person": str(person_id), "from": member.role.value, "to": role.value},
        )


async def remove(
    actor: Actor, organisation_id: UUID, person_id: UUID, *, once: Once | None = None
) -> None:
    """End a membership: an owner ends anybody's, everybody may end their own.

    Raises:
        NotFound: no such organisation or member is visible to the actor.
        NotAllowed: the actor may not remove others there.
        Conflict: it is the last owner's.
    """
    async with db.transaction(once):
        await organisations.workspace(actor, organisation_id, lock=True)
        if not actor.is_self(person_id):
            actor.require(Permission.INVITE_PEOPLE, organisation_id)
        member = await queries.member(actor, organisation_id, person_id)
        if member.role is OrgRole.OWNER:
            await _require_other_owner(organisation_id, person_id)
        await steps.end(actor, organisation_id, person_id)


async def invite(
    actor: Actor, organisation_id: UUID, *, email: str, role: OrgRole, once: Once | None = None
) -> UUID:
    """Offer a membership to an e-mail address; the worker sends the link.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor may not invite people, or their own address is not confirmed.
        Conflict: the address is a member's or is invited already, or the organisation may not
            invite now; the first two name the field `email`.
        TooMany: the actor has invited too many people within the hour.
    """
    person = actor.require_person()
    email = email.strip().lower()
    await rate_limits.count(rate_limits.INVITATIONS, str(person))
    id = new_id()
    now = clock.now()
    waiting = Conflict(
        "This person is invited already. Send the invitation again instead.", field="email"
    )
    with db.clashes({"invitation_open": waiting}):
        async with db.transaction(once):
            organisation = await _inviting(actor, organisation_id)
            if await queries.is_address_of_member(organisation_id, email):
                raise Conflict("This person belongs to the organisation already.", field="email")
            if not rules.may_invite(organisation.state, await queries.count_open(organisation_id)):
                raise Conflict(
                    f"Until a moderator has approved {organisation.name}, you can invite"
                    f" {rules.INVITATIONS_BEFORE_APPROVAL} people. Invite more once it is approved."
                )
            await tables.Invitation(
                id=id,
                organisation_id=organisation_id,
                email=email,
                role=role.value,
                state=InvitationState.OPEN.value,
                version=1,
                invited_by=person,
                created_at=now,
                expires_at=now + INVITATION_LASTS,
            ).save()
            await _record_made(actor, organisation_id, id, 1)
    return id


async def send_again(
    actor: Actor, organisation_id: UUID, invitation_id: UUID, *, once: Once | None = None
) -> None:
    """Send an invitation anew: its fourteen days begin again and older links die.

    Raises:
        NotFound: no such organisation or invitation is visible to the actor.
        NotAllowed: the actor may not invite people.
        Conflict: it was answered or withdrawn, or the organisation may not invite now.
        TooMany: the actor has invited too many people within the hour.
    """
    person = actor.require_person()
    await rate_limits.count(rate_limits.INVITATIONS, str(person))
    async with db.transaction(once):
        await _inviting(actor, organisation_id)
        found = await queries.invitation(actor, organisation_id, invitation_id, lock=True)
        if found.state is not InvitationState.OPEN:
            raise IllegalMove(f"This invitation was {found.state.value} and is not open any more.")
        version = found.version + 1
        table = tables.Invitation
        await table.update(
            {
                table.version: version,
                table.invited_by: person,
                table.expires_at: clock.now() + INVITATION_LASTS,
            }
        ).where(table.id == invitation_id)
        await _record_made(actor, organisation_id, invitation_id, version)


async def withdraw(
    actor: Actor, organisation_id: UUID, invitation_id: UUID, *, once: Once | None = None
) -> None:
    """Take an invitation back; its link says so.

    Raises:
        NotFound: no such organisation or invitation is visible to the actor.
        NotAllowed: the actor may not invite people.
        IllegalMove: it was answered or withdrawn.
    """
    async with db.transaction(once):
        await organisations.workspace(actor, organisation_id)
        found = await queries.invitation(actor, organisation_id, invitation_id, lock=True)
        await _settle(actor, found, InvitationState.WITHDRAWN, Event.INVITATION_WITHDRAWN)


async def accept(
    actor: Actor, invitation_id: UUID, version: int, *, once: Once | None = None
) -> Invitation:
    """Join the organisation that invited; accepting twice is accepting once.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such invitation.
        NotAllowed: it was sent to another address than the actor's confirmed one.
        Conflict: it was answered, withdrawn, sent anew or has expired, or the organisation
            takes nobody on.
    """
    person = actor.require_person()
    async with db.transaction(once):
        found = await _answerable(actor, invitation_id, version)
        if found.state is InvitationState.ACCEPTED and await queries.is_member(
            found.organisation_id, person
        ):
            return found
        _require_open(found)
        await _settle(actor, found, InvitationState.ACCEPTED, Event.INVITATION_ACCEPTED)
        # Whoever belongs already keeps the role they have: an old link must not lower an owner.
        joined = await db.execute(
            "INSERT INTO membership (id, organisation_id, person_id, role, since)"
            " VALUES ({}, {}, {}, {}, {}) ON CONFLICT (person_id, organisation_id) DO NOTHING",
            new_id(),
            found.organisation_id,
            person,
            found.role.value,
            clock.now(),
        )
        if joined:
            await audit.record(
                Event.MEMBERSHIP_CHANGED,
                "organisation",
                found.organisation_id,
                by=actor,
                organisation=found.organisation_id,
                data={"person": str(person), "from": None, "to": found.role.value},
            )
    return found


async def decline(
    actor: Actor, invitation_id: UUID, version: int, *, once: Once | None = None
) -> Invitation:
    """Say no to an invitation; declining twice is declining once.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such invitation.
        NotAllowed: it was sent to another address than the actor's confirmed one.
        Conflict: it was accepted, withdrawn, sent anew or has expired.
    """
    actor.require_person()
    async with db.transaction(once):
        found = await _answerable(actor, invitation_id, version)
        if found.state is InvitationState.DECLINED:
            return found
        await _settle(actor, found, InvitationState.DECLINED, Event.INVITATION_DECLINED)
    return found


async def _inviting(actor: Actor, organisation_id: UUID) -> Organisation:
    organisation = await organisations.workspace(actor, organisation_id, lock=True)
    actor.require(Permission.INVITE_PEOPLE, organisation_id)
    if not actor.email_confirmed:
        raise NotAllowed("Confirm your own e-mail address before you invite others.")
    if organisation.state not in rules.AT_WORK:
        raise Conflict(f"{organisation.name} cannot invite people while it is not active.")
    return organisation


async def _answerable(actor: Actor, invitation_id: UUID, version: int) -> Invitation:
    found = await queries.invitation_by_id(invitation_id, lock=True)
    if found is None:
        raise NotFound("We cannot find that invitation. Ask for a new one.")
    if not await queries.has_address(actor.require_person(), found.email):
        raise NotAllowed(
            f"This invitation was sent to {rules.masked(found.email)}. Sign in with that address,"
            " or ask for an invitation to the one you use."
        )
    if found.version != version:
        raise Conflict("This invitation was sent again since. Use the link in the newest message.")
    return found


def _require_open(found: Invitation) -> None:
    if found.expired:
        raise Conflict(
            f"This invitation has expired. Ask {found.organisation_name} to send it again."
        )
    if found.organisation_state not in rules.AT_WORK:
        raise Conflict(f"{found.organisation_name} is not active here any more.")


async def _settle(actor: Actor, found: Invitation, state: InvitationState, event: Event) -> None:
    db.require_transaction()
    INVITATION_MOVES.check(found.state, state)
    table = tables.Invitation
    await table.update({table.state: state.value}).where(table.id == found.id)
    await audit.record(
        event,
        "invitation",
        found.id,
        by=actor,
        organisation=found.organisation_id,
        data={"role": found.role.value},
    )


async def _record_made(
    actor: Actor, organisation_id: UUID, invitation_id: UUID, version: int
) -> None:
    await audit.record(
        Event.INVITATION_MADE,
        "invitation",
        invitation_id,
        by=actor,
        organisation=organisation_id,
        data={"version": version},
    )


async def _require_other_owner(organisation_id: UUID, person_id: UUID) -> None:
    db.require_transaction()
    if not await queries.count_owners(organisation_id, without=person_id):
        raise Conflict(
            "An organisation always has an owner. Make somebody else an owner first, then do"
            " this again."
        )
