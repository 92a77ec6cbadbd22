"""Funds, rounds, questions and applications for tests: plain functions as in `factories`."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.factories import AnOrganisation, an_organisation

from marketplace import clock, db
from marketplace.grants import listing
from marketplace.grants.applications import operations
from marketplace.grants.applications.operations import Sent
from marketplace.grants.rounds.operations import FIRST_QUESTIONS
from marketplace.grants.tables import Criterion, Fund, Round
from marketplace.permissions import Actor
from marketplace.questions import operations as questions
from marketplace.questions import queries as question_queries
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Asked, Kind, Meaning, Owner

DIFFERENCE = Wording(
    kind=Kind.TEXT,
    label="What difference will it make?",
    help="Say who gains and how you will know.",
    word_limit=20,
)


async def a_fund(organisation_id: UUID | None = None, **columns: Any) -> UUID:
    """Make an open fund; it is listed once it has a round that takes applications."""
    if organisation_id is None:
        organisation_id = (await an_organisation(name="Essex Giving")).id
    given: dict[str, Any] = {
        "title": "Green spaces fund",
        "summary": "Small grants for gardens and parks.",
        "state": "open",
        "causes": ["environment"],
        "area": "Essex",
    } | columns
    if given["state"] != "draft":
        given.setdefault("published_at", clock.now())
    fund = Fund(organisation_id=organisation_id, **given)
    await fund.save()
    return fund.id


async def a_round(
    fund_id: UUID | None = None,
    *,
    opens_at: datetime | None = None,
    deadline: datetime | None = None,
    asks: tuple[Wording, ...] = (DIFFERENCE,),
    criteria: int = 1,
    **columns: Any,
) -> UUID:
    """Make a published round that is open for two weeks unless said otherwise."""
    fund_id = fund_id or await a_fund()
    organisation_id = await db.fetch_value(
        "SELECT organisation_id FROM fund WHERE id = {}", fund_id
    )
    opens_at = opens_at or clock.now() - timedelta(days=7)
    deadline = deadline or clock.now().replace(microsecond=0) + timedelta(days=14)
    given: dict[str, Any] = {
        "title": "Spring round",
        "state": "published",
        "budget": 2_000_000,
        "least": 50_000,
        "most": 500_000,
    } | columns
    round = Round(
        fund_id=fund_id,
        organisation_id=organisation_id,
        opens_at=opens_at,
        opens_local=clock.local(opens_at).replace(tzinfo=None),
        deadline=deadline,
        deadline_local=clock.local(deadline).replace(tzinfo=None),
        **given,
    )
    await round.save()
    for number in range(criteria):
        await Criterion(round_id=round.id, position=number + 1, label=f"Need {number + 1}").save()
    async with db.transaction():
        for meaning, wording in FIRST_QUESTIONS:
            await questions.ask(Owner.ROUND, round.id, wording, meaning=meaning)
        for wording in asks:
            await questions.ask(Owner.ROUND, round.id, wording)
        await listing.refresh(fund_id)
    return round.id


async def asked(round_id: UUID) -> list[Asked]:
    """Give the questions of a round."""
    return await question_queries.asked(Owner.ROUND, round_id)


async def a_draft(
    round_id: UUID | None = None, organisation: AnOrganisation | None = None
) -> tuple[UUID, AnOrganisation]:
    """Start a draft; gives it with the organisation that applies."""
    round_id = round_id or await a_round()
    organisation = organisation or await an_organisation(name="Witham Wheelers")
    id = await operations.start(
        organisation.owner.actor, round_id, organisation.id, received=clock.now()
    )
    return id, organisation


async def answer(actor: Actor, id: UUID, **values: str) -> None:
    """Answer a draft: `title`, `amount` by meaning, `rest` to every other question."""
    round_id = await db.fetch_value("SELECT round_id FROM application WHERE id = {}", id)
    given = {"title": "A garden for all", "amount": "£1,250", "rest": "Many will meet."} | values
    sent = [
        Sent(each.id, given[each.meaning.value if each.meaning is not Meaning.NONE else "rest"], 0)
        for each in await asked(round_id)
    ]
    await operations.save(actor, id, sent, received=clock.now())


async def a_submission(
    round_id: UUID | None = None, organisation: AnOrganisation | None = None, **values: str
) -> tuple[UUID, AnOrganisation]:
    """Submit an application to a round that is open; gives it with the organisation."""
    id, organisation = await a_draft(round_id, organisation)
    await answer(organisation.owner.actor, id, **values)
    await operations.submit(organisation.owner.actor, id, received=clock.now())
    return id, organisation
