"""Mail that somebody wrote: the words are in it, an address of a person never is."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marketplace import mail
from marketplace.accounts.queries import contact
from marketplace.audit import Entry, Reaction
from marketplace.mail import Mail
from marketplace.messages.queries import MessageMail, mails
from marketplace.messages.rules import Event, Side
from marketplace.notifications.telling import coordinators, each, moderators, tell
from marketplace.volunteering.contact.queries import BOOKING, describe


async def came(entry: Entry) -> None:
    """Tell whoever a message is for, and whoever is given a copy of it."""
    found = await mails(message_id=entry.subject_id, broadcast_id=entry.subject_id)
    subjects = await describe([one.subject_id for one in found if one.subject_type == BOOKING])
    await each(
        _tell(
            one,
            subjects[one.subject_id].title if one.subject_id in subjects else "",
            subjects[one.subject_id].detail if one.subject_id in subjects else "",
        )
        for one in found
    )


async def _tell(message: MessageMail, title: str, when: str) -> None:
    if message.side is Side.PERSON:
        people = [
            person
            for person in await coordinators(message.organisation_id)
            if person != message.author_id
        ]
        path = f"/manage/{message.organisation_id}/messages/{message.thread_id}"
        await _mail(people, message, title, when, path, message.author_name)
        return
    path = f"/my/messages/{message.thread_id}"
    sender = f"{message.author_name} of {message.organisation_name}"
    await each(
        _mail(people, message, title, when, path, sender, copy=copy)
        for people, copy in (([message.person_id], False), (message.copies, True))
    )


async def _mail(
    people: Sequence[UUID],
    message: MessageMail,
    title: str,
    when: str,
    path: str,
    sender: str,
    *,
    copy: bool = False,
) -> None:
    context = {
        "message": message,
        "title": title,
        "when": when,
        "path": path,
        "sender": sender,
        "copy": copy,
    }
    await each(_send(message.id, person, context) for person in people)


async def _send(id: UUID, person: UUID, context: Mapping[str, Any]) -> None:
    to = await contact(person)
    if to is not None:
        # Named by the message: who looks after two people gets a copy for each.
        await mail.send(Mail(f"{id}:messages/came:{person}", to, "messages/came", context))


async def reported(entry: Entry) -> None:
    """Tell the moderators that a message waits for them."""
    await tell(
        entry,
        await moderators(),
        "messages/reported",
        path=f"/moderation/reports/{entry.subject_id}",
    )


REACTIONS = [
    Reaction(Event.SENT, "mail: somebody wrote", came),
    Reaction(Event.REPORTED, "mail: a message was reported", reported),
]
