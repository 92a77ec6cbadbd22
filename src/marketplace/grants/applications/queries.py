"""Reads of applications: of the applicant's people, and of the funder's once it is submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import db
from marketplace.errors import NotFound
from marketplace.grants.applications.snapshot import Answered, thaw
from marketplace.grants.rules import (
    ApplicationState,
    Phase,
    RoundState,
    amounts_words,
    deadline_words,
    phase,
)
from marketplace.permissions import Actor, Permission
from marketplace.questions import queries as questions
from marketplace.questions.rules import Stored, Subject

NO_SUCH = "We cannot find that application."

_SELECT = (
    "SELECT a.id, a.round_id, a.organisation_id, a.title, a.amount, a.state, a.started_by,"
    " a.started_at, a.submitted_by, a.submitted_at, a.withdrawn_at, a.snapshot, a.decided_at,"
    " a.decision_note, g.name AS organisation_name, r.fund_id, r.organisation_id AS funder_id,"
    " r.title AS round_title, r.state AS round_state, r.opens_at, r.deadline, r.zone,"
    " r.least, r.most, f.title AS fund_title, h.name AS funder_name"
    " FROM application a JOIN organisation g ON g.id = a.organisation_id"
    " JOIN round r ON r.id = a.round_id JOIN fund f ON f.id = r.fund_id"
    " JOIN organisation h ON h.id = r.organisation_id"
)


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application with its round; amounts in pence, `amount` None until it is submitted."""

    id: UUID
    round_id: UUID
    organisation_id: UUID
    title: str
    amount: int | None
    state: ApplicationState
    started_by: UUID | None
    started_at: datetime
    submitted_by: UUID | None
    submitted_at: datetime | None
    withdrawn_at: datetime | None
    answered: Sequence[Answered]
    decided_at: datetime | None
    decision_note: str
    organisation_name: str
    fund_id: UUID
    funder_id: UUID
    funder_name: str
    round_title: str
    round_state: RoundState
    opens_at: datetime
    deadline: datetime
    zone: ZoneInfo
    least: int
    most: int
    fund_title: str

    @property
    def draft(self) -> bool:
        """Tell whether it is still written."""
        return self.state is ApplicationState.DRAFT

    @property
    def deadline_words(self) -> str:
        """Write "noon, Tuesday 4 March, UK time"."""
        return deadline_words(self.deadline, self.zone)

    @property
    def amounts_words(self) -> str:
        """Write what the round gives: "£500 to £5,000"."""
        return amounts_words(self.least, self.most)

    def phase(self, now: datetime) -> Phase:
        """Tell what its round is at an instant."""
        return phase(self.round_state, self.opens_at, self.deadline, now)

    def may_be_withdrawn(self, now: datetime) -> bool:
        """Tell whether it can be taken back: a draft always, else until the deadline."""
        if self.state is ApplicationState.SUBMITTED:
            return self.phase(now) is Phase.OPEN
        return self.draft


def _view(row: dict[str, Any]) -> ApplicationView:
    frozen = row.pop("snapshot")
    return ApplicationView(
        **{
            **row,
            "state": ApplicationState(row["state"]),
            "round_state": RoundState(row["round_state"]),
            "zone": ZoneInfo(row["zone"]),
        },
        answered=tuple(thaw(frozen)) if frozen else (),
    )


async def find(id: UUID, *, lock: bool = False) -> ApplicationView | None:
    """Read an application, whoever asks: the caller decides who may; None when there is none."""
    row = await db.fetch_one(
        _SELECT + " WHERE a.id = {}" + (" FOR NO KEY UPDATE OF a" if lock else ""), id
    )
    return _view(row) if row else None


async def application(actor: Actor, id: UUID, *, lock: bool = False) -> ApplicationView:
    """Read an application for the people of its organisation, in any state.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor is not of the organisation that applies.
    """
    actor.require_person()
    found = await find(id, lock=lock)
    if found is None or not actor.can(Permission.VIEW_OWN_APPLICATIONS, found.organisation_id):
        raise NotFound(NO_SUCH)
    return found


