"""Reading expenses: a person's own, and an organisation's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import db, money
from marketplace.accounts.queries import SOMEBODY_WHO_LEFT
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.expenses import rules
from marketplace.volunteering.expenses.rules import Kind, State

NO_SUCH = "We cannot find that claim."
PAGE = 50
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ExpenseView:
    """One claim."""

    id: UUID
    person_id: UUID
    person_name: str
    organisation_id: UUID
    organisation_name: str
    on_date: date
    kind: Kind
    what: str
    pence: int
    tenths_of_miles: int | None
    state: State
    note: str
    receipt_id: UUID | None
    decided_at: datetime | None
    paid_at: datetime | None
    submitted_at: datetime

    @property
    def amount(self) -> str:
        """Write the amount."""
        return money.pounds(self.pence)

    @property
    def how(self) -> str:
        """Write how it comes about: "12.5 miles by car", or "Receipt"."""
        if self.tenths_of_miles is None:
            return "Receipt"
        return f"{rules.miles_words(self.tenths_of_miles)} by {self.kind.value}"

    @property
    def may_change(self) -> bool:
        """Tell whether the claimant may still change it."""
        return self.state in {State.SUBMITTED, State.RETURNED}


_SELECT = (
    "SELECT e.id, e.person_id, p.name AS person_name, p.anonymised_at IS NOT NULL AS left_us,"
    " e.organisation_id, g.name AS organisation_name, e.on_date, e.kind, e.what, e.pence,"
    " e.tenths_of_miles, e.state, e.note, e.receipt_id, e.decided_at, e.paid_at, e.submitted_at"
    " FROM expense e JOIN person p ON p.id = e.person_id"
    " JOIN organisation g ON g.id = e.organisation_id"
)


def _view(row: dict[str, Any]) -> ExpenseView:
    if row.pop("left_us"):
        row["person_name"] = SOMEBODY_WHO_LEFT
    return ExpenseView(**{**row, "kind": Kind(row["kind"]), "state": State(row["state"])})


async def own(actor: Actor, id: UUID, *, lock: bool = False) -> ExpenseView:
    """Read one of the actor's own claims.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    person = actor.require_person()
    locked = " FOR NO KEY UPDATE OF e" if lock else ""
    row = await db.fetch_one(
        f"{_SELECT} WHERE e.id = {{}} AND e.person_id = {{}}{locked}", id, person
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


async def of(actor: Actor, organisation_id: UUID, id: UUID, *, lock: bool = False) -> ExpenseView:
    """Read one claim for those who see the organisation's expenses.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
    """
    actor.require_to_know(Permission.VIEW_EXPENSES, organisation_id)
    locked = " FOR NO KEY UPDATE OF e" if lock else ""
    row = await db.fetch_one(
        f"{_SELECT} WHERE e.id = {{}} AND e.organisation_id = {{}}{locked}", id, organisation_id
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


async def readable(actor: Actor, id: UUID) -> ExpenseView:
    """Read one claim for its claimant, or for those who see the organisation's expenses.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor may not know that there is.
    """
    person = actor.require_person()
    row = await db.fetch_one(f"{_SELECT} WHERE e.id = {{}}", id)
    if row is None:
        raise NotFound(NO_SUCH)
    view = _view(row)
    if view.person_id != person:
        actor.require_to_know(Permission.VIEW_EXPENSES, view.organisation_id)
    return view


async def for_mail(id: UUID) -> ExpenseView | None:
    """Read one claim for the worker; None when there is none."""
    row = await db.fetch_one(f"{_SELECT} WHERE e.id = {{}}", id)
    return _view(row) if row else None


async def mine(actor: Actor, limit: int = 200) -> list[ExpenseView]:
    """List the actor's own claims, latest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        f"{_SELECT} WHERE e.person_id = {{}} ORDER BY e.on_date DESC, e.id DESC LIMIT {{}}",
        actor.require_person(),
        limit,
    )
    return [_view(row) for row in rows]


async def may_claim_from(person_id: UUID) -> list[tuple[UUID, str]]:
    """List the organisations somebody gave time to, or is about to; by name."""
    rows = await db.fetch(
        "SELECT g.id, g.name FROM organisation g WHERE g.id IN"
        " (SELECT organisation_id FROM booking WHERE person_id = {} AND state <> 'cancelled'"
        "  UNION SELECT organisation_id FROM hours WHERE person_id = {} AND state <> 'withdrawn')"
        " ORDER BY lower(g.name), g.id",
        person_id,
        person_id,
    )
    return [(row["id"], row["name"]) for row in rows]


async def driven(person_id: UUID, organisation_id: UUID, on: date, but: UUID | None) -> int:
    """Add up the tenths of car miles of a tax year that come before a new claim."""
    first, last = rules.tax_year(on)
    return await db.fetch_value(
        "SELECT coalesce(sum(tenths_of_miles), 0)::int FROM expense WHERE person_id = {}"
        " AND organisation_id = {} AND kind = 'car' AND state <> 'withdrawn'"
        " AND on_date >= {} AND on_date < {} AND id IS DISTINCT FROM {}::uuid",
        person_id,
        organisation_id,
        first,
        last,
        but,
    )


@dataclass(frozen=True, slots=True)
class Claims:
    """A page of an organisation's claims, how many there are, and pence by state."""

    rows: list[ExpenseView]
    count: int
    pence: dict[State, int]


async def of_organisation(
    actor: Actor, organisation_id: UUID, state: State | None, page: int = 1
) -> Claims:
    """List an organisation's claims, those that wait for an answer first.

    Raises:
        NotFound: the actor may not know of them.
    """
    actor.require_to_know(Permission.VIEW_EXPENSES, organisation_id)
    wanted = state.value if state else None
    rows = await db.fetch(
        f"{_SELECT} WHERE e.organisation_id = {{}} AND e.state <> 'withdrawn'"
        " AND ({}::text IS NULL OR e.state = {}) ORDER BY"
        " array_position(ARRAY['submitted', 'approved', 'returned', 'paid'], e.state),"
        " e.on_date DESC, e.id DESC LIMIT {} OFFSET {}",
        organisation_id,
        wanted,
        wanted,
        PAGE,
        (page - 1) * PAGE,
    )
    sums = await db.fetch(
        "SELECT state, count(*) AS count, sum(pence)::int AS pence FROM expense"
        " WHERE organisation_id = {} AND state <> 'withdrawn' GROUP BY state",
        organisation_id,
    )
    counted = [row for row in sums if wanted in {None, row["state"]}]
    return Claims(
        [_view(row) for row in rows],
        sum(row["count"] for row in counted),
        {State(row["state"]): row["pence"] for row in sums},
    )


async def every(organisation_id: UUID, state: State | None) -> AsyncIterator[ExpenseView]:
    """Give all claims of an organisation, oldest first, some hundred at a time."""
    wanted = state.value if state else None
    after: tuple[date, UUID] | None = None
    while True:
        beyond = " AND (e.on_date, e.id) > ({}, {})" if after else ""
        rows = await db.fetch(
            f"{_SELECT} WHERE e.organisation_id = {{}} AND e.state <> 'withdrawn'"
            f" AND ({{}}::text IS NULL OR e.state = {{}}){beyond}"
            " ORDER BY e.on_date, e.id LIMIT {}",
            organisation_id,
            wanted,
            wanted,
            *(after or ()),
            _CHUNK,
        )
        for row in rows:
            yield _view(row)
        if len(rows) < _CHUNK:
            return
        after = (rows[-1]["on_date"], rows[-1]["id"])
