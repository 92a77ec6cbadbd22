"""Mail about registrations, and to and about people who are invited."""

from marketplace import clock, db, mail
from marketplace.accounts.queries import names
from marketplace.audit import Entry, Reaction
from marketplace.errors import NotFound
from marketplace.mail import Mail, Recipient
from marketplace.notifications.telling import key, moderators, tell
from marketplace.organisations import queries
from marketplace.organisations.people.queries import invitation_by_id
from marketplace.organisations.rules import Event, InvitationState, State
from marketplace.permissions import SYSTEM
from marketplace.signing import sign

INVITATION_LINK = "invitation"


async def submitted(entry: Entry) -> None:
    """Tell the moderators that a registration waits for them."""
    found = await _as_it_stands(entry, State.SUBMITTED)
    if found is not None:
        await tell(entry, await moderators(), "organisations/submitted", organisation=found)


async def approved(entry: Entry) -> None:
    """Tell the owners that they can publish."""
    await _tell_owners(entry, State.APPROVED, "organisations/approved")


async def returned(entry: Entry) -> None:
    """Tell the owners what the moderator asks them to mend."""
    await _tell_owners(entry, State.NEEDS_WORK, "organisations/returned")


async def refused(entry: Entry) -> None:
    """Tell the owners that, and why, they were refused."""
    await _tell_owners(entry, State.REFUSED, "organisations/refused")


async def suspended(entry: Entry) -> None:
    """Tell the owners that, and why, their pages were taken down."""
    await _tell_owners(entry, State.SUSPENDED, "organisations/suspended")


async def reinstated(entry: Entry) -> None:
    """Tell the owners that their pages are back."""
    await _tell_owners(entry, State.APPROVED, "organisations/reinstated")


async def invited(entry: Entry) -> None:
    """Send an invitation to the address it was made for."""
    found = await invitation_by_id(entry.subject_id)
    if (
        found is None
        or found.state is not InvitationState.OPEN
        or found.expired
        # Sent anew meanwhile: that message has the link that works.
        or found.version != entry.data.get("version", found.version)
    ):
        return
    token = sign(INVITATION_LINK, found.id, found.version)
    await mail.send(
        Mail(
            key(entry, "organisations/invited"),
            Recipient(found.email),
            "organisations/invited",
            {
                "invitation": found,
                "path": f"/invitations/{token}",
                "until": clock.date_words(clock.local(found.expires_at).date()),
            },
        )
    )


async def joined(entry: Entry) -> None:
    """Tell whoever invited that it was accepted."""
    found = await invitation_by_id(entry.subject_id)
    if found is None or entry.actor_id is None:
        return
    inviter = await db.fetch_value(
        "SELECT invited_by FROM invitation WHERE id = {}", entry.subject_id
    )
    if inviter is None:
        return
    name = (await names([entry.actor_id]))[entry.actor_id]
    await tell(entry, [inviter], "organisations/joined", invitation=found, name=name)


async def _as_it_stands(entry: Entry, state: State) -> queries.Organisation | None:
    """Give the organisation an event is about, None where it has moved on meanwhile."""
    try:
        found = await queries.organisation(SYSTEM, entry.subject_id)
    except NotFound:
        return None
    return found if found.state is state else None


async def _tell_owners(entry: Entry, state: State, template: str) -> None:
    found = await _as_it_stands(entry, state)
    if found is not None:
        await tell(entry, await queries.owners(found.id), template, organisation=found)


REACTIONS = [
    Reaction(Event.SUBMITTED, "mail: a registration waits", submitted),
    Reaction(Event.APPROVED, "mail: the registration is approved", approved),
    Reaction(Event.RETURNED, "mail: the registration needs work", returned),
    Reaction(Event.REFUSED, "mail: the registration is refused", refused),
    Reaction(Event.SUSPENDED, "mail: the organisation is suspended", suspended),
    Reaction(Event.REINSTATED, "mail: the organisation is back", reinstated),
    Reaction(Event.INVITATION_MADE, "mail: an invitation", invited),
    Reaction(Event.INVITATION_ACCEPTED, "mail: the invitation is accepted", joined),
]
