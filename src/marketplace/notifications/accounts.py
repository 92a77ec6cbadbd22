"""Mail about one's own account. The links are signed here: no queue and no history holds one."""

from uuid import UUID

from marketplace import db, mail
from marketplace.accounts.address import queries as address
from marketplace.accounts.leaving import queries as leaving
from marketplace.accounts.leaving.rules import Event as Leaving
from marketplace.accounts.queries import contact
from marketplace.accounts.rules import CHANGE_LINK, CONFIRM_LINK, RESET_LINK, Event
from marketplace.audit import Entry, Reaction
from marketplace.mail import Mail, Recipient
from marketplace.notifications.telling import key, tell
from marketplace.signing import sign


async def confirm(entry: Entry) -> None:
    """Ask whoever signed up to confirm their address."""
    person = await contact(entry.subject_id)
    if person is None or person.confirmed:
        return
    token = sign(CONFIRM_LINK, person.id, person.credential_version)
    await tell(entry, [person.id], "accounts/confirm", path=f"/confirm-email/{token}")


async def existing(entry: Entry) -> None:
    """Tell the owner of an address that somebody tried to sign up with it."""
    await tell(entry, [entry.subject_id], "accounts/existing")


async def reset(entry: Entry) -> None:
    """Send the link to choose a new password; nothing where no such person is."""
    person = await contact(entry.subject_id)
    if person is None:
        return
    token = sign(RESET_LINK, person.id, person.credential_version)
    await tell(entry, [person.id], "accounts/reset", path=f"/password-reset/{token}")


async def password_changed(entry: Entry) -> None:
    """Tell a person that their password changed."""
    await tell(entry, [entry.subject_id], "accounts/password_changed", at=entry.at)


async def left(entry: Entry) -> None:
    """Tell somebody who left that it is done, and forget the address that this took."""
    to = await leaving.farewell(entry.subject_id)
    if to is not None:
        asked = entry.actor_id != entry.subject_id
        await mail.send(
            Mail(
                key(entry, "accounts/left"),
                Recipient(to.email, to.name),
                "accounts/left",
                {"asked": asked},
            )
        )
    await db.execute("DELETE FROM farewell WHERE id = {}", entry.subject_id)


async def new_address(entry: Entry) -> None:
    """Send the link to a new address; whoever has an account there is told instead."""
    found = await address.waiting(UUID(entry.data["change"])) if "change" in entry.data else None
    if found is None:
        return
    if found.taken_by:
        await tell(entry, [found.taken_by], "accounts/address_taken")
        return
    path = f"/account/email/{sign(CHANGE_LINK, found.id)}"
    await mail.send(
        Mail(
            key(entry, "accounts/new_address"),
            Recipient(found.email),
            "accounts/new_address",
            {"path": path},
        )
    )


async def address_changed(entry: Entry) -> None:
    """Tell the address that was, and forget it."""
    id = UUID(entry.data["change"]) if "change" in entry.data else None
    to = await address.old_address(id) if id else None
    if to is not None:
        await mail.send(
            Mail(
                key(entry, "accounts/address_changed"),
                Recipient(to.email, to.name),
                "accounts/address_changed",
                {"at": entry.at},
            )
        )
    await db.execute("DELETE FROM address_change WHERE id = {} AND changed_at IS NOT NULL", id)


REACTIONS = [
    Reaction(Event.EMAIL_CHANGE_ASKED, "mail: use this address", new_address),
    Reaction(Event.EMAIL_CHANGED, "mail: your account has another address", address_changed),
    Reaction(Leaving.LEFT, "mail: your account is deleted", left),
    Reaction(Event.SIGNED_UP, "mail: confirm the address", confirm),
    Reaction(Event.CONFIRMATION_ASKED, "mail: confirm the address, again", confirm),
    Reaction(Event.EXISTING_ADDRESS_USED, "mail: there is an account already", existing),
    Reaction(Event.PASSWORD_RESET_ASKED, "mail: choose a new password", reset),
    Reaction(Event.PASSWORD_CHANGED, "mail: the password was changed", password_changed),
]
