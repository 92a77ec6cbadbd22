"""Reading one thread: yours, or your organisation's, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.queries import SOMEBODY_WHO_LEFT
from marketplace.errors import NotFound
from marketplace.messages import inboxes
from marketplace.messages.rules import Side, Standing
from marketplace.messages.subjects import Subject, describe
from marketplace.messages.tables import MessageSeen
from marketplace.organisations.rules import State
from marketplace.permissions import Actor, Permission

NO_SUCH = "We cannot find that conversation."
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message; `text` is "" where it was taken down or went with its author."""

    id: UUID
    author_id: UUID
    author_name: str
    side: Side
    text: str
    safety: bool
    broadcast: bool
    sent_at: datetime
    removed: bool
    left: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread as one side reads it; `copied` is for whoever may read copies and not answer."""

    id: UUID
    subject_type: str
    subject_id: UUID
    subject: Subject
    side: Side
    person_id: UUID
    person_name: str
    organisation_id: UUID
    organisation_name: str
    messages: list[MessageView]
    standing: Standing
    blocked: frozenset[UUID]
    copied: bool = False


_THREAD = (
    "SELECT t.id, t.subject_type, t.subject_id, t.person_id, t.organisation_id,"
    " CASE WHEN p.anonymised_at IS NULL THEN p.name END AS person_name,"
    " g.name AS organisation_name, g.state AS organisation_state"
    " FROM message_thread t JOIN person p ON p.id = t.person_id"
    " JOIN organisation g ON g.id = t.organisation_id"
)


async def about(subject_type: str, subject_id: UUID) -> UUID | None:
    """Give the thread about a subject, None while nobody has written."""
    return await db.fetch_value(
        "SELECT id FROM message_thread WHERE subject_type = {} AND subject_id = {}",
        subject_type,
        subject_id,
    )


async def own(actor: Actor, id: UUID) -> Conversation:
    """Read a thread of the actor's own, or what they were given copies of.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or nothing in it is for them.
    """
    person = actor.require_person()
    row = await db.fetch_one(f"{_THREAD} WHERE t.id = {{}}", id)
    if row is None:
        raise NotFound(NO_SUCH)
    copied = row["person_id"] != person
    found = await _conversation(actor, row, Side.PERSON, copied=copied)
    if copied and not found.messages:
        raise NotFound(NO_SUCH)
    return found


async def organisations(actor: Actor, organisation_id: UUID, id: UUID) -> Conversation:
    """Read a thread of an organisation.

    Raises:
        NotFound: the actor may not write to its volunteers, or it has no such thread.
    """
    actor.require_to_know(Permission.WRITE_TO_VOLUNTEERS, organisation_id)
    row = await db.fetch_one(
        f"{_THREAD} WHERE t.id = {{}} AND t.organisation_id = {{}}", id, organisation_id
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return await _conversation(actor, row, Side.ORGANISATION)


async def _conversation(
    actor: Actor, row: dict[str, Any], side: Side, *, copied: bool = False
) -> Conversation:
    subject = (await describe([(row["subject_type"], row["subject_id"])]))[row["subject_id"]]
    messages = await _messages(
        actor, row["id"], side, copies_for=actor.person_id if copied else None
    )
    standing = await standing_in(
        actor,
        side,
        row["person_id"],
        row["organisation_id"],
        subject,
        thread_id=row["id"],
    )
    blocks = await db.fetch(
        "SELECT blocked_id FROM message_block WHERE {} AND person_id = {}"
        " OR NOT {} AND organisation_id = {}",
        side is Side.PERSON,
        row["person_id"],
        side is Side.PERSON,
        row["organisation_id"],
    )
    return Conversation(
        id=row["id"],
        subject_type=row["subject_type"],
        subject_id=row["subject_id"],
        subject=subject,
        side=side,
        person_id=row["person_id"],
        person_name=row["person_name"] or SOMEBODY_WHO_LEFT,
        organisation_id=row["organisation_id"],
        organisation_name=row["organisation_name"],
        messages=messages,
        standing=standing,
        blocked=frozenset(block["blocked_id"] for block in blocks),
        copied=copied,
    )


async def _messages(
    actor: Actor, thread_id: UUID, side: Side, *, copies_for: UUID | None
) -> list[MessageView]:
    rows = await db.fetch(
        "SELECT * FROM (SELECT m.id, m.author_id, m.side, m.safety, m.sent_at,"
        " m.broadcast_id IS NOT NULL AS broadcast, m.removed_at IS NOT NULL AS removed,"
        " a.anonymised_at IS NOT NULL AS left, CASE WHEN a.anonymised_at IS NULL THEN a.name END"
        " AS author_name, CASE WHEN a.anonymised_at IS NULL AND m.removed_at IS NULL"
        " THEN m.text ELSE '' END AS text"
        " FROM message m JOIN person a ON a.id = m.author_id WHERE m.thread_id = {}"
        " AND ({}::uuid IS NULL OR EXISTS (SELECT FROM message_copy c"
        "  WHERE c.message_id = m.id AND c.person_id = {}))"
        " ORDER BY m.sent_at DESC, m.id DESC LIMIT {}) AS latest ORDER BY sent_at, id",
        thread_id,
        copies_for,
        copies_for,
        MOST_SHOWN,
    )
    return [
        MessageView(
            **{
                **row,
                "side": Side(row["side"]),
                "author_name": row["author_name"] or SOMEBODY_WHO_LEFT,
                "mine": row["side"] == side.value and actor.is_self(row["author_id"]),
            }
        )
        for row in rows
    ]


async def standing_in(
    actor: Actor,
    side: Side,
    person_id: UUID,
    organisation_id: UUID,
    subject: Subject,
    *,
    thread_id: UUID | None = None,
) -> Standing:
    """Tell what decides whether the actor may write as that side."""
    row = await db.fetch_one(
        "SELECT p.anonymised_at IS NOT NULL AS left, g.state,"
        " EXISTS (SELECT FROM message_block b WHERE b.blocked_id = {} AND CASE WHEN {}"
        "  THEN b.person_id = p.id ELSE b.organisation_id = g.id END) AS blocked,"
        " (SELECT m.side <> {} FROM message m WHERE m.thread_id = {}"
        "  ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) AS awaited"
        " FROM person p, organisation g WHERE p.id = {} AND g.id = {}",
        actor.person_id,
        side is Side.ORGANISATION,
        side.value,
        thread_id,
        person_id,
        organisation_id,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return Standing(
        side=side,
        open=subject.open,
        live=subject.live,
        awaited=bool(row["awaited"]),
        blocked=row["blocked"],
        left=row["left"],
        at_work=State(row["state"]) is State.APPROVED,
    )


async def blockers(actor: Actor, people: Sequence[UUID]) -> set[UUID]:
    """Give who of some people wants no more messages from the actor."""
    rows = await db.fetch(
        "SELECT person_id FROM message_block WHERE blocked_id = {} AND person_id = ANY({}::uuid[])",
        actor.person_id,
        list(people),
    )
    return {row["person_id"] for row in rows}


async def note_seen(actor: Actor, conversation: Conversation) -> None:
    """Write down that the actor's side has read a thread, where it holds anything new."""
    if conversation.copied or actor.person_id is None:
        return
    side = conversation.side
    if await inboxes.is_new(conversation.id, side):
        await MessageSeen(
            thread_id=conversation.id, person_id=actor.person_id, side=side, at=clock.now()
        ).save()