async def to_write(actor: Actor, id: UUID, *, lock: bool = False) -> ApplicationView:
    """Read an application for those who may write it.

    Raises:
        NotFound: there is none, or the actor is not of the organisation that applies.
        NotAllowed: the actor may read it but not write it.
    """
    found = await application(actor, id, lock=lock)
    actor.require(Permission.WRITE_APPLICATIONS, found.organisation_id)
    return found


@dataclass(frozen=True, slots=True)
class SubmittedRow:
    """A submitted application in the funder's list; the amount in pence.

    `title` is "" and `amount` None until the reader said that they have no tie to the applicant.
    """

    id: UUID
    organisation_id: UUID
    organisation_name: str
    title: str
    amount: int | None
    state: ApplicationState
    submitted_at: datetime


async def submitted(actor: Actor, round_id: UUID) -> list[SubmittedRow]:
    """List what was submitted to a round, in the order it came.

    Applicants the actor has a tie to are left out.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such round, or the actor may not know.
    """
    person = actor.require_person()
    funder = await db.fetch_value("SELECT organisation_id FROM round WHERE id = {}", round_id)
    if funder is None or not actor.can(Permission.VIEW_APPLICATIONS, funder):
        raise NotFound("We cannot find that round.")
    rows = await db.fetch(
        "SELECT a.id, a.organisation_id, g.name AS organisation_name, a.state, a.submitted_at,"
        " CASE WHEN known THEN a.title ELSE '' END AS title, CASE WHEN known THEN a.amount END"
        " AS amount FROM application a JOIN organisation g ON g.id = a.organisation_id"
        " JOIN round r ON r.id = a.round_id CROSS JOIN LATERAL (SELECT r.state = 'decided' OR"
        "  EXISTS (SELECT FROM declaration d WHERE d.application_id = a.id AND d.person_id = {})"
        "  AS known) AS declared"
        " WHERE a.round_id = {} AND a.state IN ('submitted', 'awarded', 'declined')"
        " AND NOT tied(a.id, a.organisation_id, {}) ORDER BY a.submitted_at, a.id LIMIT 5000",
        person,
        round_id,
        person,
    )
    return [SubmittedRow(**{**row, "state": ApplicationState(row["state"])}) for row in rows]


@dataclass(frozen=True, slots=True)
class OwnRow:
    """An application in its organisation's list."""

    id: UUID
    title: str
    amount: int | None
    state: ApplicationState
    fund_title: str
    round_title: str
    funder_name: str
    deadline: datetime
    phase: Phase
    answered: int
    questions: int

    @property
    def deadline_words(self) -> str:
        """Write "noon, Tuesday 4 March, UK time"."""
        return deadline_words(self.deadline)


async def of_organisation(actor: Actor, organisation_id: UUID, now: datetime) -> list[OwnRow]:
    """List an organisation's applications: drafts by their deadline, then the latest.

    Raises:
        NotFound: the actor may not see them.
    """
    actor.require_to_know(Permission.VIEW_OWN_APPLICATIONS, organisation_id)
    rows = await db.fetch(
        "SELECT a.id, a.title, a.amount, a.state, f.title AS fund_title, r.title AS round_title,"
        " h.name AS funder_name, r.state AS round_state, r.opens_at, r.deadline,"
        " (SELECT count(*) FROM answer w JOIN question q ON q.id = w.question_id"
        "  WHERE w.subject_id = a.id AND w.value <> '' AND q.retired_at IS NULL) AS answered,"
        " (SELECT count(*) FROM question q WHERE q.owner_id = r.id AND q.owner_type = 'round'"
        "  AND q.retired_at IS NULL) AS questions"
        " FROM application a JOIN round r ON r.id = a.round_id JOIN fund f ON f.id = r.fund_id"
        " JOIN organisation h ON h.id = r.organisation_id WHERE a.organisation_id = {}"
        " ORDER BY a.state <> 'draft', CASE WHEN a.state = 'draft' THEN r.deadline END,"
        " coalesce(a.submitted_at, a.started_at) DESC, a.id LIMIT 500",
        organisation_id,
    )
    return [_own(row, now) for row in rows]


def _own(row: dict[str, Any], now: datetime) -> OwnRow:
    stage = phase(RoundState(row.pop("round_state")), row.pop("opens_at"), row["deadline"], now)
    return OwnRow(**{**row, "state": ApplicationState(row["state"])}, phase=stage)


