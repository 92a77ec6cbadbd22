"""Listings that nobody touches: asked about once, then out of the lists, then over.

Each run by the clock does what is due and no more, so it may run again at any time. What keeps a
listing fresh is a deed of its organisation: a change, a shift planned, hours confirmed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db, signing
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import SYSTEM, Actor, OrgRole, Permission
from marketplace.signing import LinkExpired
from marketplace.volunteering import listing
from marketplace.volunteering.opportunities import queries, steps
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.opportunities.rules import ASK_AFTER, EXPIRE_AFTER, FADE_AFTER
from marketplace.volunteering.rules import OPPORTUNITY_MOVES, Event, OpportunityState
from marketplace.volunteering.tables import Opportunity

LINK = "still-open"
LINK_LIFE = timedelta(days=90)
BATCH = 500


class Answered(LinkExpired):
    """Somebody has answered what the link asks."""

    def __init__(self, opportunity: OpportunityView) -> None:
        super().__init__("This was answered already. Thank you. Sign in to change it again.")
        self.opportunity = opportunity


_OPEN = (
    "SELECT o.id FROM opportunity o JOIN organisation g ON g.id = o.organisation_id"
    " WHERE o.state = 'open' AND g.state = 'approved' AND "
)
# Hours that the organisation confirmed lately say as much as an answer.
_UNTOUCHED = (
    "o.touched_at < {} AND o.asked_at IS NULL AND NOT EXISTS ("
    "SELECT FROM role r JOIN hours h ON h.role_id = r.id WHERE r.opportunity_id = o.id"
    " AND h.confirmed_by IS NOT NULL AND h.confirmed_at >= {})"
)


async def ask_fade_expire() -> dict[str, int]:
    """Do all that is due for listings nobody touches; gives how many of each."""
    now = clock.now()
    stale = now - ASK_AFTER
    return {
        "asked": await _each(_UNTOUCHED, [stale, stale], _ask),
        "faded": await _each("o.asked_at < {} AND o.faded_at IS NULL", [now - FADE_AFTER], _fade),
        "expired": await _each("o.faded_at < {}", [now - EXPIRE_AFTER], _expire),
    }


async def expire_after_deadline() -> int:
    """Take down what had a last day that is over; gives how many. For the schedule."""
    return await _each("o.deadline < {}", [clock.today()], _expire)


async def _each(
    due: str, values: Sequence[date], run: Callable[[OpportunityView], Awaitable[None]]
) -> int:
    rows = await db.fetch(f"{_OPEN}{due} ORDER BY o.touched_at, o.id LIMIT {BATCH}", *values)
    done = 0
    for row in rows:
        async with db.transaction():
            opportunity = await queries.opportunity(SYSTEM, row["id"], lock=True)
            # Asked again under the lock: somebody may have answered, or another run been faster.
            if await db.fetch_one(f"{_OPEN}{due} AND o.id = {{}}", *values, row["id"]):
                await run(opportunity)
                done += 1
    return done


async def _ask(opportunity: OpportunityView) -> None:
    await _set(opportunity, {Opportunity.asked_at: clock.now()}, Event.OPPORTUNITY_ASKED_ABOUT)


async def _fade(opportunity: OpportunityView) -> None:
    await _set(opportunity, {Opportunity.faded_at: clock.now()}, Event.OPPORTUNITY_FADED)


async def _expire(opportunity: OpportunityView) -> None:
    state = OPPORTUNITY_MOVES.check(opportunity.state, OpportunityState.EXPIRED)
    await _set(opportunity, {Opportunity.state: state}, Event.OPPORTUNITY_EXPIRED)


async def _set(opportunity: OpportunityView, columns: Mapping[Any, Any], event: Event) -> None:
    await Opportunity.update(dict(columns)).where(Opportunity.id == opportunity.id)
    await listing.refresh(opportunity.id)
    await audit.record(
        event,
        "opportunity",
        opportunity.id,
        by=SYSTEM,
        organisation=opportunity.organisation_id,
    )


async def confirm(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Say that an opportunity is still open; one that expired meanwhile opens again.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: it expired, and lacks something to open again.
        IllegalMove: it was closed or cancelled meanwhile.
    """
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, id, lock=True)
        if opportunity.state is OpportunityState.EXPIRED:
            if lacks := opportunity.lacks(await queries.upcoming_shifts(id)):
                raise Conflict(f"{lacks[0][1]} before it opens again.")
        elif opportunity.state is not OpportunityState.OPEN:
            OPPORTUNITY_MOVES.check(opportunity.state, OpportunityState.EXPIRED)
        await Opportunity.update({Opportunity.state: OpportunityState.OPEN}).where(
            Opportunity.id == id
        )
        await steps.touch(id)
        await audit.record(
            Event.OPPORTUNITY_CONFIRMED,
            "opportunity",
            id,
            by=actor,
            organisation=opportunity.organisation_id,
        )


def link(opportunity: OpportunityView, person_id: UUID) -> str:
    """Make the token by which one person answers for one opportunity, once it is asked about."""
    assert opportunity.asked_at is not None
    return signing.sign(LINK, opportunity.id, f"{person_id.hex}.{_stamp(opportunity.asked_at)}")


def _stamp(at: datetime) -> str:
    return str(int(at.timestamp() * 1_000_000))


async def of_link(token: str) -> tuple[Actor, OpportunityView]:
    """Give whom a link was sent to, as they may act today, and the opportunity it asks about.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, or too old.
        Answered: somebody has answered, or changed it, since it was asked.
        NotFound: the opportunity is gone, or the person does not work on it any more.
    """
    signed = signing.unsign(LINK, token, within=LINK_LIFE)
    person, _, stamp = signed.version.partition(".")
    opportunity = await queries.opportunity(SYSTEM, signed.id)
    role = await db.fetch_value(
        "SELECT m.role FROM membership m JOIN person p ON p.id = m.person_id"
        " WHERE m.person_id = {} AND m.organisation_id = {} AND p.suspended_at IS NULL"
        " AND p.anonymised_at IS NULL",
        UUID(person),
        opportunity.organisation_id,
    )
    if role is None:
        raise NotFound(queries.NO_SUCH)
    actor = Actor(person_id=UUID(person), memberships={opportunity.organisation_id: OrgRole(role)})
    if not actor.can(Permission.WRITE_OPPORTUNITIES, opportunity.organisation_id):
        raise NotFound(queries.NO_SUCH)
    if opportunity.asked_at is None or _stamp(opportunity.asked_at) != stamp:
        raise Answered(opportunity)
    return actor, opportunity
