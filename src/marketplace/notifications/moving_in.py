"""Mail to those whom an import brought or a broker signed up: a link to claim what is theirs."""

from uuid import UUID

from marketplace import mail
from marketplace.accounts.rules import Event as Accounts
from marketplace.audit import Entry, Reaction
from marketplace.mail import Mail
from marketplace.notifications.telling import each, key
from marketplace.signing import sign
from marketplace.volunteering.assisted.rules import Event as Assisted
from marketplace.volunteering.moving_in import queries, running
from marketplace.volunteering.moving_in.rules import CLAIM_LINK, Event


async def invited(entry: Entry) -> None:
    """Send everybody of an import the link to claim their account, once."""
    while people := await running.next_to_invite(entry.subject_id):
        await each(_invite(entry, person) for person in people)


async def _invite(entry: Entry, person_id: UUID) -> None:
    await _send(entry, person_id)
    await running.note_invited(entry.subject_id, person_id)


async def asked(entry: Entry) -> None:
    """Send the link to somebody who tries to get in with an address that nobody has claimed."""
    await _send(entry, entry.subject_id, asked=True)


async def noted(entry: Entry) -> None:
    """Send the link to somebody whose address a broker has noted."""
    await _send(entry, entry.subject_id)


async def _send(entry: Entry, person_id: UUID, *, asked: bool = False) -> None:
    found = await queries.unclaimed(person_id)
    if found is None:
        return
    person = found.person
    path = f"/claim/{sign(CLAIM_LINK, person.id, person.credential_version)}"
    name = key(entry, "moving_in/claim", person.id)
    context = {"path": path, "assisted": found.assisted, "asked": asked}
    await mail.send(Mail(name, person, "moving_in/claim", context))


REACTIONS = [
    Reaction(Assisted.ADDRESS_GIVEN, "mail: claim it, you have an address now", noted),
    Reaction(Event.INVITED, "mail: claim your account", invited),
    Reaction(Accounts.EXISTING_ADDRESS_USED, "mail: claim it, you tried to join", asked),
    Reaction(Accounts.PASSWORD_RESET_ASKED, "mail: claim it, you asked for a password", asked),
    Reaction(Accounts.CONFIRMATION_ASKED, "mail: claim it, you asked for a link", asked),
]
