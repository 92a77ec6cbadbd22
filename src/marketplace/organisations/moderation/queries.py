"""Reads of the moderators' queue."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import db
from marketplace.organisations import queries, register
from marketplace.organisations.queries import Organisation
from marketplace.organisations.rules import Kind, State, same_name, same_postcode
from marketplace.permissions import Actor, Permission

PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One registration in the queue; `owner` is the name of who registered it."""

    id: UUID
    name: str
    kind: Kind
    town: str
    charity_number: str | None
    state: State
    submitted_at: datetime | None
    owner: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of registrations in one state, the longest waiting first, and how many there are."""

    rows: list[Waiting]
    total: int
    page: int
    counts: dict[State, int]

    @property
    def pages(self) -> int:
        """Tell how many pages can be turned."""
        return max(1, -(-self.total // PAGE))


async def queue(actor: Actor, state: State = State.SUBMITTED, page: int = 1) -> Queue:
    """Give the registrations in a state, with the numbers of all states.

    Raises:
        NotFound: the actor is no moderator.
    """
    actor.require_to_know(Permission.MODERATE_ORGANISATIONS)
    counted = await db.fetch("SELECT state, count(*) AS number FROM organisation GROUP BY state")
    counts = {State(row["state"]): row["number"] for row in counted}
    rows = await db.fetch(
        "SELECT o.id, o.name, o.kind, o.town, o.charity_number, o.state, o.submitted_at,"
        " coalesce(p.name, '') AS owner FROM organisation o"
        " LEFT JOIN person p ON p.id = o.created_by AND p.anonymised_at IS NULL"
        " WHERE o.state = {} ORDER BY o.submitted_at NULLS LAST, o.id LIMIT {} OFFSET {}",
        state.value,
        PAGE,
        (page - 1) * PAGE,
    )
    return Queue(
        [
            Waiting(**{**row, "kind": Kind(row["kind"]), "state": State(row["state"])})
            for row in rows
        ],
        counts.get(state, 0),
        page,
        counts,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was typed beside what the register says; `entry` is None where it says nothing."""

    entry: register.Charity | None
    name_differs: bool = False
    postcode_differs: bool = False


async def comparison(organisation: Organisation) -> Comparison:
    """Lay a registration beside the register's entry for its number."""
    number = organisation.charity_number
    if number is None or not number.replace("-", "").isdecimal():
        return Comparison(None)
    entry = await register.find_charity(number)
    if entry is None:
        return Comparison(None)
    return Comparison(
        entry,
        not same_name(entry.name, organisation.name),
        bool(entry.postcode) and not same_postcode(entry.postcode, organisation.postcode),
    )


async def registration(actor: Actor, id: UUID) -> Organisation:
    """Give a registration to a moderator.

    Raises:
        NotFound: the actor is no moderator.
        NotFound: there is no such organisation.
    """
    actor.require_to_know(Permission.MODERATE_ORGANISATIONS)
    return await queries.workspace(actor, id)


def conflict_of_interest(actor: Actor, organisation: Organisation) -> bool:
    """Tell whether a moderator has a stake in an organisation and must not decide about it."""
    registered_it = organisation.created_by is not None and actor.is_self(organisation.created_by)
    return organisation.id in actor.memberships or registered_it
