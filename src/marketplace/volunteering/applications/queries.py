"""Reading what a role asks, what somebody has typed, and what speaks against a booking."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.questions import queries as questions
from marketplace.questions.queries import asked_of
from marketplace.questions.rules import Asked, Owner, Subject, problem
from marketplace.volunteering.applications.rules import (
    ApplicationState,
    Compare,
    Effect,
    Rule,
    Standing,
    application_path,
    role_name,
    why_not,
)
from marketplace.volunteering.applications.sent import RefereeView, referees
from marketplace.volunteering.eligibility.rules import Asking, Reason

NO_ROLE = "We cannot find that role. It may have been taken down."
_ASKING = (
    "SELECT g.name AS organisation, a.id, a.state, a.approved_until, a.reason"
    " FROM role_screening s JOIN role r ON r.id = s.role_id"
    " JOIN opportunity o ON o.id = r.opportunity_id"
    " JOIN organisation g ON g.id = o.organisation_id"
)
_REMEMBERED = f"SELECT DISTINCT ON (q.id) {questions.AS_JSON} AS asked, b.value"
_STANDING = "SELECT a.id, a.state, a.approved_until, a.reason FROM role_application a"
_ROLE = (
    "SELECT r.id, r.title, r.retired_at IS NOT NULL AS retired, r.opportunity_id,"
    " o.title AS opportunity_title, o.organisation_id, g.name AS organisation_name,"
    " (o.state = 'open' AND g.state = 'approved' AND r.retired_at IS NULL) AS open,"
    " coalesce(s.needs_application, false) AS needs_application,"
    " coalesce(s.by_rules, false) AS by_rules,"
    " coalesce(s.references_wanted, 0) AS references_wanted, s.good_for_months"
    " FROM role r JOIN opportunity o ON o.id = r.opportunity_id"
    " JOIN organisation g ON g.id = o.organisation_id"
    " LEFT JOIN role_screening s ON s.role_id = r.id"
)
# The one that counts: an approval that holds, else the latest.
_LATEST = (
    " ORDER BY (a.state = 'approved' AND (a.approved_until IS NULL OR a.approved_until > now()))"
    " DESC, a.started_at DESC, a.id DESC LIMIT 1"
)


async def reasons(asking: Asking) -> list[Reason]:
    """Give what stands in the way of this booking; empty when nothing does.

    Whoever takes an approval back holds the person's booking lock, so that inside a booking
    this does not change any more.
    """
    row = await db.fetch_one(
        f"{_ASKING} LEFT JOIN LATERAL (SELECT a.* FROM role_application a"  # noqa: S608
        f" WHERE a.role_id = s.role_id AND a.person_id = {{}}{_LATEST}) AS a ON true"
        " WHERE s.role_id = {} AND s.needs_application",
        asking.person_id,
        asking.role_id,
    )
    if row is None:
        return []
    return why_not(
        _standing(row),
        application_path(asking.opportunity_id, asking.role_id),
        row["organisation"],
        clock.now(),
    )


def _standing(row: Mapping[str, Any]) -> Standing | None:
    if row["id"] is None:
        return None
    return Standing(row["id"], ApplicationState(row["state"]), row["approved_until"], row["reason"])


@dataclass(frozen=True, slots=True)
class Screened:
    """A role with what it asks of those who apply; `open` says that people can find it now."""

    id: UUID
    title: str
    retired: bool
    opportunity_id: UUID
    opportunity_title: str
    organisation_id: UUID
    organisation_name: str
    open: bool
    needs_application: bool
    by_rules: bool
    references_wanted: int
    good_for_months: int | None

    @property
    def name(self) -> str:
        """Name the role with its opportunity, once where both are called the same."""
        return role_name(self.title, self.opportunity_title)

    @property
    def path(self) -> str:
        """Give the address at which one applies."""
        return application_path(self.opportunity_id, self.id)


async def role(id: UUID, *, lock: bool = False) -> Screened:
    """Read what a role asks, for whoever calls to decide who may know; `lock` keeps it still.

    Raises:
        NotFound: there is no such role.
    """
    row = await db.fetch_one(
        f"{_ROLE} WHERE r.id = {{}}" + (" FOR NO KEY UPDATE OF r" if lock else ""),
        id,
    )
    if row is None:
        raise NotFound(NO_ROLE)
    return Screened(**row)


async def to_apply(opportunity_id: UUID, id: UUID) -> Screened:
    """Read what a role asks, for anybody: it has to be open and to ask for an application.

    Raises:
        NotFound: it is not open to the public, or is booked without applying.
    """
    found = await role(id)
    if found.opportunity_id != opportunity_id or not found.open or not found.needs_application:
        raise NotFound(NO_ROLE)
    return found


async def to_screen(actor: Actor, id: UUID, *, lock: bool = False) -> Screened:
    """Read what a role asks, for those who screen its volunteers.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor does not screen for its organisation.
    """
    actor.require_person()
    found = await role(id, lock=lock)
    actor.require_to_know(Permission.SCREEN_VOLUNTEERS, found.organisation_id)
    return found


async def needing(opportunity_id: UUID) -> set[UUID]:
    """Give the roles of an opportunity that ask for an application."""
    rows = await db.fetch(
        "SELECT s.role_id FROM role_screening s JOIN role r ON r.id = s.role_id"
        " WHERE r.opportunity_id = {} AND s.needs_application AND r.retired_at IS NULL",
        opportunity_id,
    )
    return {row["role_id"] for row in rows}


async def rules_of(role_id: UUID) -> list[Rule]:
    """Give the rules of a role, those that block first."""
    rows = await db.fetch(
        "SELECT r.id, r.question_id, r.effect, r.test, r.value, r.reason FROM screening_rule r"
        " JOIN question q ON q.id = r.question_id WHERE r.role_id = {}"
        " ORDER BY r.effect DESC, q.position, r.id",
        role_id,
    )
    return [
        Rule(
            row["id"],
            row["question_id"],
            Effect(row["effect"]),
            Compare(row["test"]),
            row["value"],
            row["reason"],
        )
        for row in rows
    ]


async def asked(role_id: UUID) -> list[Asked]:
    """Give what a role asks."""
    return await questions.asked(Owner.ROLE, role_id)


async def standing(person_id: UUID, role_id: UUID) -> Standing | None:
    """Give how somebody stands with a role; None where they never applied."""
    row = await db.fetch_one(
        f"{_STANDING} WHERE a.person_id = {{}} AND a.role_id = {{}}{_LATEST}",
        person_id,
        role_id,
    )
    return _standing(row) if row else None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has typed so far."""

    id: UUID
    expires_at: datetime
    answers: dict[UUID, str]
    referees: list[RefereeView]


