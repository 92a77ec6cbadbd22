"""Reads of the moderators' queue of opportunities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketplace import db
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.opportunities import queries, steps
from marketplace.volunteering.opportunities.queries import OpportunityView, RoleView
from marketplace.volunteering.opportunities.rules import (
    OFFER_TRUST_FROM,
    Difference,
    differences,
)

PAGE = 50


class Tab(StrEnum):
    """What of the queue is shown."""

    WAITING = "waiting"
    CHANGED = "changed"
    RETURNED = "returned"


# Those of an organisation that is trusted meanwhile, or not approved, wait for nobody.
_CHANGED = (
    "o.state = 'open' AND o.recheck_since IS NOT NULL AND g.trusted_at IS NULL"
    " AND g.state = 'approved'"
)
_WHERE = {
    Tab.WAITING: "o.state = 'submitted' AND g.state = 'approved'",
    Tab.CHANGED: _CHANGED,
    Tab.RETURNED: "o.state = 'needs_work' AND g.state = 'approved'",
}
_SINCE = {
    Tab.WAITING: "o.submitted_at",
    Tab.CHANGED: "o.recheck_since",
    Tab.RETURNED: "o.touched_at",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One opportunity in the queue; `since` is when it was sent, changed or returned."""

    id: UUID
    title: str
    organisation_name: str
    town: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Earned:
    """An organisation that could be trusted, with how many of its opportunities were accepted."""

    id: UUID
    name: str
    accepted: int


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, the longest waiting first, the numbers of all tabs, and the earned."""

    rows: list[Waiting]
    page: int
    counts: dict[Tab, int]
    total: int
    earned: list[Earned]

    @property
    def pages(self) -> int:
        """Tell how many pages can be turned."""
        return max(1, -(-self.total // PAGE))


async def queue(actor: Actor, tab: Tab = Tab.WAITING, page: int = 1) -> Queue:
    """Give what waits for a moderator.

    Raises:
        NotFound: the actor is no moderator.
    """
    actor.require_to_know(Permission.MODERATE_OPPORTUNITIES)
    source = " FROM opportunity o JOIN organisation g ON g.id = o.organisation_id WHERE "
    counted = await db.fetch_one(
        "SELECT " + ", ".join(f"(SELECT count(*){source}{_WHERE[each]}) AS {each}" for each in Tab)
    )
    assert counted is not None
    rows = await db.fetch(
        f"SELECT o.id, o.title, g.name AS organisation_name, o.town, {_SINCE[tab]} AS since"
        f"{source}{_WHERE[tab]} ORDER BY {_SINCE[tab]}, o.id LIMIT {{}} OFFSET {{}}",
        PAGE,
        (page - 1) * PAGE,
    )
    earned = await db.fetch(
        "SELECT g.id, g.name, c.accepted FROM (SELECT organisation_id, count(*) AS accepted"
        "  FROM opportunity WHERE accepted_at IS NOT NULL GROUP BY organisation_id"
        "  HAVING count(*) >= {}) AS c JOIN organisation g ON g.id = c.organisation_id"
        " WHERE g.trusted_at IS NULL AND g.state = 'approved' AND NOT g.id = ANY({}::uuid[])"
        " ORDER BY c.accepted DESC, g.name, g.id LIMIT 10",
        OFFER_TRUST_FROM,
        list(actor.memberships),
    )
    return Queue(
        [Waiting(**row) for row in rows],
        page,
        {each: counted[each] for each in Tab},
        counted[tab],
        [Earned(**row) for row in earned],
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """An opportunity as a moderator reads it: its words, and what of them changed.

    `changed` compares with what was accepted; it is empty for one never accepted. `accepted` is
    how many of its organisation's opportunities were.
    """

    opportunity: OpportunityView
    roles: Sequence[RoleView]
    text: dict[str, str]
    changed: Sequence[Difference]
    accepted: int
    conflict: bool


async def reading(actor: Actor, id: UUID) -> Reading:
    """Give an opportunity to a moderator.

    Raises:
        NotFound: the actor is no moderator, or there is no such opportunity.
    """
    actor.require_to_know(Permission.MODERATE_OPPORTUNITIES)
    opportunity = await queries.opportunity(actor, id)
    roles = await queries.roles(id)
    text = queries.public_text(opportunity, roles)
    before = await steps.accepted_text(id)
    return Reading(
        opportunity,
        roles,
        text,
        differences(before, text) if before is not None else (),
        await db.fetch_value(
            "SELECT count(*) FROM opportunity WHERE organisation_id = {}"
            " AND accepted_at IS NOT NULL",
            opportunity.organisation_id,
        ),
        opportunity.organisation_id in actor.memberships,
    )
