"""Writing, publishing and cancelling rounds."""

from collections.abc import Sequence
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
from marketplace.grants.rounds import queries
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import ROUND_MOVES, Event, RoundState, instant
from marketplace.grants.tables import Round
from marketplace.organisations.rules import Kind as OrganisationKind
from marketplace.permissions import Actor
from marketplace.places import queries as places
from marketplace.questions import operations as questions
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Kind, Meaning, Owner

# What every application says first, and what the product reads of it.
FIRST_QUESTIONS = (
    (
        Meaning.TITLE,
        Wording(
            kind=Kind.LINE,
            label="What is your project called?",
            help="A short name that says what it is. It is published if you get a grant.",
        ),
    ),
    (Meaning.AMOUNT, Wording(kind=Kind.MONEY, label="How much do you ask for?")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a funder says of a round: wall times of the place's clock, amounts in pence.

    `districts` are codes; what is empty, None or nought excludes nobody.
    """

    title: str
    budget: int
    least: int = 0
    most: int
    opens_day: date
    opens_time: time
    deadline_day: date
    deadline_time: time
    starts_on: date | None = None
    ends_on: date | None = None
    who_may_apply: str = ""
    contact: str = ""
    kinds: Sequence[OrganisationKind] = ()
    districts: Sequence[str] = ()
    income_at_most: int | None = None
    years_registered: int = 0
    approved_only: bool = True


def _refuse_amounts(terms: Terms) -> None:
    if terms.budget <= 0:
        raise Conflict("Enter a budget of more than nothing", field="budget")
    if terms.most > terms.budget:
        raise Conflict("One grant cannot be more than the whole budget", field="most")
    if terms.most <= 0 or terms.least > terms.most:
        raise Conflict("The most you give must be at least the least you give", field="most")


async def _columns(terms: Terms) -> dict[Any, Any]:
    _refuse_amounts(terms)
    zone = clock.LONDON
    opens_at = instant(terms.opens_day, terms.opens_time, zone, field="opens_time")
    deadline = instant(terms.deadline_day, terms.deadline_time, zone, field="deadline_time")
    if deadline <= opens_at:
        raise Conflict("Choose a deadline after the round opens", field="deadline_day")
    if terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        raise Conflict("Choose an end on or after the start", field="ends_on")
    known = {area.gss for area in await places.areas(clock.today())}
    return {
        Round.title: terms.title,
        Round.budget: terms.budget,
        Round.least: terms.least,
        Round.most: terms.most,
        Round.opens_at: opens_at,
        Round.opens_local: datetime.combine(terms.opens_day, terms.opens_time),
        Round.deadline: deadline,
        Round.deadline_local: datetime.combine(terms.deadline_day, terms.deadline_time),
        Round.zone: zone.key,
        Round.starts_on: terms.starts_on,
        Round.ends_on: terms.ends_on,
        Round.who_may_apply: terms.who_may_apply,
        Round.contact: terms.contact,
        Round.kinds: [kind.value for kind in terms.kinds],
        Round.districts: [code for code in terms.districts if code in known],
        Round.income_at_most: terms.income_at_most or None,
        Round.years_registered: terms.years_registered,
        Round.approved_only: terms.approved_only,
    }


async def draft(actor: Actor, fund_id: UUID, terms: Terms, *, once: Once | None = None) -> UUID:
    """Keep a new round as a draft, with the questions that every application answers.

    Raises:
        NotFound, NotAllowed: see `funds.queries.to_manage`.
        Conflict: amounts or dates do not fit each other; names the field.
    """
    async with db.transaction(once):
        fund = await fund_queries.to_manage(actor, fund_id, lock=True)
        round = Round(await _columns(terms), fund_id=fund_id, organisation_id=fund.organisation_id)
        await round.save()
        for meaning, wording in FIRST_QUESTIONS:
            await questions.ask(Owner.ROUND, round.id, wording, meaning=meaning)
        await _record(actor, Event.ROUND_DRAFTED, round.id, fund.organisation_id)
        if once:
            once.answer(f"/manage/rounds/{round.id}")
    return round.id


async def to_write(actor: Actor, id: UUID) -> RoundView:
    """Lock a round that is still a draft; a step of every change to it.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: it is published, so people rely on what it says.
    """
    db.require_transaction()
    round = await queries.to_manage(actor, id, lock=True)
    if round.state is not RoundState.DRAFT:
        raise Conflict(
            "This round is published, and people write their applications by what it says."
            " You can still move its deadline on, correct its words and raise its budget."
        )
    return round


async def change(actor: Actor, id: UUID, terms: Terms, *, once: Once | None = None) -> None:
    """Replace the terms of a draft.

    Raises:
        NotFound, NotAllowed, Conflict: see `to_write` and `draft`.
    """
    async with db.transaction(once):
        round = await to_write(actor, id)
        await Round.update(await _columns(terms)).where(Round.id == id)
        await _record(actor, Event.ROUND_CHANGED, id, round.organisation_id)


async def publish(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Show a round to everybody, and open its fund.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: the organisation is not approved, or something is missing.
        IllegalMove: it is no draft.
    """
    async with db.transaction(once):
        found = await queries.to_manage(actor, id)
        # The fund first: closing one and publishing its round take the same two locks.
        fund = await fund_queries.to_manage(actor, found.fund_id, lock=True)
        round = await queries.to_manage(actor, id, lock=True)
        state = ROUND_MOVES.check(round.state, RoundState.PUBLISHED)
        if round.state is not RoundState.DRAFT:
            raise Conflict("This round is published already. Move its deadline on instead.")
        if not round.approved:
            raise Conflict(not_approved(round.organisation_name))
        now = clock.now()
        if lacks := round.lacks(now):
            raise Conflict(f"{lacks[0][1]} before you publish this.")
        await Round.update({Round.state: state, Round.published_at: now}).where(Round.id == id)
        await funds.open_step(actor, fund)
        await listing.refresh(fund.id)
        await _record(actor, Event.ROUND_PUBLISHED, id, round.organisation_id)


def not_approved(organisation: str) -> str:
    """Say why a round stays a draft."""
    return (
        f"{organisation} is not approved yet, so this stays a draft."
        " You can publish it as soon as a moderator has approved the organisation."
    )


async def cancel(actor: Actor, id: UUID, *, once: Once | None = None) -> int:
    """Take a round back before it is assessed; gives how many had submitted.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        IllegalMove: it is assessed, decided or cancelled already.
    """
    async with db.transaction(once):
        found = await queries.to_manage(actor, id)
        fund = await fund_queries.to_manage(actor, found.fund_id, lock=True)
        round = await queries.to_manage(actor, id, lock=True)
        state = ROUND_MOVES.check(round.state, RoundState.CANCELLED)
        await Round.update({Round.state: state}).where(Round.id == id)
        await listing.refresh(fund.id)
        await _record(actor, Event.ROUND_CANCELLED, id, round.organisation_id)
        return await db.fetch_value(
            "SELECT count(*) FROM application WHERE round_id = {} AND state = 'submitted'", id
        )


async def _record(actor: Actor, event: Event, round_id: UUID, organisation_id: UUID) -> None:
    await audit.record(event, "round", round_id, by=actor, organisation=organisation_id)