@dataclass(frozen=True, slots=True)
class MessageMail:
    """What a mail about a new message says, and to whom it may go besides."""

    id: UUID
    thread_id: UUID
    subject_type: str
    subject_id: UUID
    person_id: UUID
    person_name: str
    organisation_id: UUID
    organisation_name: str
    author_id: UUID
    author_name: str
    side: Side
    text: str
    safety: bool
    copies: list[UUID]


async def mails(
    message_id: UUID | None = None, broadcast_id: UUID | None = None
) -> list[MessageMail]:
    """Read what is told by mail of one message, or of all of a broadcast; what is gone is not."""
    rows = await db.fetch(
        "SELECT m.id, m.thread_id, t.subject_type, t.subject_id, t.person_id,"
        " p.name AS person_name, t.organisation_id, g.name AS organisation_name, m.author_id,"
        " a.name AS author_name, m.side, m.text, m.safety,"
        " ARRAY(SELECT c.person_id FROM message_copy c WHERE c.message_id = m.id) AS copies"
        " FROM message m JOIN message_thread t ON t.id = m.thread_id"
        " JOIN person p ON p.id = t.person_id JOIN person a ON a.id = m.author_id"
        " JOIN organisation g ON g.id = t.organisation_id"
        " WHERE (m.id = {} OR m.broadcast_id = {}) AND m.removed_at IS NULL"
        " AND a.anonymised_at IS NULL AND p.anonymised_at IS NULL ORDER BY m.id",
        message_id,
        broadcast_id,
    )
    return [MessageMail(**{**row, "side": Side(row["side"])}) for row in rows]
