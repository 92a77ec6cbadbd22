"""Reading what was decided for roles, who asked to be looked at, and who helps here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marketplace import db
from marketplace.credentials.rules import Check, Kind, Workforce
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.safeguarding.rules import Duty, Frequency, Nation, Question

NO_ROLE = "We cannot find that role. It may have been taken down."
NAME = "CASE WHEN p.anonymised_at IS NULL THEN p.name ELSE 'Somebody who left' END"


@dataclass(frozen=True, slots=True)
class RoleSeen:
    """A role with what it belongs to; `minimum_age` in years."""

    id: UUID
    title: str
    minimum_age: int
    opportunity_id: UUID
    opportunity_title: str
    organisation_id: UUID
    organisation_name: str


async def role(actor: Actor, id: UUID) -> RoleSeen:
    """Read a role of an opportunity that the actor may see.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
    """
    row = await db.fetch_one(
        "SELECT r.id, r.title, r.minimum_age, o.id AS opportunity_id,"
        " o.title AS opportunity_title, o.organisation_id, g.name AS organisation_name"
        " FROM role r JOIN opportunity o ON o.id = r.opportunity_id"
        " JOIN organisation g ON g.id = o.organisation_id WHERE r.id = {}",
        id,
    )
    if row is None:
        raise NotFound(NO_ROLE)
    await opportunities.opportunity(actor, row["opportunity_id"])
    return RoleSeen(**row)


async def role_to_decide(
    actor: Actor, id: UUID, *, lock: bool = False
) -> tuple[RoleSeen, OpportunityView]:
    """Read a role for those who record checks; `lock` locks its opportunity.

    Raises:
        NotFound: there is none, or the actor does not record checks there.
    """
    found = await role(actor, id)
    actor.require_to_know(Permission.RECORD_CHECKS, found.organisation_id)
    return found, await opportunities.opportunity(actor, found.opportunity_id, lock=lock)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a named person decided that a role asks for; `check` None is no check."""

    check: Check | None
    advised: Check | None
    question: Question
    rules: Sequence[str]
    judged_on: date
    why: str
    decided_by_name: str
    decided_at: datetime

    @property
    def label(self) -> str:
        """Write the level in words."""
        return self.check.label if self.check else "No check"


async def decisions(role_id: UUID) -> list[Decision]:
    """Give every decision on a role, the one that counts first."""
    rows = await db.fetch(
        "SELECT c.level, c.advised, c.nation, c.workforce, c.duties, c.frequency, c.supervised,"  # noqa: S608
        f" c.rules, c.judged_on, c.why, c.decided_at, {NAME} AS decided_by_name"
        " FROM role_check c JOIN person p ON p.id = c.decided_by WHERE c.role_id = {}"
        " ORDER BY c.decided_at DESC, c.id DESC",
        role_id,
    )
    return [
        Decision(
            check=Check(row["level"]) if row["level"] else None,
            advised=Check(row["advised"]) if row["advised"] else None,
            question=Question(
                nation=Nation(row["nation"]),
                workforce=Workforce(row["workforce"]),
                duties=frozenset(Duty(each) for each in row["duties"]),
                frequency=Frequency(row["frequency"]),
                supervised=row["supervised"],
            ),
            rules=row["rules"],
            judged_on=row["judged_on"],
            why=row["why"],
            decided_by_name=row["decided_by_name"],
            decided_at=row["decided_at"],
        )
        for row in rows
    ]


async def training(role_id: UUID) -> list[Kind]:
    """Give the training that a role asks for."""
    rows = await db.fetch("SELECT kind FROM role_training WHERE role_id = {}", role_id)
    chosen = {Kind(row["kind"]) for row in rows}
    return [kind for kind in Kind if kind in chosen]


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody who asked to be looked at for a role."""

    id: UUID
    person_id: UUID
    name: str
    role_id: UUID
    role_title: str
    organisation_id: UUID
    organisation_name: str
    asked_at: datetime


_REQUESTS = (
    f"SELECT q.id, q.person_id, {NAME} AS name, q.role_id, r.title AS role_title,"  # noqa: S608
    " q.organisation_id, g.name AS organisation_name, q.asked_at FROM check_request q"
    " JOIN person p ON p.id = q.person_id JOIN role r ON r.id = q.role_id"
    " JOIN organisation g ON g.id = q.organisation_id WHERE q.closed_at IS NULL"
)


async def requests(actor: Actor, organisation_id: UUID) -> list[Request]:
    """List who waits to be looked at, the longest first.

    Raises:
        NotFound: the actor does not record checks there.
    """
    actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
    rows = await db.fetch(
        f"{_REQUESTS} AND q.organisation_id = {{}} ORDER BY q.asked_at LIMIT 200", organisation_id
    )
    return [Request(**row) for row in rows]


async def request_to_close(actor: Actor, organisation_id: UUID, id: UUID) -> bool:
    """Tell whether a request is still open, and hold its row.

    Raises:
        NotFound: there is none there, or the actor does not record checks there.
    """
    actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
    row = await db.fetch_one(
        "SELECT closed_at FROM check_request WHERE id = {} AND organisation_id = {} FOR UPDATE",
        id,
        organisation_id,
    )
    if row is None:
        raise NotFound("We cannot find that request.")
    return row["closed_at"] is None


async def request(id: UUID) -> Request | None:
    """Read one that is still open, for a message about it."""
    row = await db.fetch_one(f"{_REQUESTS} AND q.id = {{}}", id)
    return Request(**row) if row else None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who has to do with an organisation."""

    id: UUID
    name: str


async def person(actor: Actor, organisation_id: UUID, id: UUID) -> KnownPerson:
    """Read somebody who booked, asked, was seen or works there, for those who record checks.

    Raises:
        NotFound: the actor does not record checks there, or the person has nothing to do with it.
    """
    actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
    row = await db.fetch_one(
        "SELECT p.id, p.name FROM person p WHERE p.id = {} AND p.anonymised_at IS NULL AND ("
        " EXISTS (SELECT FROM booking WHERE person_id = p.id AND organisation_id = {})"
        " OR EXISTS (SELECT FROM check_request WHERE person_id = p.id AND organisation_id = {})"
        " OR EXISTS (SELECT FROM credential WHERE person_id = p.id AND organisation_id = {})"
        " OR EXISTS (SELECT FROM membership WHERE person_id = p.id AND organisation_id = {}))",
        id,
        *[organisation_id] * 4,
    )
    if row is None:
        raise NotFound("We cannot find that person among those who help here.")
    return KnownPerson(**row)
