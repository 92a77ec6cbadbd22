"""What an assessor reads; nothing of an application before they said that they have no tie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.errors import NotFound
from marketplace.grants.applications.snapshot import Answered, thaw
from marketplace.grants.assessment.rules import (
    ASSESSING_ROLES,
    Criterion,
    Points,
    share,
)
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import AssessmentState, RoundState, deadline_words
from marketplace.permissions import Actor, Permission

NO_SUCH = "We cannot find that application. It may have been withdrawn."


def where_assessing(actor: Actor) -> list[UUID]:
    """Give the organisations for whose rounds the actor may be named."""
    return [id for id, role in actor.memberships.items() if role in ASSESSING_ROLES]


def criteria_of(round: RoundView) -> list[Criterion]:
    """Give what a round judges by."""
    return [Criterion(c.id, c.label, c.help, c.weight, c.most) for c in round.criteria]


# --- the list


@dataclass(frozen=True, slots=True)
class Waiting:
    """One application in an assessor's list; only the applicant's name until they declared."""

    id: UUID
    applicant: str
    declared: bool
    title: str
    scored: int
    criteria: int
    finished: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """One round and what waits in it for one assessor."""

    id: UUID
    title: str
    fund_id: UUID
    fund_title: str
    funder: str
    state: RoundState
    deadline: datetime
    rows: list[Waiting] = field(default_factory=list["Waiting"])

    @property
    def finished(self) -> int:
        """Count what they have done."""
        return sum(row.finished for row in self.rows)

    @property
    def undeclared(self) -> int:
        """Count the applicants they have said nothing about."""
        return sum(not row.declared for row in self.rows)

    @property
    def deadline_words(self) -> str:
        """Write until when applications come in."""
        return deadline_words(self.deadline)


async def desks(actor: Actor) -> list[Desk]:
    """List the rounds the actor is named for, with what waits: those to be assessed first."""
    person = actor.require_person()
    rows = await db.fetch(
        "SELECT r.id, r.title, r.state, r.deadline, r.fund_id, f.title AS fund_title,"
        " o.name AS funder,"
        " a.id AS application_id, g.name AS applicant, d.id IS NOT NULL AS declared,"
        " CASE WHEN d.id IS NOT NULL THEN a.title ELSE '' END AS application_title,"
        " coalesce(s.state = 'finished', false) AS finished,"
        " (SELECT count(*) FROM score p WHERE p.assessment_id = s.id"
        "  AND (p.abstained OR p.points IS NOT NULL)) AS scored,"
        " (SELECT count(*) FROM criterion c WHERE c.round_id = r.id) AS criteria"
        " FROM round_assessor n JOIN round r ON r.id = n.round_id"
        " JOIN fund f ON f.id = r.fund_id JOIN organisation o ON o.id = r.organisation_id"
        " LEFT JOIN application a ON a.round_id = r.id AND r.state = 'assessing'"
        "  AND a.state = 'submitted' AND NOT tied(a.id, a.organisation_id, n.person_id)"
        " LEFT JOIN organisation g ON g.id = a.organisation_id"
        " LEFT JOIN declaration d ON d.application_id = a.id AND d.person_id = n.person_id"
        " LEFT JOIN assessment s ON s.application_id = a.id AND s.person_id = n.person_id"
        " WHERE n.person_id = {} AND r.organisation_id = ANY({}::uuid[])"
        " AND r.state IN ('published', 'assessing', 'decided')"
        " ORDER BY array_position(ARRAY['assessing', 'published', 'decided'], r.state),"
        " r.deadline DESC, r.id, finished, lower(unaccent(g.name)), a.id LIMIT 2000",
        person,
        where_assessing(actor),
    )
    found: dict[UUID, Desk] = {}
    for row in rows:
        desk = found.setdefault(
            row["id"],
            Desk(
                id=row["id"],
                title=row["title"],
                fund_id=row["fund_id"],
                fund_title=row["fund_title"],
                funder=row["funder"],
                state=RoundState(row["state"]),
                deadline=row["deadline"],
            ),
        )
        if row["application_id"] is not None:
            desk.rows.append(
                Waiting(
                    id=row["application_id"],
                    applicant=row["applicant"],
                    declared=row["declared"],
                    title=row["application_title"],
                    scored=row["scored"],
                    criteria=row["criteria"],
                    finished=row["finished"],
                )
            )
    return list(found.values())


# --- ties


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applied, by name alone: what somebody sees before they declare."""

    application_id: UUID
    name: str


async def may_read_round(actor: Actor, round_id: UUID) -> bool:
    """Tell whether the actor assesses a round or decides it; a tie is another question."""
    funder = await db.fetch_value("SELECT organisation_id FROM round WHERE id = {}", round_id)
    if funder is None:
        return False
    if actor.can(Permission.DECIDE_AWARDS, funder):
        return True
    return funder in where_assessing(actor) and await _named(actor, round_id)


async def _named(actor: Actor, round_id: UUID) -> bool:
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM round_assessor WHERE round_id = {} AND person_id = {})",
        round_id,
        actor.require_person(),
    )


async def undeclared(actor: Actor, round_id: UUID) -> list[Applicant]:
    """Name the applicants of a round about whom the actor has said nothing, by name."""
    rows = await db.fetch(
        "SELECT a.id AS application_id, g.name FROM application a"
        " JOIN organisation g ON g.id = a.organisation_id JOIN round r ON r.id = a.round_id"
        " WHERE a.round_id = {} AND a.state = 'submitted' AND r.state = 'assessing'"
        " AND NOT tied(a.id, a.organisation_id, {}) AND NOT EXISTS (SELECT FROM declaration d"
        "  WHERE d.application_id = a.id AND d.person_id = {})"
        " ORDER BY lower(unaccent(g.name)), a.id",
        round_id,
        actor.require_person(),
        actor.require_person(),
    )
    return [Applicant(**row) for row in rows]


