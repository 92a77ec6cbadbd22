"""Changing a round that people can read: its deadline moves on, its words and budget are mended.

Both take the fund's lock and then the round's, as publishing does. Opening a round to its
assessors, scoring and deciding hold the round too, so whichever comes second sees the first.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.grants import listing
from marketplace.grants.funds import operations as funds
from marketplace.grants.funds import queries as fund_queries
from marketplace.grants.funds.queries import FundView
from marketplace.grants.rounds import queries
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rounds.rules import (
    PART_LABELS,
    Part,
    Standing,
    budget_problem,
    changeable,
    deadline_problem,
    why_not_extended,
)
from marketplace.grants.rules import ROUND_MOVES, Event, RoundState, instant
from marketplace.grants.tables import Round, RoundAmendment
from marketplace.permissions import Actor


async def extend(
    actor: Actor, id: UUID, day: date, at: time, reason: str, *, once: Once | None = None
) -> None:
    """Move the deadline on; a round that is with its assessors takes applications again.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: beside its field: it is judged or over, or the time is none after the deadline.
    """
    async with db.transaction(once):
        fund, round = await _locked(actor, id)
        now = clock.now()
        standing = Standing(round.state, round.deadline, await queries.judged(id))
        if why := why_not_extended(standing, now):
            raise Conflict(why, field="deadline_day")
        if not round.approved:
            raise Conflict(
                f"{round.organisation_name} is not approved at present, so nobody could apply.",
                field="deadline_day",
            )
        deadline = instant(day, at, round.zone, field="deadline_time")
        if problem := deadline_problem(round.deadline, deadline, now, round.zone):
            raise Conflict(problem, field="deadline_day")
        reopened = round.state is RoundState.ASSESSING
        await Round.update(
            {
                Round.state: ROUND_MOVES.check(round.state, RoundState.PUBLISHED)
                if reopened
                else round.state,
                Round.deadline: deadline,
                Round.deadline_local: datetime.combine(day, at),
            }
        ).where(Round.id == id)
        # It may have been closed since the deadline passed.
        await funds.open_step(actor, fund)
        await listing.refresh(fund.id)
        amendment = RoundAmendment(
            round_id=id,
            by=actor.person_id,
            reason=reason,
            deadline_was=round.deadline,
            deadline=deadline,
        )
        await _record(actor, Event.ROUND_EXTENDED, round, amendment, reopened=reopened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a published round says from now on, the budget in pence; None stays as it is."""

    title: str
    contact: str = ""
    budget: int
    who_may_apply: str | None = None
    reason: str = ""


async def correct(
    actor: Actor, id: UUID, correction: Correction, *, once: Once | None = None
) -> bool:
    """Correct words and raise the budget of a published round; tells whether anything changed.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: beside its field: it may not change any more, or the budget would shrink.
    """
    async with db.transaction(once):
        fund, round = await _locked(actor, id)
        given: dict[Part, tuple[str, Any, Any, Any]] = {
            Part.TITLE: ("title", Round.title, round.title, correction.title),
            Part.CONTACT: ("contact", Round.contact, round.contact, correction.contact),
            Part.BUDGET: ("budget", Round.budget, round.budget, correction.budget),
        }
        if correction.who_may_apply is not None:
            given[Part.GUIDANCE] = (
                "who_may_apply",
                Round.who_may_apply,
                round.who_may_apply,
                correction.who_may_apply,
            )
        changes: dict[Any, Any] = {}
        changed: list[Part] = []
        for part, (field, column, was, to) in given.items():
            if was == to:
                continue
            if part not in changeable(round.state):
                raise Conflict(
                    f"{PART_LABELS[part]} cannot be changed any more: this round is"
                    f" {'with its assessors' if round.state is RoundState.ASSESSING else 'over'}",
                    field=field,
                )
            changes[column] = to
            changed.append(part)
        if problem := budget_problem(round.budget, correction.budget):
            raise Conflict(problem, field="budget")
        if not changes:
            return False
        await Round.update(changes).where(Round.id == id)
        await listing.refresh(fund.id)
        more = Part.BUDGET in changed
        amendment = RoundAmendment(
            round_id=id,
            by=actor.person_id,
            reason=correction.reason,
            budget_was=round.budget if more else None,
            budget=correction.budget if more else None,
            texts=[part.value for part in changed if part is not Part.BUDGET],
        )
        await _record(actor, Event.ROUND_CORRECTED, round, amendment)
    return True


async def _locked(actor: Actor, id: UUID) -> tuple[FundView, RoundView]:
    found = await queries.to_manage(actor, id)
    fund = await fund_queries.to_manage(actor, found.fund_id, lock=True)
    return fund, await queries.to_manage(actor, id, lock=True)


async def _record(
    actor: Actor, event: Event, round: RoundView, amendment: RoundAmendment, **data: bool
) -> None:
    await amendment.save()
    await audit.record(
        event,
        "round",
        round.id,
        by=actor,
        organisation=round.organisation_id,
        data={"amendment": str(amendment.id), **data},
    )
