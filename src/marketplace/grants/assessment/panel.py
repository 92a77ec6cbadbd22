"""Reading who assesses a round, and what messages to them say."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import clock, db
from marketplace.grants.assessment.rules import ASSESSING_ROLES, may_start
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import RoundState
from marketplace.organisations.rules import ROLE_LABELS
from marketplace.permissions import Actor, OrgRole


@dataclass(frozen=True, slots=True)
class Assessor:
    """Somebody of the funder who is or could be named; counts leave out what they may not see."""

    person_id: UUID
    name: str
    role: OrgRole
    named: bool
    finished: int
    started: int

    @property
    def role_label(self) -> str:
        """Name their role."""
        return ROLE_LABELS[self.role][0]


async def panel(actor: Actor, round_id: UUID) -> tuple[RoundView, list[Assessor]]:
    """Give a round and who of its funder assesses it or could, the named first.

    Raises:
        NotFound: there is no such round, or the actor is not of the funder.
        NotAllowed: the actor may not name assessors.
    """
    round = await rounds.to_manage(actor, round_id)
    rows = await db.fetch(
        "SELECT m.person_id, p.name, m.role, n.id IS NOT NULL AS named,"
        " count(s.id) FILTER (WHERE s.state = 'finished') AS finished,"
        " count(s.id) FILTER (WHERE s.state = 'started') AS started"
        " FROM membership m JOIN person p ON p.id = m.person_id"
        " LEFT JOIN round_assessor n ON n.person_id = m.person_id AND n.round_id = {}"
        " LEFT JOIN application a ON a.round_id = {} AND a.state <> 'withdrawn'"
        "  AND NOT tied(a.id, a.organisation_id, {})"
        " LEFT JOIN assessment s ON s.person_id = m.person_id AND s.application_id = a.id"
        "  AND NOT tied(a.id, a.organisation_id, s.person_id)"
        " WHERE m.organisation_id = {} AND m.role = ANY({}::text[]) AND p.suspended_at IS NULL"
        " AND p.anonymised_at IS NULL"
        " GROUP BY m.person_id, p.name, m.role, n.id"
        " ORDER BY n.id IS NULL, lower(unaccent(p.name)), m.person_id",
        round_id,
        round_id,
        actor.require_person(),
        round.organisation_id,
        [role.value for role in ASSESSING_ROLES],
    )
    return round, [Assessor(**{**row, "role": OrgRole(row["role"])}) for row in rows]


async def named_people(round_id: UUID) -> list[UUID]:
    """Give who assesses a round, for messages to them."""
    rows = await db.fetch(
        "SELECT n.person_id FROM round_assessor n JOIN round r ON r.id = n.round_id"
        " JOIN membership m ON m.person_id = n.person_id AND m.organisation_id = r.organisation_id"
        " WHERE n.round_id = {} AND m.role = ANY({}::text[]) ORDER BY n.id",
        round_id,
        [role.value for role in ASSESSING_ROLES],
    )
    return [row["person_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class AssessmentMail:
    """What a message to the assessors of a round says."""

    name: str
    funder: str
    state: RoundState


async def assessment_mail(round_id: UUID) -> AssessmentMail | None:
    """Read what a message to the assessors of a round says; None when there is no such round."""
    row = await db.fetch_one(
        "SELECT f.title || ': ' || r.title AS name, o.name AS funder, r.state FROM round r"
        " JOIN fund f ON f.id = r.fund_id JOIN organisation o ON o.id = r.organisation_id"
        " WHERE r.id = {}",
        round_id,
    )
    return AssessmentMail(**{**row, "state": RoundState(row["state"])}) if row else None


async def due_rounds() -> list[UUID]:
    """Give the rounds whose deadline has passed and that nobody has opened for assessment."""
    rows = await db.fetch(
        "SELECT id, deadline FROM round WHERE state = 'published' AND deadline <= now()"
        " ORDER BY deadline LIMIT 100"
    )
    now = clock.now()
    return [row["id"] for row in rows if may_start(RoundState.PUBLISHED, row["deadline"], now)]
