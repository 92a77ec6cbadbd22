"""Reading reports: one's own message to report, and the moderators' list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.accounts.queries import SOMEBODY_WHO_LEFT
from marketplace.errors import NotFound
from marketplace.messages.rules import Reason, ReportState, Side
from marketplace.permissions import Actor, Permission

PAGE = 30
NO_SUCH = "We cannot find that message."


@dataclass(frozen=True, slots=True)
class Reportable:
    """A message that the actor was given and did not write; `back` is the thread it stands in."""

    id: UUID
    organisation_id: UUID
    author_name: str
    text: str
    sent_at: datetime
    back: str
    reported: bool


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report as moderators see it: the message that was shown to them, no other."""

    id: UUID
    state: ReportState
    reason: Reason
    note: str
    created_at: datetime
    reporter_name: str
    message_id: UUID
    author_id: UUID
    author_name: str
    side: Side
    text: str
    removed: bool
    sent_at: datetime
    organisation_id: UUID
    organisation_name: str
    dealt_name: str
    dealt_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of reports of one state, the longest waiting first."""

    rows: list[ReportView]
    open: int
    page: int
    pages: int


async def reportable(actor: Actor, message_id: UUID) -> Reportable:
    """Give a message that the actor may report.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: they were not given it, or wrote it themselves.
    """
    person = actor.require_person()
    row = await db.fetch_one(
        "SELECT m.id, t.id AS thread_id, t.organisation_id, t.person_id, m.side, m.sent_at,"
        " CASE WHEN a.anonymised_at IS NULL THEN a.name END AS author_name,"
        " CASE WHEN a.anonymised_at IS NULL AND m.removed_at IS NULL THEN m.text ELSE '' END"
        " AS text, EXISTS (SELECT FROM message_report r WHERE r.message_id = m.id"
        "  AND r.reporter_id = {}) AS reported, EXISTS (SELECT FROM message_copy c"
        "  WHERE c.message_id = m.id AND c.person_id = {}) AS copied"
        " FROM message m JOIN message_thread t ON t.id = m.thread_id"
        " JOIN person a ON a.id = m.author_id WHERE m.id = {} AND m.author_id <> {}",
        person,
        person,
        message_id,
        person,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    organisation, thread = row["organisation_id"], row.pop("thread_id")
    owner, side, copied = row.pop("person_id"), row.pop("side"), row.pop("copied")
    if copied or (side == Side.ORGANISATION and owner == person):
        back = f"/my/messages/{thread}"
    elif actor.can(Permission.WRITE_TO_VOLUNTEERS, organisation):
        back = f"/manage/{organisation}/messages/{thread}"
    else:
        raise NotFound(NO_SUCH)
    return Reportable(**{**row, "author_name": row["author_name"] or SOMEBODY_WHO_LEFT}, back=back)


_SELECT = (
    "SELECT r.id, r.state, r.reason, r.note, r.created_at,"
    " CASE WHEN w.anonymised_at IS NULL THEN w.name END AS reporter_name,"
    " m.id AS message_id, m.author_id, CASE WHEN a.anonymised_at IS NULL THEN a.name END"
    " AS author_name, m.side, CASE WHEN a.anonymised_at IS NULL THEN m.text ELSE '' END AS text,"
    " m.removed_at IS NOT NULL AS removed, m.sent_at, t.organisation_id,"
    " g.name AS organisation_name, coalesce(d.name, '') AS dealt_name, r.dealt_at, r.outcome"
    " FROM message_report r JOIN message m ON m.id = r.message_id"
    " JOIN message_thread t ON t.id = m.thread_id JOIN organisation g ON g.id = t.organisation_id"
    " JOIN person a ON a.id = m.author_id JOIN person w ON w.id = r.reporter_id"
    " LEFT JOIN person d ON d.id = r.dealt_by"
)


def _view(row: dict[str, Any]) -> ReportView:
    return ReportView(
        **{
            **row,
            "state": ReportState(row["state"]),
            "reason": Reason(row["reason"]),
            "side": Side(row["side"]),
            "reporter_name": row["reporter_name"] or SOMEBODY_WHO_LEFT,
            "author_name": row["author_name"] or SOMEBODY_WHO_LEFT,
        }
    )


async def queue(actor: Actor, state: ReportState, page: int) -> Queue:
    """List reports of one state.

    Raises:
        NotFound: the actor is no moderator.
    """
    actor.require_to_know(Permission.MODERATE_ORGANISATIONS)
    counts = {
        row["state"]: row["count"]
        for row in await db.fetch(
            "SELECT state, count(*)::int AS count FROM message_report GROUP BY state"
        )
    }
    pages = max(1, -(-counts.get(state.value, 0) // PAGE))
    page = min(page, pages)
    rows = await db.fetch(
        f"{_SELECT} WHERE r.state = {{}} ORDER BY r.created_at, r.id LIMIT {{}} OFFSET {{}}",
        state.value,
        PAGE,
        (page - 1) * PAGE,
    )
    return Queue([_view(row) for row in rows], counts.get("open", 0), page, pages)


async def report(actor: Actor, id: UUID, *, lock: bool = False) -> ReportView:
    """Give one report.

    Raises:
        NotFound: the actor is no moderator, or there is no such report.
    """
    actor.require_to_know(Permission.MODERATE_ORGANISATIONS)
    row = await db.fetch_one(
        f"{_SELECT} WHERE r.id = {{}}" + (" FOR NO KEY UPDATE OF r" if lock else ""), id
    )
    if row is None:
        raise NotFound("We cannot find that report.")
    return _view(row)


def has_a_stake(actor: Actor, report: ReportView) -> bool:
    """Tell whether a moderator wrote the message or belongs to the organisation."""
    return actor.is_self(report.author_id) or report.organisation_id in actor.memberships