async def answers(id: UUID) -> dict[UUID, Stored]:
    """Give the answers of a draft as they stand; whoever calls has read the draft."""
    return await questions.answers(Subject.APPLICATION, id)


@dataclass(frozen=True, slots=True)
class SubmissionMail:
    """What a message about one submission says."""

    application_id: UUID
    organisation_id: UUID
    organisation_name: str
    submitted_by: UUID | None
    title: str
    amount: int
    state: ApplicationState
    submitted_at: datetime
    fund_title: str
    round_title: str
    funder_name: str
    deadline: datetime

    @property
    def deadline_words(self) -> str:
        """Write "noon, Tuesday 4 March, UK time"."""
        return deadline_words(self.deadline)

    @property
    def path(self) -> str:
        """Give the path of the application's page."""
        return f"/applications/{self.application_id}"


async def submission_mail(id: UUID) -> SubmissionMail | None:
    """Read what a message about a submission says; None when it never was one."""
    found = await find(id)
    if found is None or found.submitted_at is None or found.amount is None:
        return None
    return SubmissionMail(
        application_id=found.id,
        organisation_id=found.organisation_id,
        organisation_name=found.organisation_name,
        submitted_by=found.submitted_by,
        title=found.title,
        amount=found.amount,
        state=found.state,
        submitted_at=found.submitted_at,
        fund_title=found.fund_title,
        round_title=found.round_title,
        funder_name=found.funder_name,
        deadline=found.deadline,
    )


@dataclass(frozen=True, slots=True)
class RoundMail:
    """What a message about a round says."""

    round_title: str
    fund_id: UUID
    fund_title: str
    funder_name: str


async def round_mail(round_id: UUID) -> RoundMail | None:
    """Read what a message about a cancelled round says; None when it is not cancelled."""
    row = await db.fetch_one(
        "SELECT r.title AS round_title, f.id AS fund_id, f.title AS fund_title,"
        " h.name AS funder_name FROM round r JOIN fund f ON f.id = r.fund_id"
        " JOIN organisation h ON h.id = r.organisation_id"
        " WHERE r.id = {} AND r.state = 'cancelled' AND r.published_at IS NOT NULL",
        round_id,
    )
    return RoundMail(**row) if row else None


@dataclass(frozen=True, slots=True)
class ExtensionMail:
    """What a message about a deadline that moved says."""

    name: str
    funder: str
    reason: str
    was_words: str
    deadline_words: str


async def extension_mail(amendment_id: UUID) -> ExtensionMail | None:
    """Read what a message about a later deadline says; None when the round is over."""
    row = await db.fetch_one(
        "SELECT f.title || ': ' || r.title AS name, h.name AS funder, m.reason, m.deadline_was,"
        " m.deadline, r.zone FROM round_amendment m JOIN round r ON r.id = m.round_id"
        " JOIN fund f ON f.id = r.fund_id JOIN organisation h ON h.id = r.organisation_id"
        " WHERE m.id = {} AND r.state = 'published'",
        amendment_id,
    )
    if row is None:
        return None
    zone = ZoneInfo(row.pop("zone"))
    was, to = (deadline_words(row.pop(name), zone) for name in ("deadline_was", "deadline"))
    return ExtensionMail(**row, was_words=was, deadline_words=to)


async def written_for(round_id: UUID) -> list[tuple[UUID, UUID]]:
    """Give who wrote applications for a round, with the application; for messages to them."""
    rows = await db.fetch(
        "SELECT DISTINCT ON (person, id) person, id FROM (SELECT a.id, m.person_id AS person"
        "  FROM application a JOIN membership m ON m.organisation_id = a.organisation_id"
        "  AND m.role = 'owner' WHERE a.round_id = {} AND a.state IN ('draft', 'submitted')"
        "  UNION ALL SELECT a.id, coalesce(a.submitted_by, a.started_by) FROM application a"
        "  WHERE a.round_id = {} AND a.state IN ('draft', 'submitted')) AS written"
        " WHERE person IS NOT NULL ORDER BY person, id",
        round_id,
        round_id,
    )
    return [(row["person"], row["id"]) for row in rows]