async def draft_of(
    role_id: UUID, *, person: UUID | None = None, token_hash: bytes | None = None
) -> Draft | None:
    """Give the draft of a person, or of the browser with that token; None without one."""
    row = await db.fetch_one(
        "SELECT id, expires_at FROM role_application WHERE role_id = {} AND state = 'draft'"
        " AND expires_at > now() AND (person_id = {} OR token_hash = {})",
        role_id,
        person,
        None if person else token_hash,
    )
    if row is None:
        return None
    stored = await questions.answers(Subject.ROLE_APPLICATION, row["id"])
    answers = {question: each.value for question, each in stored.items()}
    return Draft(row["id"], row["expires_at"], answers, await referees(row["id"]))


async def remembered(person_id: UUID, role_id: UUID) -> dict[UUID, str]:
    """Give, for what a role asks, what this person last answered elsewhere to the same words.

    Only their own sent applications count, and only where the kind is the same and the answer
    would do here.
    """
    rows = await db.fetch(
        f"{_REMEMBERED} FROM role_application a"
        " JOIN answer b ON b.subject_id = a.id AND b.subject_type = 'role_application'"
        " JOIN question p ON p.id = b.question_id"
        " JOIN question q ON q.owner_type = 'role' AND q.owner_id = {} AND q.retired_at IS NULL"
        "  AND q.kind = p.kind AND lower(btrim(q.label)) = lower(btrim(p.label))"
        " WHERE a.person_id = {} AND a.state <> 'draft' AND b.value <> ''"
        " ORDER BY q.id, b.answered_at DESC",
        role_id,
        person_id,
    )
    found = [(asked_of(row["asked"]), row["value"]) for row in rows]
    return {asked.id: value for asked, value in found if problem(asked, value) is None}