# --- one application


@dataclass(frozen=True, slots=True)
class Judgement:
    """One person's assessment."""

    person_id: UUID
    name: str
    state: AssessmentState
    sheet: Mapping[UUID, Points]
    comment: str = ""
    version: int = 0

    @property
    def finished(self) -> bool:
        """Tell whether it stands."""
        return self.state is AssessmentState.FINISHED

    def share(self, criteria: Sequence[Criterion]) -> Fraction | None:
        """Give its weighted share of the points."""
        return share(criteria, self.sheet)


@dataclass(frozen=True, slots=True)
class Content:
    """What an applicant sent; the amount in pence."""

    title: str
    amount: int
    submitted_at: datetime
    answers: Sequence[Answered]


@dataclass(frozen=True, slots=True)
class Reading:
    """One application as somebody without a tie reads it; `content` None until they declare."""

    id: UUID
    applicant: str
    round: RoundView
    criteria: list[Criterion]
    named: bool
    content: Content | None
    mine: Judgement | None
    others: list[Judgement]

    @property
    def declared(self) -> bool:
        """Tell whether they said that they have no tie."""
        return self.content is not None

    @property
    def may_score(self) -> bool:
        """Tell whether their points are asked for now."""
        return (
            self.named
            and self.declared
            and self.round.state is RoundState.ASSESSING
            and not (self.mine and self.mine.finished)
        )


async def reading(actor: Actor, application_id: UUID) -> Reading:
    """Read one application for assessing or deciding.

    Raises:
        NotFound: there is none, it is not up for assessment, the actor neither assesses nor
            decides its round, or has a tie to the applicant.
    """
    person = actor.require_person()
    row = await db.fetch_one(
        "SELECT a.id, a.round_id, g.name AS applicant, a.title, a.amount, a.submitted_at,"
        " a.snapshot, r.organisation_id AS funder_id, d.id IS NOT NULL AS declared,"
        " EXISTS (SELECT FROM round_assessor n WHERE n.round_id = r.id AND n.person_id = {})"
        "  AS named"
        " FROM application a JOIN round r ON r.id = a.round_id"
        " JOIN organisation g ON g.id = a.organisation_id"
        " LEFT JOIN declaration d ON d.application_id = a.id AND d.person_id = {}"
        " WHERE a.id = {} AND r.state IN ('assessing', 'decided')"
        " AND a.state IN ('submitted', 'awarded', 'declined')"
        " AND NOT tied(a.id, a.organisation_id, {})",
        person,
        person,
        application_id,
        person,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    named = row["named"] and row["funder_id"] in where_assessing(actor)
    if not named and not actor.can(Permission.DECIDE_AWARDS, row["funder_id"]):
        raise NotFound(NO_SUCH)
    round = await rounds.round(actor, row["round_id"])
    content, mine, others = None, None, []
    if row["declared"]:
        content = Content(row["title"], row["amount"], row["submitted_at"], thaw(row["snapshot"]))
        judged = await judgements(actor, round.id, application_id=application_id)
        every = judged.get(application_id, [])
        mine = next((each for each in every if each.person_id == person), None)
        # Nobody is swayed by the others before their own judgement stands.
        if not named or (mine and mine.finished):
            others = [each for each in every if each.person_id != person and each.finished]
    return Reading(
        id=row["id"],
        applicant=row["applicant"],
        round=round,
        criteria=criteria_of(round),
        named=named,
        content=content,
        mine=mine,
        others=others,
    )


async def judgements(
    actor: Actor, round_id: UUID, *, application_id: UUID | None = None
) -> dict[UUID, list[Judgement]]:
    """Give the assessments of a round by application, by who began first.

    Left out: applications the actor has a tie to, and judgements of people who have one now.
    """
    rows = await db.fetch(
        "SELECT s.application_id, s.person_id, s.state, s.comment, s.version,"
        " CASE WHEN p.anonymised_at IS NULL THEN p.name ELSE 'Somebody who left' END AS name,"
        " (SELECT coalesce(jsonb_agg(jsonb_build_object('criterion', c.criterion_id,"
        "   'points', c.points, 'abstained', c.abstained, 'reason', c.reason)),"
        "   jsonb_build_array()) FROM score c WHERE c.assessment_id = s.id) AS scores"
        " FROM assessment s JOIN application a ON a.id = s.application_id"
        " JOIN person p ON p.id = s.person_id"
        " WHERE a.round_id = {} AND ({}::uuid IS NULL OR a.id = {})"
        " AND a.state IN ('submitted', 'awarded', 'declined')"
        " AND NOT tied(a.id, a.organisation_id, s.person_id)"
        " AND NOT tied(a.id, a.organisation_id, {}) ORDER BY s.id",
        round_id,
        application_id,
        application_id,
        actor.require_person(),
    )
    found: dict[UUID, list[Judgement]] = {}
    for row in rows:
        found.setdefault(row["application_id"], []).append(_judgement(row))
    return found


def _judgement(row: Mapping[str, Any]) -> Judgement:
    return Judgement(
        person_id=row["person_id"],
        name=row["name"],
        state=AssessmentState(row["state"]),
        comment=row["comment"],
        version=row["version"],
        sheet={
            UUID(each["criterion"]): Points(each["points"], each["abstained"], each["reason"])
            for each in row["scores"]
        },
    )
