"""Reading recognition: one's own, and what a statement shows to whoever has its code."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db, settings
from marketplace.accounts.birth_dates import minor
from marketplace.errors import NotFound
from marketplace.permissions import Actor
from marketplace.volunteering.recognition.rules import Kind
from marketplace.volunteering.rules import duration_words

NO_SUCH = "We cannot find that statement."


@dataclass(frozen=True, slots=True)
class ThanksView:
    """A sentence somebody was thanked with."""

    id: UUID
    organisation_name: str
    words: str
    said_by: str
    said_at: datetime


_THANKS = (
    "SELECT t.id, g.name AS organisation_name, t.words, t.said_at,"
    " CASE WHEN p.anonymised_at IS NULL THEN coalesce(p.name, '') ELSE '' END AS said_by"
    " FROM thanks t JOIN organisation g ON g.id = t.organisation_id"
    " LEFT JOIN person p ON p.id = t.said_by"
)


async def for_mail(id: UUID) -> tuple[UUID, ThanksView] | None:
    """Read thanks for the worker, with whom they are for; None when there are none."""
    row = await db.fetch_one(f"{_THANKS} WHERE t.id = {{}}", id)
    person = await db.fetch_value("SELECT person_id FROM thanks WHERE id = {}", id)
    return (person, ThanksView(**row)) if row else None


async def thanks_to(actor: Actor, limit: int = 100) -> list[ThanksView]:
    """List what the actor was thanked for, latest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        f"{_THANKS} WHERE t.person_id = {{}} ORDER BY t.said_at DESC, t.id LIMIT {{}}",
        actor.require_person(),
        limit,
    )
    return [ThanksView(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Source:
    """An organisation with the minutes it confirmed of somebody."""

    id: UUID
    name: str
    minutes: int
    first: date
    last: date


async def sources(actor: Actor) -> list[Source]:
    """List the organisations that confirmed hours of the actor, by name.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        "SELECT g.id, g.name, sum(h.minutes)::int AS minutes, min(h.on_date) AS first,"
        " max(h.on_date) AS last FROM hours h JOIN organisation g ON g.id = h.organisation_id"
        " WHERE h.person_id = {} AND h.state = 'confirmed' GROUP BY g.id ORDER BY lower(g.name)",
        actor.require_person(),
    )
    return [Source(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Line:
    """The minutes of one role in a statement."""

    organisation: str
    role: str
    minutes: int

    @property
    def words(self) -> str:
        """Write how long it was."""
        return duration_words(self.minutes)


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement; `lessened` says that fewer hours stand today than it states."""

    id: UUID
    person_id: UUID
    name: str
    code: str
    kind: Kind
    first_day: date
    last_day: date
    shows_name: bool
    shows_roles: bool
    shows_hours: bool
    minutes: int
    made_at: datetime
    revoked_at: datetime | None
    lessened: bool
    lines: list[Line]

    @property
    def address(self) -> str:
        """Give the whole address of its public page."""
        return f"{settings.current().base_url}/verify/{self.code}"

    @property
    def period(self) -> str:
        """Write the days it is about."""
        if self.first_day == self.last_day:
            return clock.date_words(self.first_day, year=True)
        first = clock.date_words(self.first_day, year=True)
        return f"{first} to {clock.date_words(self.last_day, year=True)}"

    @property
    def words(self) -> str:
        """Write how long it was in all."""
        return duration_words(self.minutes)

    @property
    def organisations(self) -> list[str]:
        """Name the organisations, each once."""
        return list(dict.fromkeys(line.organisation for line in self.lines))


_SELECT = (
    "SELECT s.id, s.person_id, p.name, s.code, s.kind, s.first_day, s.last_day, s.shows_name,"
    " s.shows_roles, s.shows_hours, s.minutes, s.made_at, s.revoked_at,"
    " s.minutes > (SELECT coalesce(sum(h.minutes), 0) FROM hours h"
    "  WHERE h.person_id = s.person_id AND h.state = 'confirmed'"
    "  AND h.on_date BETWEEN s.first_day AND s.last_day AND h.organisation_id IN"
    "  (SELECT l.organisation_id FROM statement_line l WHERE l.statement_id = s.id)) AS lessened"
    " FROM statement s JOIN person p ON p.id = s.person_id AND p.anonymised_at IS NULL"
)


async def _views(rows: list[dict[str, Any]]) -> list[StatementView]:
    lines = await db.fetch(
        "SELECT l.statement_id, g.name AS organisation, r.title AS role, l.minutes"
        " FROM statement_line l JOIN organisation g ON g.id = l.organisation_id"
        " JOIN role r ON r.id = l.role_id WHERE l.statement_id = ANY({}::uuid[])"
        " ORDER BY lower(g.name), l.minutes DESC, l.id",
        [row["id"] for row in rows],
    )
    return [
        StatementView(
            **{**row, "kind": Kind(row["kind"])},
            lines=[
                Line(line["organisation"], line["role"], line["minutes"])
                for line in lines
                if line["statement_id"] == row["id"]
            ],
        )
        for row in rows
    ]


async def statements(actor: Actor) -> list[StatementView]:
    """List the actor's statements that stand, latest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        f"{_SELECT} WHERE s.person_id = {{}} AND s.revoked_at IS NULL"
        " ORDER BY s.made_at DESC, s.id LIMIT 100",
        actor.require_person(),
    )
    return await _views(rows)


async def statement(actor: Actor, id: UUID) -> StatementView:
    """Read one of the actor's own statements.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    rows = await db.fetch(
        f"{_SELECT} WHERE s.id = {{}} AND s.person_id = {{}}", id, actor.require_person()
    )
    if not rows:
        raise NotFound(NO_SUCH)
    return (await _views(rows))[0]


async def verified(code: str) -> StatementView | None:
    """Read the statement of a code for anybody; None when none stands."""
    rows = await db.fetch(f"{_SELECT} WHERE s.code = {{}} AND s.revoked_at IS NULL", code)
    for row in rows:
        # Nobody under 18 is named in public, whatever they chose.
        row["shows_name"] = row["shows_name"] and not await minor(row["person_id"])
    return (await _views(rows))[0] if rows else None
