"""Writing, blocking, and the one step through which every message goes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.messages import queries
from marketplace.messages.queries import Conversation
from marketplace.messages.rules import OTHER, Event, Side, obstacle
from marketplace.messages.subjects import Subject
from marketplace.messages.tables import Message, MessageCopy
from marketplace.permissions import Actor, Permission
from marketplace.rate_limits import Limit, count

MESSAGES = Limit("messages person", 60, timedelta(hours=1))
BROADCASTS = Limit("broadcasts person", 20, timedelta(hours=1))
MOST_AT_ONCE = 1000

Copies = Callable[[UUID, UUID], Awaitable[Sequence[UUID]]]


async def _nobody(person_id: UUID, organisation_id: UUID) -> Sequence[UUID]:
    return ()


# Who else is given every message to a person, such as the guardian of somebody under 18. The
# feature that knows sets it, in the web's process and in the worker's: reminders ask it too.
COPIES: Copies = _nobody


def set_copies(copies: Copies) -> None:
    """Take whoever tells who else is given a message of an organisation."""
    global COPIES
    COPIES = copies


@dataclass(frozen=True, slots=True)
class About:
    """What a thread is about, and whose it is."""

    subject_type: str
    subject_id: UUID
    organisation_id: UUID
    person_id: UUID


async def send(
    actor: Actor,
    about: Sequence[About],
    text: str,
    side: Side,
    *,
    safety: bool = False,
    broadcast: bool = False,
) -> list[UUID]:
    """Put a message into the thread of each subject, and give the threads' ids in order.

    A step: the caller has asked whether the actor may. There is no other way into the table of
    messages, so copies are handed out here and nowhere else.
    """
    db.require_transaction()
    author = actor.require_person()
    now, together = clock.now(), new_id() if broadcast else None
    threads: list[UUID] = []
    # In the order of their subjects, so that two broadcasts never wait for each other.
    for each in sorted(about, key=lambda each: each.subject_id):
        thread = await db.fetch_value(
            "INSERT INTO message_thread AS t (id, subject_type, subject_id, organisation_id,"
            " person_id, created_at, last_at) VALUES ({}, {}, {}, {}, {}, {}, {})"
            " ON CONFLICT (subject_type, subject_id) DO UPDATE SET last_at = EXCLUDED.last_at"
            " RETURNING t.id",
            new_id(),
            each.subject_type,
            each.subject_id,
            each.organisation_id,
            each.person_id,
            now,
            now,
        )
        message = Message(
            thread_id=thread,
            author_id=author,
            side=side,
            text=text,
            safety=safety,
            broadcast_id=together,
            sent_at=now,
        )
        await message.save()
        if side is Side.ORGANISATION:
            await _copy(message.id, each, author)
        threads.append(thread)
        if together is None:
            await _record(actor, message.id, thread, each.organisation_id)
    if together is not None and about:
        await _record(actor, together, None, about[0].organisation_id)
    return threads


async def _copy(message_id: UUID, about: About, author: UUID) -> None:
    copied = set(await COPIES(about.person_id, about.organisation_id))
    copied -= {about.person_id, author}
    if copied:
        await MessageCopy.insert(
            *(MessageCopy(message_id=message_id, person_id=each) for each in sorted(copied))
        )


async def _record(actor: Actor, id: UUID, thread: UUID | None, organisation: UUID) -> None:
    await audit.record(
        Event.SENT,
        "message" if thread else "broadcast",
        id,
        by=actor,
        organisation=organisation,
        data={"thread": str(thread)} if thread else {},
    )


async def reply(actor: Actor, thread_id: UUID, text: str, *, once: Once | None = None) -> None:
    """Write in one's own thread.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such thread of theirs.
        Conflict: the other side wants no more messages.
        TooMany: more than 60 in an hour.
    """
    conversation = await queries.own(actor, thread_id)
    if conversation.copied:
        raise NotFound("You get copies of what is written here; only they can answer.")
    await _reply(actor, conversation, text, safety=False, once=once)


async def reply_for(
    actor: Actor,
    organisation_id: UUID,
    thread_id: UUID,
    text: str,
    *,
    safety: bool = False,
    once: Once | None = None,
) -> None:
    """Write in a thread of an organisation, for it.

    Raises:
        NotFound: the actor may not write to its volunteers, or it has no such thread.
        Conflict: it may not be sent; says why and what can be done.
        TooMany: more than 60 in an hour.
    """
    conversation = await queries.organisations(actor, organisation_id, thread_id)
    await _reply(actor, conversation, text, safety=safety, once=once)


async def _reply(
    actor: Actor, conversation: Conversation, text: str, *, safety: bool, once: Once | None
) -> None:
    if refused := obstacle(conversation.standing, safety=safety):
        raise Conflict(refused, field="text")
    await count(MESSAGES, str(actor.person_id))
    about = About(
        conversation.subject_type,
        conversation.subject_id,
        conversation.organisation_id,
        conversation.person_id,
    )
    async with db.transaction(once):
        await send(actor, [about], text, conversation.side, safety=safety)


async def begin(
    actor: Actor,
    about: About,
    subject: Subject,
    text: str,
    side: Side,
    *,
    safety: bool = False,
    once: Once | None = None,
) -> UUID:
    """Write about a subject that may have no thread yet, and give the thread's id.

    Raises:
        NotFound: writing for an organisation, the actor may not.
        Conflict: it may not be sent; says why and what can be done.
        TooMany: more than 60 in an hour.
    """
    if side is Side.ORGANISATION:
        actor.require_to_know(Permission.WRITE_TO_VOLUNTEERS, about.organisation_id)
    thread = await queries.about(about.subject_type, about.subject_id)
    standing = await queries.standing_in(
        actor, side, about.person_id, about.organisation_id, subject, thread_id=thread
    )
    if refused := obstacle(standing, safety=safety):
        raise Conflict(refused, field="text")
    await count(MESSAGES, str(actor.person_id))
    async with db.transaction(once):
        (thread,) = await send(actor, [about], text, side, safety=safety)
        return thread


async def broadcast(
    actor: Actor,
    organisation_id: UUID,
    about: Sequence[About],
    text: str,
    *,
    safety: bool = False,
    once: Once | None = None,
) -> int:
    """Write to many for an organisation, each in a thread of their own; gives to how many.

    Those who blocked the actor are left out, unless it is about safety. Who they are is not told.

    Raises:
        NotFound: the actor may not write to its volunteers.
        Conflict: nobody is there to read it, or more than 1,000 people.
        TooMany: more than 20 in an hour.
    """
    actor.require_to_know(Permission.WRITE_TO_VOLUNTEERS, organisation_id)
    if len(about) > MOST_AT_ONCE:
        raise Conflict(
            f"That are {len(about):,} people. Write to one shift at a time: {MOST_AT_ONCE:,} are"
            " the most at once.",
            field="text",
        )
    if not about:
        raise Conflict("Nobody has a place, so nobody would read it.", field="text")
    await count(BROADCASTS, str(actor.person_id))
    async with db.transaction(once):
        unwilling = (
            set() if safety else await queries.blockers(actor, [each.person_id for each in about])
        )
        told = [each for each in about if each.person_id not in unwilling]
        await send(actor, told, text, Side.ORGANISATION, safety=safety, broadcast=True)
    return len(about)


async def block(
    actor: Actor, conversation: Conversation, blocked: UUID, *, once: Once | None = None
) -> None:
    """Have somebody of the other side write no more, to oneself or to one's organisation.

    Raises:
        NotFound: they have written nothing in this thread, or the actor reads copies only.
    """
    other = OTHER[conversation.side]
    wrote = any(each.author_id == blocked and each.side is other for each in conversation.messages)
    if conversation.copied or actor.is_self(blocked) or not wrote:
        raise NotFound("Nobody like that has written here.")
    person, organisation = _whose(conversation)
    async with db.transaction(once):
        made = await db.execute(
            "INSERT INTO message_block (id, person_id, organisation_id, blocked_id, created_by)"
            " VALUES ({}, {}, {}, {}, {}) ON CONFLICT DO NOTHING",
            new_id(),
            person,
            organisation,
            blocked,
            actor.require_person(),
        )
        if made:
            await _record_block(actor, Event.BLOCKED, conversation, blocked)


async def unblock(
    actor: Actor, conversation: Conversation, blocked: UUID, *, once: Once | None = None
) -> None:
    """Let somebody write again."""
    if conversation.copied:
        raise NotFound(queries.NO_SUCH)
    person, organisation = _whose(conversation)
    async with db.transaction(once):
        lifted = await db.execute(
            "DELETE FROM message_block WHERE blocked_id = {} AND person_id IS NOT DISTINCT FROM {}"
            " AND organisation_id IS NOT DISTINCT FROM {}",
            blocked,
            person,
            organisation,
        )
        if lifted:
            await _record_block(actor, Event.UNBLOCKED, conversation, blocked)


def _whose(conversation: Conversation) -> tuple[UUID | None, UUID | None]:
    if conversation.side is Side.PERSON:
        return conversation.person_id, None
    return None, conversation.organisation_id


async def _record_block(
    actor: Actor, event: Event, conversation: Conversation, blocked: UUID
) -> None:
    await audit.record(
        event,
        "message_thread",
        conversation.id,
        by=actor,
        organisation=conversation.organisation_id,
        data={"blocked": str(blocked)},
    )
