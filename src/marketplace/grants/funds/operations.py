"""Writing, closing and reopening funds; publishing a round is what opens one first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db, taxonomies
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.grants import listing
from marketplace.grants.funds import queries
from marketplace.grants.rules import FUND_MOVES, Event, FundState, deadline_words
from marketplace.grants.tables import Fund
from marketplace.permissions import Actor, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a funder says of a fund."""

    title: str
    summary: str = ""
    description: str = ""
    causes: Sequence[str] = ()
    area: str = ""


def _columns(details: Details) -> dict[Any, Any]:
    return {
        Fund.title: details.title,
        Fund.summary: details.summary,
        Fund.description: details.description,
        Fund.causes: [slug for slug in details.causes if slug in taxonomies.CAUSES],
        Fund.area: details.area,
    }


async def draft(
    actor: Actor, organisation_id: UUID, details: Details, *, once: Once | None = None
) -> UUID:
    """Keep a new fund as a draft, and give its id.

    Raises:
        NotFound, NotAllowed: the actor may not write funds for the organisation.
    """
    actor.require_to_know(Permission.VIEW_APPLICATIONS, organisation_id)
    actor.require(Permission.WRITE_FUNDS, organisation_id)
    async with db.transaction(once):
        fund = Fund(_columns(details), organisation_id=organisation_id, created_by=actor.person_id)
        await fund.save()
        await _record(actor, Event.FUND_DRAFTED, fund.id, organisation_id)
        if once:
            once.answer(f"/manage/funds/{fund.id}")
    return fund.id


async def change(actor: Actor, id: UUID, details: Details, *, once: Once | None = None) -> None:
    """Replace what a fund says; a published one must keep its summary.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: a published one would lack its summary.
    """
    async with db.transaction(once):
        before = await queries.to_manage(actor, id, lock=True)
        if before.published_at and not details.summary:
            raise Conflict("Keep a summary: people can see this already", field="summary")
        await Fund.update(_columns(details)).where(Fund.id == id)
        await listing.refresh(id)
        await _record(actor, Event.FUND_CHANGED, id, before.organisation_id)


async def close(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take a fund out of the list; its page stays, with what it has given.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: a round still takes applications.
        IllegalMove: it is closed already.
    """
    async with db.transaction(once):
        fund = await queries.to_manage(actor, id, lock=True)
        state = FUND_MOVES.check(fund.state, FundState.CLOSED)
        running = await db.fetch_one(
            "SELECT title, deadline FROM round WHERE fund_id = {} AND state = 'published'"
            " AND deadline > {} ORDER BY deadline LIMIT 1",
            id,
            clock.now(),
        )
        if running is not None:
            raise Conflict(
                f"{running['title']} takes applications until"
                f" {deadline_words(running['deadline'])}. Wait until then, or cancel that round"
                " first."
            )
        await Fund.update({Fund.state: state}).where(Fund.id == id)
        await listing.refresh(id)
        await _record(actor, Event.FUND_CLOSED, id, fund.organisation_id)


async def open_step(actor: Actor, fund: queries.FundView) -> None:
    """Open a fund that is not open; a step of publishing a round, which holds its lock."""
    db.require_transaction()
    if fund.state is FundState.OPEN:
        return
    state = FUND_MOVES.check(fund.state, FundState.OPEN)
    await Fund.update(
        {Fund.state: state, Fund.published_at: fund.published_at or clock.now()}
    ).where(Fund.id == fund.id)
    await _record(actor, Event.FUND_PUBLISHED, fund.id, fund.organisation_id)


async def _record(actor: Actor, event: Event, fund_id: UUID, organisation_id: UUID) -> None:
    await audit.record(event, "fund", fund_id, by=actor, organisation=organisation_id)
