"""The decision page, what an applicant may know, and awards in public."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.errors import NotFound
from marketplace.grants.assessment import queries as assessment
from marketplace.grants.assessment.queries import Applicant, Judgement
from marketplace.grants.assessment.rules import Criterion, divergence, mean, places
from marketplace.grants.awards.rules import Limits, Outcome
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import ApplicationState, RoundState
from marketplace.permissions import Actor, Permission


@dataclass(frozen=True, slots=True)
class Ranked:
    """One application on the decision page; amounts in pence.

    `place`, `mean` and `judgements` stay empty while the reader's own assessment is open.
    """

    id: UUID
    applicant: str
    title: str
    asked: int
    state: ApplicationState
    outcome: Outcome | None
    awarded: int | None
    note: str
    decided_at: datetime | None
    expected: int
    own_open: bool
    judgements: Sequence[Judgement] = ()
    mean: Fraction | None = None
    place: int | None = None
    flags: Sequence[str] = ()

    @property
    def decided(self) -> bool:
        """Tell whether there is a decision."""
        return self.outcome is not None


@dataclass(frozen=True, slots=True)
class Board:
    """A round as one officer may see it: nothing in it tells of applicants they have a tie to."""

    round: RoundView
    criteria: list[Criterion]
    rows: list[Ranked]
    undeclared: list[Applicant]
    committed: int

    @property
    def left(self) -> int:
        """Give what is left of the budget, in pence."""
        return self.round.budget - self.committed

    @property
    def released(self) -> bool:
        """Tell whether the applicants know."""
        return self.round.state is RoundState.DECIDED

    @property
    def awards(self) -> int:
        """Count the awards."""
        return sum(row.outcome is Outcome.AWARD for row in self.rows)

    @property
    def declines(self) -> int:
        """Count the refusals."""
        return sum(row.outcome is Outcome.DECLINE for row in self.rows)

    @property
    def open(self) -> int:
        """Count what is still to be decided."""
        return len(self.rows) - self.awards - self.declines

    @property
    def asked(self) -> int:
        """Give what all of them ask for, in pence."""
        return sum(row.asked for row in self.rows)

    def row(self, application_id: UUID) -> Ranked:
        """Give one application.

        Raises:
            NotFound: it is none of these.
        """
        for row in self.rows:
            if row.id == application_id:
                return row
        raise NotFound(assessment.NO_SUCH)


_BOARD = """
    SELECT a.id, g.name AS applicant, a.title, a.amount AS asked, a.state, d.outcome,
        CASE WHEN d.outcome = 'award' THEN w.amount END AS awarded, coalesce(d.note, '') AS note,
        d.decided_at, said.id IS NOT NULL AS declared,
        (SELECT count(*) FROM round_assessor n WHERE n.round_id = a.round_id
            AND NOT tied(a.id, a.organisation_id, n.person_id)) AS expected,
        EXISTS (SELECT FROM round_assessor n WHERE n.round_id = a.round_id AND n.person_id = {})
            AND NOT EXISTS (SELECT FROM assessment s WHERE s.application_id = a.id
                AND s.person_id = {} AND s.state = 'finished') AS own_open
    FROM application a
    JOIN organisation g ON g.id = a.organisation_id
    LEFT JOIN declaration said ON said.application_id = a.id AND said.person_id = {}
    LEFT JOIN decision d ON d.application_id = a.id
    LEFT JOIN award w ON w.application_id = a.id
    WHERE a.round_id = {} AND a.state IN ('submitted', 'awarded', 'declined')
        AND NOT tied(a.id, a.organisation_id, {})
    ORDER BY lower(unaccent(g.name)), a.id
