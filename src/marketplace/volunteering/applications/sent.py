"""Reading applications that were sent: one's own, one to decide on, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.questions.queries import AS_JSON, asked_of
from marketplace.questions.rules import Asked, Subject, count_words, spoken
from marketplace.volunteering.applications.rules import (
    ApplicationState,
    Outcome,
    Recommends,
    RefereeState,
    application_path,
    role_name,
)

NO_SUCH = "We cannot find that application."
_ANSWERS = (
    f"SELECT {AS_JSON} AS asked, a.value FROM answer a JOIN question q ON q.id = a.question_id"  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with what was answered."""

    asked: Asked
    value: str

    @property
    def spoken(self) -> str:
        """Write the answer for somebody to read."""
        return spoken(self.asked.kind, self.value)

    @property
    def words(self) -> int:
        """Count the words of the answer."""
        return count_words(self.value)


async def answered(application_id: UUID) -> list[Answered]:
    """Give what was answered, as it was asked, also where it is no longer asked."""
    rows = await db.fetch(
        f"{_ANSWERS} WHERE a.subject_id = {{}} AND a.subject_type = {{}} ORDER BY q.position, q.id",
        application_id,
        Subject.ROLE_APPLICATION.value,
    )
    return [Answered(asked_of(row["asked"]), row["value"]) for row in rows]


@dataclass(frozen=True, slots=True)
class RefereeView:
    """A referee; the applicant sees only that the reference came."""

    id: UUID
    application_id: UUID
    position: int
    name: str
    email: str
    relationship: str
    state: RefereeState
    asked_at: datetime | None
    answered_at: datetime | None
    known: str
    recommends: Recommends
    remarks: str
    erased: bool


_REFEREES = (
    "SELECT id, application_id, position, name, email, relationship, state, asked_at, answered_at,"
    " known, recommends, remarks, erased_at IS NOT NULL AS erased FROM referee"
)


def referee_of(row: dict[str, Any]) -> RefereeView:
    """Make a referee of a row."""
    return RefereeView(
        **{
            **row,
            "state": RefereeState(row["state"]),
            "recommends": Recommends(row["recommends"]),
        }
    )


async def referees(application_id: UUID) -> list[RefereeView]:
    """Give who was named, in order; those replaced by others are not."""
    rows = await db.fetch(
        f"{_REFEREES} WHERE application_id = {{}} AND state <> 'replaced' ORDER BY position",
        application_id,
    )
    return [referee_of(row) for row in rows]


async def referee(id: UUID, *, lock: bool = False) -> RefereeView | None:
    """Give one referee; None where there is none any more."""
    row = await db.fetch_one(
        f"{_REFEREES} WHERE id = {{}}" + (" FOR NO KEY UPDATE" if lock else ""), id
    )
    return referee_of(row) if row else None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application; `until` None is an approval that does not expire."""

    id: UUID
    person_id: UUID
    role_id: UUID
    organisation_id: UUID
    organisation_name: str
    state: ApplicationState
    submitted_at: datetime | None
    decided_at: datetime | None
    until: datetime | None
    reason: str
    by_rule: bool
    by_hand_only: bool
    role_title: str
    opportunity_id: UUID
    opportunity_title: str
    references: int
    references_in: int

    @property
    def role_name(self) -> str:
        """Name the role with its opportunity, once where both are called the same."""
        return role_name(self.role_title, self.opportunity_title)

    @property
    def expired(self) -> bool:
        """Tell whether its approval has ended."""
        return self.until is not None and self.until <= clock.now()

    @property
    def reviewable(self) -> bool:
        """Tell whether the applicant may ask a person to look at what a rule decided."""
        return self.state is ApplicationState.DECLINED and self.by_rule


VIEW = (
    "SELECT a.id, a.person_id, a.role_id, a.organisation_id, g.name AS organisation_name, a.state,"
    " a.submitted_at, a.decided_at, a.approved_until AS until, a.reason, a.by_rule, a.by_hand_only,"
    " r.title AS role_title, r.opportunity_id, o.title AS opportunity_title,"
    " (SELECT count(*) FROM referee f WHERE f.application_id = a.id AND f.state <> 'replaced')"
    "  AS references,"
    " (SELECT count(*) FROM referee f WHERE f.application_id = a.id AND f.state = 'given')"
    "  AS references_in"
    " FROM role_application a JOIN role r ON r.id = a.role_id"
    " JOIN opportunity o ON o.id = r.opportunity_id"
    " JOIN organisation g ON g.id = a.organisation_id"
)


def view_of(row: dict[str, Any]) -> ApplicationView:
    """Make an application of a row."""
    return ApplicationView(**{**row, "state": ApplicationState(row["state"])})


async def application(id: UUID, *, lock: bool = False) -> ApplicationView:
    """Read one that was sent, for whoever calls to decide who may know.

    Raises:
        NotFound: there is none.
    """
    row = await db.fetch_one(
        f"{VIEW} WHERE a.id = {{}} AND a.state <> 'draft'"
        + (" FOR NO KEY UPDATE OF a" if lock else ""),
        id,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return view_of(row)


async def own(actor: Actor, id: UUID, *, lock: bool = False) -> ApplicationView:
    """Read one of the actor's own.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    actor.require_person()
    found = await application(id, lock=lock)
    if not actor.is_self(found.person_id):
        raise NotFound(NO_SUCH)
    return found


async def to_decide(actor: Actor, id: UUID, *, lock: bool = False) -> ApplicationView:
    """Read an application for those who decide on it.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor does not screen for its organisation.
    """
    actor.require_person()
    found = await application(id, lock=lock)
    actor.require_to_know(Permission.SCREEN_VOLUNTEERS, found.organisation_id)
    return found


@dataclass(frozen=True, slots=True)
class OwnDraft:
    """A draft in the list of one's own applications."""

    role_name: str
    organisation_name: str
    path: str
    expires_at: datetime


async def mine(actor: Actor) -> tuple[list[OwnDraft], list[ApplicationView]]:
    """List what the actor has begun, and what they sent, the latest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    rows = await db.fetch(
        f"{VIEW} WHERE a.person_id = {{}} AND a.state <> 'draft'"
        " ORDER BY a.submitted_at DESC, a.id LIMIT 200",
        person,
    )
    begun = await db.fetch(
        "SELECT r.id, r.title, r.opportunity_id, o.title AS opportunity, g.name, a.expires_at"
        " FROM role_application a JOIN role r ON r.id = a.role_id"
        " JOIN opportunity o ON o.id = r.opportunity_id"
        " JOIN organisation g ON g.id = a.organisation_id"
        " WHERE a.person_id = {} AND a.state = 'draft' AND a.expires_at > now()"
        " ORDER BY a.started_at DESC LIMIT 200",
        person,
    )
    drafts = [
        OwnDraft(
            role_name(row["title"], row["opportunity"]),
            row["name"],
            application_path(row["opportunity_id"], row["id"]),
            row["expires_at"],
        )
        for row in begun
    ]
    return drafts, [view_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What was decided once; `by` None is a rule. `trace` lists (rule, what it does, held)."""

    outcome: Outcome
    by: UUID | None
    reason: str
    trace: list[Mapping[str, Any]]
    at: datetime


async def decisions(application_id: UUID) -> list[DecisionView]:
    """Give all decisions on an application, the latest first."""
    rows = await db.fetch(
        "SELECT outcome, decided_by AS by, reason, trace, at FROM screening_decision"
        " WHERE application_id = {} ORDER BY at DESC, id DESC",
        application_id,
    )
    return [DecisionView(**{**row, "outcome": Outcome(row["outcome"])}) for row in rows]
