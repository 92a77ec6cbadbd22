"""Listing threads: what is yours, what is your organisation's, and what is new in them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import db
from marketplace.accounts.queries import SOMEBODY_WHO_LEFT
from marketplace.messages.rules import Side
from marketplace.messages.subjects import Subject, describe
from marketplace.permissions import Actor, Permission

PAGE = 30


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One line of an inbox; `text` is the last message, `from_us` that this side wrote it."""

    id: UUID
    subject: Subject
    person_id: UUID
    person_name: str
    organisation_id: UUID
    organisation_name: str
    last_at: datetime
    text: str
    from_us: bool
    unread: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of threads, those that were written in last first."""

    rows: list[ThreadView]
    page: int
    pages: int


# Whether the other side wrote what this side has not read.
_NEW_TO = (
    "EXISTS (SELECT FROM message m WHERE m.thread_id = t.id AND m.side <> 'SIDE'"
    " AND m.sent_at > coalesce((SELECT s.at FROM message_seen s WHERE s.thread_id = t.id"
    " AND s.side = 'SIDE' ORDER BY s.at DESC LIMIT 1), '-infinity'))"
)
_NEW = {side: _NEW_TO.replace("SIDE", side.value) for side in Side}
NEW_TO_ORGANISATION = _NEW[Side.ORGANISATION]
_COUNT = "SELECT count(*)::int FROM message_thread t"


async def unread(actor: Actor) -> int:
    """Count the actor's own threads with something new; 0 for the anonymous."""
    if actor.person_id is None:
        return 0
    return await db.fetch_value(
        f"{_COUNT} WHERE t.person_id = {{}} AND {_NEW[Side.PERSON]}",
        actor.person_id,
    )


async def is_new(thread_id: UUID, side: Side) -> bool:
    """Tell whether a thread holds something that a side has not read."""
    return await db.fetch_value(f"{_COUNT} WHERE t.id = {{}} AND {_NEW[side]}", thread_id) > 0


_INBOX = (
    "SELECT t.id, t.subject_type, t.subject_id, t.person_id, t.organisation_id, t.last_at,"
    " CASE WHEN p.anonymised_at IS NULL THEN p.name END AS person_name,"
    " g.name AS organisation_name, last.text, last.side",
    "FROM message_thread t JOIN person p ON p.id = t.person_id"
    " JOIN organisation g ON g.id = t.organisation_id"
    " JOIN LATERAL (SELECT CASE WHEN a.anonymised_at IS NULL AND m.removed_at IS NULL"
    "   THEN m.text ELSE '' END AS text, m.side"
    "  FROM message m JOIN person a ON a.id = m.author_id"
    "  WHERE m.thread_id = t.id ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) AS last ON true",
)


async def mine(actor: Actor, page: int = 1) -> Inbox:
    """List the actor's own threads.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    total = await db.fetch_value(
        "SELECT count(*)::int FROM message_thread WHERE person_id = {}", person
    )
    return await _inbox(Side.PERSON, "t.person_id", person, page, total)


async def of_organisation(actor: Actor, organisation_id: UUID, page: int = 1) -> Inbox:
    """List an organisation's threads.

    Raises:
        NotFound: the actor may not write to its volunteers.
    """
    actor.require_to_know(Permission.WRITE_TO_VOLUNTEERS, organisation_id)
    total = await db.fetch_value(
        "SELECT count(*)::int FROM message_thread WHERE organisation_id = {}", organisation_id
    )
    return await _inbox(Side.ORGANISATION, "t.organisation_id", organisation_id, page, total)


async def _inbox(side: Side, column: str, id: UUID, page: int, total: int) -> Inbox:
    pages = max(1, -(-total // PAGE))
    page = min(page, pages)
    new = _NEW[side]
    columns, source = _INBOX
    rows = await db.fetch(
        f"{columns}, {new} AS unread {source}"
        f" WHERE {column} = {{}} ORDER BY t.last_at DESC, t.id DESC LIMIT {{}} OFFSET {{}}",
        id,
        PAGE,
        (page - 1) * PAGE,
    )
    subjects = await describe([(row["subject_type"], row["subject_id"]) for row in rows])
    return Inbox(
        [
            ThreadView(
                id=row["id"],
                subject=subjects[row["subject_id"]],
                person_id=row["person_id"],
                person_name=row["person_name"] or SOMEBODY_WHO_LEFT,
                organisation_id=row["organisation_id"],
                organisation_name=row["organisation_name"],
                last_at=row["last_at"],
                text=row["text"],
                from_us=row["side"] == side.value,
                unread=row["unread"],
            )
            for row in rows
        ],
        page,
        pages,
    )


async def copies_of(actor: Actor) -> list[ThreadView]:
    """List the threads of others in which the actor was given copies, the latest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        "SELECT t.id, t.subject_type, t.subject_id, t.person_id, t.organisation_id,"
        " max(m.sent_at) AS last_at, CASE WHEN p.anonymised_at IS NULL THEN p.name END"
        " AS person_name, g.name AS organisation_name FROM message_copy c"
        " JOIN message m ON m.id = c.message_id JOIN message_thread t ON t.id = m.thread_id"
        " JOIN person p ON p.id = t.person_id JOIN organisation g ON g.id = t.organisation_id"
        " WHERE c.person_id = {} GROUP BY t.id, p.id, g.id ORDER BY last_at DESC LIMIT 50",
        actor.require_person(),
    )
    subjects = await describe([(row["subject_type"], row["subject_id"]) for row in rows])
    return [
        ThreadView(
            id=row["id"],
            subject=subjects[row["subject_id"]],
            person_id=row["person_id"],
            person_name=row["person_name"] or SOMEBODY_WHO_LEFT,
            organisation_id=row["organisation_id"],
            organisation_name=row["organisation_name"],
            last_at=row["last_at"],
            text="",
            from_us=False,
            unread=False,
        )
        for row in rows
    ]
