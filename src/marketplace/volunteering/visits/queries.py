"""Reading arranged visits: for the coordinator, and for the volunteer."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.series.rules import Pattern, Terms
from marketplace.volunteering.visits.rules import VisitState

NO_SUCH = "We cannot find that arrangement. It may have been taken down."


@dataclass(frozen=True, slots=True)
class VisitView:
    """An arrangement; `whom`, `address` and `instructions` are "" for who may not know them."""

    id: UUID
    opportunity_id: UUID
    role_id: UUID
    organisation_id: UUID
    volunteer_id: UUID
    volunteer: str
    title: str
    organisation_name: str
    minimum_age: int
    state: VisitState
    first_day: date
    terms: Terms
    whom: str
    address: str
    instructions: str
    message: str
    answer: str
    series_id: UUID | None
    proposed_at: datetime

    @property
    def words(self) -> str:
        """Write "Every Tuesday, 2pm to 3pm, without end"."""
        return self.terms.words


_SELECT = (
    "SELECT v.id, v.opportunity_id, v.role_id, v.organisation_id, v.volunteer_id,"
    " p.name AS volunteer, o.title, g.name AS organisation_name, r.minimum_age, v.state,"
    " v.first_day, v.until, v.rule, v.start_time, v.end_time, v.skip_holidays, v.whom, v.address,"
    " v.instructions, v.message, v.answer, v.series_id, v.proposed_at"
    " FROM visit v JOIN person p ON p.id = v.volunteer_id"
    " JOIN opportunity o ON o.id = v.opportunity_id"
    " JOIN organisation g ON g.id = v.organisation_id JOIN role r ON r.id = v.role_id"
)


def _view(row: dict[str, Any]) -> VisitView:
    start: time = row.pop("start_time")
    terms = Terms(
        pattern=Pattern.of_rule(row.pop("rule")),
        start=start,
        end=row.pop("end_time"),
        places=1,
        least_needed=1,
        until=row.pop("until"),
        skip_holidays=row.pop("skip_holidays"),
    )
    return VisitView(**{**row, "state": VisitState(row["state"])}, terms=terms)


async def visit(id: UUID, *, lock: bool = False) -> VisitView:
    """Read an arrangement. Who may know of it is the caller's to ask.

    Raises:
        NotFound: there is none.
    """
    row = await db.fetch_one(
        f"{_SELECT} WHERE v.id = {{}}" + (" FOR NO KEY UPDATE OF v" if lock else ""), id
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


async def own(actor: Actor, id: UUID, *, lock: bool = False) -> VisitView:
    """Read an arrangement as its volunteer; who is visited and where only once they agreed.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    person = actor.require_person()
    found = await visit(id, lock=lock)
    if found.volunteer_id != person or found.state is VisitState.WITHDRAWN:
        raise NotFound(NO_SUCH)
    if found.state is not VisitState.AGREED:
        return replace(found, whom="", address="", instructions="")
    return found


async def mine(actor: Actor) -> list[VisitView]:
    """List what the actor is asked to do and has agreed to, without who and where."""
    rows = await db.fetch(
        f"{_SELECT} WHERE v.volunteer_id = {{}} AND v.state <> 'withdrawn'"
        " ORDER BY array_position(ARRAY['proposed', 'agreed'], v.state) NULLS LAST,"
        " v.proposed_at DESC LIMIT 100",
        actor.require_person(),
    )
    return [replace(_view(row), whom="", address="", instructions="") for row in rows]


async def to_manage(actor: Actor, opportunity_id: UUID, *, lock: bool = False) -> OpportunityView:
    """Read an opportunity for those who arrange its visits: they see who and where.

    Raises:
        NotFound: there is none, or the actor may not know who volunteers in it.
    """
    opportunity = await opportunities.opportunity(actor, opportunity_id, lock=lock)
    actor.require_to_know(Permission.VIEW_ROSTER, opportunity.organisation_id)
    actor.require_to_know(Permission.WRITE_OPPORTUNITIES, opportunity.organisation_id)
    return opportunity


async def visit_to_manage(
    actor: Actor, id: UUID, *, lock: bool = False
) -> tuple[VisitView, OpportunityView]:
    """Read an arrangement for those who made it; `lock` locks the opportunity first.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    found = await visit(id)
    opportunity = await to_manage(actor, found.opportunity_id, lock=lock)
    return (await visit(id, lock=True) if lock else found), opportunity


async def of_opportunity(opportunity_id: UUID) -> list[VisitView]:
    """List the arrangements of an opportunity: what runs first. Who may is the caller's to ask."""
    rows = await db.fetch(
        f"{_SELECT} WHERE v.opportunity_id = {{}}"
        " ORDER BY array_position(ARRAY['proposed', 'agreed'], v.state) NULLS LAST,"
        " v.proposed_at DESC LIMIT 300",
        opportunity_id,
    )
    return [_view(row) for row in rows]


async def volunteers(organisation_id: UUID, opportunity_id: UUID) -> list[tuple[UUID, str]]:
    """Name who may be asked: those who applied here, and those who had a place with the group."""
    rows = await db.fetch(
        "SELECT p.id, p.name FROM person p WHERE p.suspended_at IS NULL AND p.id IN ("
        " SELECT a.person_id FROM role_application a JOIN role r ON r.id = a.role_id"
        "  WHERE r.opportunity_id = {} AND a.state IN ('submitted', 'approved')"
        " UNION SELECT b.person_id FROM booking b WHERE b.organisation_id = {}"
        "  AND b.state <> 'cancelled') ORDER BY lower(p.name), p.id LIMIT 500",
        opportunity_id,
        organisation_id,
    )
    return [(row["id"], row["name"]) for row in rows]


async def due(last: date) -> list[UUID]:
    """List the agreed arrangements of which visits are still to be planned up to `last`."""
    rows = await db.fetch(
        "SELECT v.id FROM visit v JOIN series s ON s.id = v.series_id"
        " JOIN opportunity o ON o.id = v.opportunity_id"
        " WHERE v.state = 'agreed' AND s.state = 'running' AND o.state = 'open'"
        " AND coalesce(s.planned_until, '-infinity') < least({}::date, s.until) ORDER BY v.id",
        last,
    )
    return [row["id"] for row in rows]