"""


async def board(actor: Actor, organisation_id: UUID, round_id: UUID) -> Board:
    """Read a round for deciding; while applicants are `undeclared` there are no rows.

    Raises:
        NotFound: there is no such round, or the actor is not of the funder.
        NotAllowed: the actor may not decide awards.
    """
    person = actor.require_person()
    round = await rounds.of_funder(actor, round_id)
    if round.organisation_id != organisation_id:
        raise NotFound(rounds.NO_SUCH)
    actor.require(Permission.DECIDE_AWARDS, organisation_id)
    criteria = assessment.criteria_of(round)
    if round.state not in {RoundState.ASSESSING, RoundState.DECIDED}:
        return Board(round, criteria, [], [], 0)
    undeclared = await assessment.undeclared(actor, round_id)
    if undeclared:
        return Board(round, criteria, [], undeclared, 0)
    found = await db.fetch(_BOARD, person, person, person, round_id, person)
    judged = await assessment.judgements(actor, round_id)
    committed = await rounds.committed_to(actor, round_id)
    rows = [_ranked(row, judged.get(row["id"], []), criteria) for row in found]
    return Board(round, criteria, _in_order(rows), [], committed)


def _ranked(row: dict[str, Any], judged: list[Judgement], criteria: list[Criterion]) -> Ranked:
    row.pop("declared")
    finished = [each for each in judged if each.finished] if not row["own_open"] else []
    return Ranked(
        **{
            **row,
            "state": ApplicationState(row["state"]),
            "outcome": Outcome(row["outcome"]) if row["outcome"] else None,
        },
        judgements=finished,
        mean=mean(each.share(criteria) for each in finished),
        flags=divergence(criteria, [each.sheet for each in finished]),
    )


def _in_order(rows: list[Ranked]) -> list[Ranked]:
    """Put the highest mean first, and those without one last, by name as they came."""
    place = places({row.id: row.mean for row in rows})
    placed = [replace(row, place=place[row.id]) for row in rows]
    return sorted(placed, key=lambda row: (row.place is None, row.place or 0))


def limits_of(board: Board, row: Ranked) -> Limits:
    """Give what bounds an award to this application."""
    return Limits(asked=row.asked, least=board.round.least, most=board.round.most)


# --- the applicant


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an application, once it was released; amounts in pence."""

    application_id: UUID
    organisation_id: UUID
    state: ApplicationState
    title: str
    note: str
    applicant: str
    fund_title: str
    round_title: str
    funder: str
    award_id: UUID | None
    amount: int | None
    starts_on: date | None
    ends_on: date | None

    @property
    def awarded(self) -> bool:
        """Tell whether they get money."""
        return self.state is ApplicationState.AWARDED


async def told(application_id: UUID) -> Told | None:
    """Give what an applicant may know of the decision; None before its release.

    Whoever calls has decided that the reader is of the applicant.
    """
    row = await db.fetch_one(
        "SELECT a.id AS application_id, a.organisation_id, a.state, a.title,"
        " a.decision_note AS note, g.name AS applicant, f.title AS fund_title,"
        " r.title AS round_title, o.name AS funder, w.id AS award_id, w.amount, w.starts_on,"
        " w.ends_on FROM application a JOIN round r ON r.id = a.round_id"
        " JOIN fund f ON f.id = r.fund_id JOIN organisation o ON o.id = r.organisation_id"
        " JOIN organisation g ON g.id = a.organisation_id"
        " LEFT JOIN award w ON w.application_id = a.id AND w.published_at IS NOT NULL"
        " WHERE a.id = {} AND a.state IN ('awarded', 'declined')",
        application_id,
    )
    return Told(**{**row, "state": ApplicationState(row["state"])}) if row else None


async def applicant_people(application_id: UUID) -> list[UUID]:
    """Give who hears of a decision: who submitted it, and the applicant's owners and officers."""
    rows = await db.fetch(
        "SELECT m.person_id FROM application a"
        " JOIN membership m ON m.organisation_id = a.organisation_id"
        " WHERE a.id = {} AND (m.role IN ('owner', 'grants_officer')"
        "  OR m.person_id IN (a.submitted_by, a.started_by)) ORDER BY m.since, m.id",
        application_id,
    )
    return [row["person_id"] for row in rows]


