"""What threads about bookings are about, and who gets what is said to a shift or a role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.messages.operations import About
from marketplace.messages.subjects import Subject
from marketplace.permissions import Actor, Permission

BOOKING = "booking"
# An organisation may begin to write about a booking for so long after the shift.
WRITTEN_ABOUT = timedelta(days=90)
NO_SUCH = "We cannot find that booking."


@dataclass(frozen=True, slots=True)
class Talk:
    """A booking that somebody writes about."""

    about: About
    subject: Subject
    person_name: str
    organisation_name: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who get what is said to a shift or a role; `title` names it, `back` leads there."""

    organisation_id: UUID
    title: str
    detail: str
    back: str
    people: list[About]


_SELECT = (
    "SELECT b.id, b.person_id, b.organisation_id, b.state, b.shift_id, s.opportunity_id, o.title,"
    " s.starts_at, s.ends_at, CASE WHEN p.anonymised_at IS NULL THEN p.name ELSE '' END"
    " AS person_name, g.name AS organisation_name"
    " FROM booking b JOIN shift s ON s.id = b.shift_id"
    " JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = b.organisation_id JOIN person p ON p.id = b.person_id"
)


def _subject(row: dict[str, Any]) -> Subject:
    now = clock.now()
    return Subject(
        title=row["title"],
        detail=clock.period_words(row["starts_at"], row["ends_at"]),
        path=f"/opportunities/{row['opportunity_id']}",
        manage_path=f"/manage/shifts/{row['shift_id']}",
        open=now < row["ends_at"] + WRITTEN_ABOUT,
        live=row["state"] == "confirmed" and now < row["ends_at"],
    )


async def describe(ids: Sequence[UUID]) -> dict[UUID, Subject]:
    """Describe bookings as subjects of threads."""
    rows = await db.fetch(f"{_SELECT} WHERE b.id = ANY({{}}::uuid[])", list(ids))
    return {row["id"]: _subject(row) for row in rows}


def _talk(row: dict[str, Any]) -> Talk:
    return Talk(
        About(BOOKING, row["id"], row["organisation_id"], row["person_id"]),
        _subject(row),
        row["person_name"],
        row["organisation_name"],
    )


async def own(actor: Actor, booking_id: UUID) -> Talk:
    """Give one of the actor's own bookings to write about.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    person = actor.require_person()
    row = await db.fetch_one(
        f"{_SELECT} WHERE b.id = {{}} AND b.person_id = {{}}", booking_id, person
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return _talk(row)


async def organisations(actor: Actor, booking_id: UUID) -> Talk:
    """Give a booking whose volunteer the actor may write to.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor may not write to volunteers there.
    """
    actor.require_person()
    row = await db.fetch_one(f"{_SELECT} WHERE b.id = {{}}", booking_id)
    if row is None or not actor.can(Permission.WRITE_TO_VOLUNTEERS, row["organisation_id"]):
        raise NotFound(NO_SUCH)
    return _talk(row)


async def of_shift(actor: Actor, shift_id: UUID) -> Audience:
    """Give those who have a place on a shift, until long after it.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor may not write to volunteers there.
    """
    row = await _managed(
        actor,
        "SELECT o.organisation_id, o.title, s.starts_at, s.ends_at FROM shift s"
        " JOIN opportunity o ON o.id = s.opportunity_id WHERE s.id = {}",
        shift_id,
    )
    people = []
    if clock.now() < row["ends_at"] + WRITTEN_ABOUT:
        people = await db.fetch(
            "SELECT b.id, b.person_id FROM booking b JOIN person p ON p.id = b.person_id"
            " AND p.anonymised_at IS NULL WHERE b.shift_id = {}"
            " AND b.state IN ('confirmed', 'attended') ORDER BY b.id",
            shift_id,
        )
    return Audience(
        row["organisation_id"],
        row["title"],
        clock.period_words(row["starts_at"], row["ends_at"]),
        f"/manage/shifts/{shift_id}",
        _about(row["organisation_id"], people),
    )


async def of_role(actor: Actor, role_id: UUID) -> Audience:
    """Give those who have a place in a role that lies ahead, each by their next one.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor may not write to volunteers there.
    """
    row = await _managed(
        actor,
        "SELECT o.organisation_id, o.title AS opportunity, r.title FROM role r"
        " JOIN opportunity o ON o.id = r.opportunity_id WHERE r.id = {}",
        role_id,
    )
    people = await db.fetch(
        "SELECT DISTINCT ON (b.person_id) b.id, b.person_id FROM booking b"
        " JOIN shift s ON s.id = b.shift_id AND s.ends_at > now()"
        " JOIN person p ON p.id = b.person_id AND p.anonymised_at IS NULL"
        " WHERE s.role_id = {} AND b.state = 'confirmed'"
        " ORDER BY b.person_id, s.starts_at, b.id",
        role_id,
    )
    return Audience(
        row["organisation_id"],
        row["title"],
        row["opportunity"] if row["opportunity"] != row["title"] else "",
        f"/manage/roles/{role_id}",
        _about(row["organisation_id"], people),
    )


async def _managed(actor: Actor, sql: str, id: UUID) -> dict[str, Any]:
    actor.require_person()
    row = await db.fetch_one(sql, id)
    if row is None or not actor.can(Permission.WRITE_TO_VOLUNTEERS, row["organisation_id"]):
        raise NotFound("We cannot find that page.")
    return row


def _about(organisation_id: UUID, rows: list[dict[str, Any]]) -> list[About]:
    return [About(BOOKING, row["id"], organisation_id, row["person_id"]) for row in rows]
