"""Reading an organisation's own list of opportunities, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import db
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.rules import OpportunityState, Timing

PAGE = 25
# What needs work first, the cancelled last.
_ORDER = (
    OpportunityState.NEEDS_WORK,
    OpportunityState.DRAFT,
    OpportunityState.SUBMITTED,
    OpportunityState.OPEN,
    OpportunityState.PAUSED,
    OpportunityState.CLOSED,
    OpportunityState.EXPIRED,
    OpportunityState.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One row of an organisation's list; the counts are of shifts still to come."""

    id: UUID
    title: str
    state: OpportunityState
    timing: Timing
    shifts: int
    places: int
    taken: int
    free: int
    next_at: datetime | None
    to_confirm: int
    asked_at: datetime | None

    @property
    def full(self) -> bool:
        """Tell whether every place of the shifts to come is gone."""
        return self.state is OpportunityState.OPEN and self.shifts > 0 and self.free == 0


@dataclass(frozen=True, slots=True)
class Own:
    """A page of an organisation's list; `counts` are of all its states, in their order."""

    rows: list[OwnRow]
    counts: dict[OpportunityState, int]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Tell how many pages can be turned."""
        return max(1, -(-self.total // PAGE))


async def of_organisation(
    actor: Actor, organisation_id: UUID, state: OpportunityState | None = None, page: int = 1
) -> Own:
    """List an organisation's own opportunities; behind the last page stands the last.

    Raises:
        NotAllowed: the actor may not see its drafts.
    """
    actor.require(Permission.VIEW_DRAFTS, organisation_id)
    counted = await db.fetch(
        "SELECT state, count(*) AS number FROM opportunity WHERE organisation_id = {}"
        " GROUP BY state",
        organisation_id,
    )
    numbers = {row["state"]: row["number"] for row in counted}
    counts = {each: numbers[each.value] for each in _ORDER if each.value in numbers}
    total = counts.get(state, 0) if state else sum(counts.values())
    page = min(page, max(1, -(-total // PAGE)))
    rows = await db.fetch(
        # Read from what is not done yet, never through the whole history.
        "WITH undone AS (SELECT id, count(*) AS to_confirm FROM ("
        "  SELECT (SELECT x.opportunity_id FROM shift x WHERE x.id = b.shift_id) AS id"
        "   FROM booking b WHERE b.organisation_id = {} AND b.state = 'confirmed'"
        "   AND upper(b.period) < now()"
        "  UNION ALL SELECT (SELECT x.opportunity_id FROM shift x WHERE x.id = b.shift_id)"
        "   FROM hours h JOIN booking b ON b.id = h.booking_id AND b.state = 'attended'"
        "   WHERE h.organisation_id = {} AND h.state = 'proposed' AND upper(b.period) < now()"
        "  ) AS each GROUP BY id)"
        " SELECT o.id, o.title, o.state, o.timing, o.asked_at, s.*,"
        " coalesce(u.to_confirm, 0) AS to_confirm FROM opportunity o"
        " LEFT JOIN undone u ON u.id = o.id"
        " CROSS JOIN LATERAL (SELECT count(*) AS shifts, coalesce(sum(places), 0)::int AS places,"
        "  coalesce(sum(taken), 0)::int AS taken,"
        "  coalesce(sum(places - taken - held), 0)::int AS free, min(starts_at) AS next_at"
        "  FROM shift WHERE opportunity_id = o.id AND state = 'planned' AND starts_at > now()) AS s"
        " WHERE o.organisation_id = {} AND o.state = ANY({}::text[])"
        " ORDER BY array_position({}::text[], o.state),"
        "  s.next_at NULLS LAST, o.created_at DESC, o.id LIMIT {} OFFSET {}",
        organisation_id,
        organisation_id,
        organisation_id,
        [each.value for each in ([state] if state else _ORDER)],
        [each.value for each in _ORDER],
        PAGE,
        (page - 1) * PAGE,
    )
    return Own(
        [
            OwnRow(
                **{**row, "state": OpportunityState(row["state"]), "timing": Timing(row["timing"])}
            )
            for row in rows
        ],
        counts,
        total,
        page,
    )