# --- the public


@dataclass(frozen=True, slots=True)
class PublicAward:
    """A published award; the amount in pence. Nothing in it is about a person."""

    id: UUID
    title: str
    description: str
    amount: int
    awarded_on: date
    starts_on: date | None
    ends_on: date | None
    fund_id: UUID
    fund_title: str
    round_title: str
    funder_id: UUID
    funder: str
    funder_public: bool
    recipient_id: UUID
    recipient: str
    recipient_public: bool
    town: str


_PUBLIC = (
    "SELECT w.id, w.title, w.description, w.amount, w.awarded_on, w.starts_on, w.ends_on,"
    " w.fund_id, f.title AS fund_title, r.title AS round_title, w.funder_id, o.name AS funder,"
    " o.state = 'approved' AS funder_public, w.recipient_id, g.name AS recipient,"
    " g.state = 'approved' AS recipient_public, g.town"
    " FROM award w JOIN fund f ON f.id = w.fund_id JOIN round r ON r.id = w.round_id"
    " JOIN organisation o ON o.id = w.funder_id JOIN organisation g ON g.id = w.recipient_id"
)


async def published(award_id: UUID) -> PublicAward:
    """Read one award in public.

    Raises:
        NotFound: there is none, or it is not published.
    """
    row = await db.fetch_one(_PUBLIC + " WHERE w.id = {} AND w.published_at IS NOT NULL", award_id)
    if row is None:
        raise NotFound("We cannot find that award. It may not be published yet.")
    return PublicAward(**row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What narrows the list of awards; None narrows nothing. `year` is of the award."""

    funder: UUID | None = None
    fund: UUID | None = None
    recipient: UUID | None = None
    year: int | None = None
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class Awards:
    """A page of awards, what all of them come to in pence, and what there is to choose from."""

    rows: list[PublicAward]
    total: int
    amount: int
    funders: list[tuple[UUID, str]]
    years: list[int]
    page: int
    size: int

    @property
    def pages(self) -> int:
        """Count the pages."""
        return max(1, -(-self.total // self.size))


_SUMS = "SELECT count(*) AS total, coalesce(sum(w.amount), 0)::bigint AS amount FROM award w"
_CHOSEN = (
    " WHERE w.published_at IS NOT NULL AND ({}::uuid IS NULL OR w.funder_id = {})"
    " AND ({}::uuid IS NULL OR w.fund_id = {}) AND ({}::uuid IS NULL OR w.recipient_id = {})"
    " AND ({}::int IS NULL OR extract(year FROM w.awarded_on) = {}::int)"
)


async def awards(chosen: Chosen) -> Awards:
    """List published awards, the latest first."""
    values = [
        value
        for each in (chosen.funder, chosen.fund, chosen.recipient, chosen.year)
        for value in (each, each)
    ]
    rows = await db.fetch(
        f"{_PUBLIC}{_CHOSEN} ORDER BY w.awarded_on DESC, w.amount DESC, w.id"
        " LIMIT {} OFFSET {}",
        *values,
        chosen.size,
        (chosen.page - 1) * chosen.size,
    )
    sums = await db.fetch_one(
        f"{_SUMS}{_CHOSEN}",
        *values,
    )
    assert sums is not None
    facets = await db.fetch(
        "SELECT DISTINCT w.funder_id, o.name, extract(year FROM w.awarded_on)::int AS year"
        " FROM award w JOIN organisation o ON o.id = w.funder_id WHERE w.published_at IS NOT NULL"
    )
    funders = {row["funder_id"]: row["name"] for row in facets}
    return Awards(
        rows=[PublicAward(**row) for row in rows],
        total=sums["total"],
        amount=sums["amount"],
        funders=sorted(funders.items(), key=lambda pair: pair[1].casefold()),
        years=sorted({row["year"] for row in facets}, reverse=True),
        page=chosen.page,
        size=chosen.size,
    )
