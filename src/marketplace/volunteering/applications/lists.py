"""Reading who applied: for a role, for an organisation, and one application to decide on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import db
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.applications import queries
from marketplace.volunteering.applications.queries import Screened
from marketplace.volunteering.applications.rules import ApplicationState, role_name

PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One applicant in a list."""

    id: UUID
    name: str
    role_name: str
    state: ApplicationState
    expired: bool
    submitted_at: datetime
    references: int
    references_in: int


@dataclass(frozen=True, slots=True)
class Applicants:
    """A page of a list, and how many wait for a decision in all."""

    rows: list[Row]
    waiting: int
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Count the pages; at least one."""
        return max(1, -(-self.total // PAGE))


async def of_role(actor: Actor, role_id: UUID, *, page: int = 1) -> tuple[Screened, Applicants]:
    """List who applied for a role: who waits first, the longest first.

    Raises:
        SignInRequired, NotFound: see `queries.to_screen`.
    """
    role = await queries.to_screen(actor, role_id)
    return role, await _list("a.role_id = {}", role_id, page)


async def of_organisation(actor: Actor, organisation_id: UUID, *, page: int = 1) -> Applicants:
    """List who applied for any role of an organisation.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: the actor does not screen its volunteers.
    """
    actor.require_to_know(Permission.SCREEN_VOLUNTEERS, organisation_id)
    return await _list("a.organisation_id = {}", organisation_id, page)


_COUNTS = (
    "SELECT count(*) AS total, count(*) FILTER (WHERE a.state = 'submitted') AS waiting"
    " FROM role_application a"
)
_ROWS = (
    "SELECT a.id, CASE WHEN p.anonymised_at IS NULL THEN p.name ELSE 'Somebody who left' END"
    "  AS name, r.title AS role_title, o.title AS opportunity_title, a.state,"
    " coalesce(a.approved_until <= now(), false) AS expired, a.submitted_at,"
    " (SELECT count(*) FROM referee f WHERE f.application_id = a.id AND f.state <> 'replaced')"
    "  AS references,"
    " (SELECT count(*) FROM referee f WHERE f.application_id = a.id AND f.state = 'given')"
    "  AS references_in"
    " FROM role_application a JOIN person p ON p.id = a.person_id"
    " JOIN role r ON r.id = a.role_id JOIN opportunity o ON o.id = r.opportunity_id"
)
# Who waits first, the longest first; then the decided, the latest sent first.
_ORDER = (
    " ORDER BY a.state <> 'submitted', CASE WHEN a.state = 'submitted' THEN a.submitted_at END,"
    " a.submitted_at DESC, a.id LIMIT {} OFFSET {}"
)


async def _list(where: str, id: UUID, page: int) -> Applicants:
    where = f"WHERE {where} AND a.state <> 'draft'"
    counts = await db.fetch_one(f"{_COUNTS} {where}", id)
    assert counts is not None
    rows = await db.fetch(f"{_ROWS} {where}{_ORDER}", id, PAGE, (page - 1) * PAGE)
    found: list[Row] = []
    for row in rows:
        name = role_name(row.pop("role_title"), row.pop("opportunity_title"))
        found.append(Row(**{**row, "role_name": name, "state": ApplicationState(row["state"])}))
    return Applicants(found, counts["waiting"], counts["total"], page)
