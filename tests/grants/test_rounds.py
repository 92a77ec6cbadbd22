"""Funds and rounds: amounts, dates, questions and criteria while they are drafts, publishing."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from tests.factories import a_person, acting, an_organisation
from tests.factories_grants import DIFFERENCE, a_fund, a_round, a_submission, asked

from marketplace import clock, listing_index
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.grants import listing
from marketplace.grants.funds import operations as funds
from marketplace.grants.funds import queries as fund_queries
from marketplace.grants.funds.operations import Details
from marketplace.grants.rounds import asking, operations, queries
from marketplace.grants.rounds.asking import Measure
from marketplace.grants.rounds.operations import Terms
from marketplace.grants.rules import FundState, RoundState
from marketplace.listing_index import Find
from marketplace.organisations.rules import State
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Kind, Meaning

TERMS = Terms(
    title="Spring",
    budget=2_000_000,
    least=50_000,
    most=500_000,
    opens_day=date(2030, 1, 7),
    opens_time=time(9),
    deadline_day=date(2031, 7, 1),
    deadline_time=time(12),
)


@pytest.fixture
async def funder(db):
    return await an_organisation(name="Essex Giving")


@pytest.fixture
def owner(funder):
    return funder.owner.actor


async def drafted(owner, funder, **terms):
    fund = await funds.draft(owner, funder.id, Details(title="Green", summary="Gardens."))
    return fund, await operations.draft(owner, fund, replace(TERMS, **terms))


async def found():
    return [row.id for row in (await listing_index.find(Find([listing.KIND]))).rows]


async def test_a_round_from_nothing_to_the_public_list(db, owner, funder):
    fund, round_id = await drafted(owner, funder)
    assert await found() == []
    with pytest.raises(NotFound):
        await fund_queries.fund((await a_person()).actor, fund)
    await asking.add_question(owner, round_id, DIFFERENCE)
    await asking.add_criterion(owner, round_id, Measure(label="Need"))
    await operations.publish(owner, round_id)
    assert await found() == [fund]
    public = await fund_queries.fund((await a_person()).actor, fund)
    assert public.state is FundState.OPEN
    (round,) = await queries.of_fund(fund)
    assert [each.meaning for each in round.questions] == [
        Meaning.TITLE,
        Meaning.AMOUNT,
        Meaning.NONE,
    ]
    events = await db.fetch("SELECT event FROM history WHERE event LIKE '%.published'")
    assert {row["event"] for row in events} == {"fund.published", "round.published"}


async def test_a_deadline_keeps_what_was_said_beside_the_instant(owner, funder):
    _, round_id = await drafted(owner, funder)
    round = await queries.of_funder(owner, round_id)
    assert round.deadline == datetime(2031, 7, 1, 11, tzinfo=UTC)
    assert round.deadline_local == datetime(2031, 7, 1, 12)
    assert round.zone.key == "Europe/London"
    assert round.deadline_words == "noon, Tuesday 1 July 2031, UK time"


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"budget": 0}, "budget"),
        ({"most": 2_000_001}, "most"),
        ({"least": 500_001}, "most"),
        ({"most": 0, "least": 0}, "most"),
        ({"deadline_day": date(2030, 1, 7), "deadline_time": time(9)}, "deadline_day"),
        ({"deadline_day": date(2031, 3, 30), "deadline_time": time(1, 30)}, "deadline_time"),
        ({"starts_on": date(2031, 2, 1), "ends_on": date(2031, 1, 1)}, "ends_on"),
    ],
)
async def test_terms_that_do_not_fit_each_other_are_refused_beside_their_field(
    owner, funder, terms, field
):
    with pytest.raises(Conflict) as refused:
        await drafted(owner, funder, **terms)
    assert refused.value.field == field


async def test_one_grant_may_be_the_whole_budget(owner, funder):
    await drafted(owner, funder, least=0, most=2_000_000)


async def test_the_database_keeps_the_budget_too(db, owner, funder):
    _, round_id = await drafted(owner, funder)
    with pytest.raises(Exception, match="round_within_budget"):
        await db.execute("UPDATE round SET committed = budget + 1 WHERE id = {}", round_id)


async def test_an_unknown_district_is_left_out(owner, funder):
    _, round_id = await drafted(owner, funder, districts=["E07000070", "E99999999"])
    round = await queries.of_funder(owner, round_id)
    assert dict(round.rules.districts) == {"E07000070": "Chelmsford"}


async def test_what_is_missing_keeps_a_round_a_draft(owner, funder):
    _, round_id = await drafted(owner, funder)
    with pytest.raises(Conflict, match="Ask at least one question"):
        await operations.publish(owner, round_id)


async def test_an_organisation_that_is_not_approved_publishes_nothing(db):
    funder = await an_organisation(state=State.SUBMITTED)
    owner = funder.owner.actor
    _, round_id = await drafted(owner, funder)
    await asking.add_question(owner, round_id, DIFFERENCE)
    await asking.add_criterion(owner, round_id, Measure(label="Need"))
    with pytest.raises(Conflict, match="not approved yet"):
        await operations.publish(owner, round_id)


async def test_a_published_round_stays_as_it_is(owner, funder):
    round_id = await a_round(await a_fund(funder.id))
    (title, *_) = await asked(round_id)
    for change in (
        operations.change(owner, round_id, TERMS),
        asking.add_question(owner, round_id, DIFFERENCE),
        asking.change_question(owner, round_id, title.id, DIFFERENCE),
        asking.move_question(owner, round_id, title.id, 1),
        asking.retire_question(owner, round_id, title.id),
        asking.add_criterion(owner, round_id, Measure(label="Need")),
    ):
        with pytest.raises(Conflict, match="published"):
            await change
    with pytest.raises(IllegalMove):
        await operations.publish(owner, round_id)


async def test_questions_are_added_moved_reworded_and_retired(owner, funder):
    _, round_id = await drafted(owner, funder)
    first = await asking.add_question(owner, round_id, DIFFERENCE)
    choice = Wording(kind=Kind.CHOICE, label="Where?", options=["Inside", " ", "Outside"])
    second = await asking.add_question(owner, round_id, choice)
    await asking.move_question(owner, round_id, second, -1)
    assert [each.id for each in await asked(round_id)][2:] == [second, first]
    await asking.change_question(
        owner, round_id, first, Wording(kind=Kind.LINE, label="In a word?")
    )
    await asking.retire_question(owner, round_id, second)
    last = (await asked(round_id))[-1]
    assert (last.id, last.kind, last.label) == (first, Kind.LINE, "In a word?")


async def test_a_choice_needs_two_options(owner, funder):
    _, round_id = await drafted(owner, funder)
    with pytest.raises(Conflict, match="two options") as refused:
        await asking.add_question(
            owner, round_id, Wording(kind=Kind.CHOICE, label="Where?", options=["Inside"])
        )
    assert refused.value.field == "options"


async def test_what_the_product_reads_keeps_its_kind_and_stays(owner, funder):
    _, round_id = await drafted(owner, funder)
    title, amount, *_ = await asked(round_id)
    await asking.change_question(
        owner, round_id, amount.id, Wording(kind=Kind.TEXT, label="How much?", required=False)
    )
    amount = (await asked(round_id))[1]
    assert (amount.kind, amount.required, amount.label) == (Kind.MONEY, True, "How much?")
    with pytest.raises(Conflict, match="Every application"):
        await asking.retire_question(owner, round_id, title.id)


async def test_questions_of_another_round_are_not_found(owner, funder):
    _, round_id = await drafted(owner, funder)
    other = (await asked(await a_round()))[2]
    for change in (
        asking.change_question(owner, round_id, other.id, DIFFERENCE),
        asking.move_question(owner, round_id, other.id, 1),
        asking.retire_question(owner, round_id, other.id),
        asking.remove_criterion(owner, round_id, other.id),
    ):
        with pytest.raises(NotFound):
            await change


async def test_criteria_are_added_moved_changed_and_removed(owner, funder):
    _, round_id = await drafted(owner, funder)
    need = await asking.add_criterion(owner, round_id, Measure(label="Need"))
    value = await asking.add_criterion(owner, round_id, Measure(label="Value", weight=3))
    await asking.move_criterion(owner, round_id, value, -1)
    round = await queries.of_funder(owner, round_id)
    assert [(each.label, each.share) for each in round.criteria] == [("Value", 75), ("Need", 25)]
    await asking.change_criterion(owner, round_id, need, Measure(label="Real need"))
    await asking.remove_criterion(owner, round_id, value)
    round = await queries.of_funder(owner, round_id)
    assert [each.label for each in round.criteria] == ["Real need"]


@pytest.mark.parametrize(("role", "error"), [("trustee", NotAllowed), ("coordinator", NotFound)])
async def test_only_owners_and_grants_officers_of_the_funder_write(owner, funder, role, error):
    fund, round_id = await drafted(owner, funder)
    actor = acting(await a_person(), **{role: funder.id})
    for deed in (
        funds.draft(actor, funder.id, Details(title="Mine")),
        funds.change(actor, fund, Details(title="Mine")),
        funds.close(actor, fund),
        operations.draft(actor, fund, TERMS),
        operations.change(actor, round_id, TERMS),
        operations.publish(actor, round_id),
        operations.cancel(actor, round_id),
        asking.add_question(actor, round_id, DIFFERENCE),
    ):
        with pytest.raises(error):
            await deed
    officer = acting(await a_person(), grants_officer=funder.id)
    await operations.change(officer, round_id, TERMS)


async def test_an_outsider_is_told_that_there_is_no_draft(owner, funder):
    _, round_id = await drafted(owner, funder)
    outsider = (await an_organisation()).owner.actor
    with pytest.raises(NotFound):
        await operations.publish(outsider, round_id)
    with pytest.raises(NotFound):
        await queries.round(outsider, round_id)


async def test_publishing_twice_at_once_happens_once(db, owner, funder):
    _, round_id = await drafted(owner, funder)
    await asking.add_question(owner, round_id, DIFFERENCE)
    await asking.add_criterion(owner, round_id, Measure(label="Need"))
    done = await asyncio.gather(
        *(operations.publish(owner, round_id) for _ in range(4)), return_exceptions=True
    )
    assert sum(each is None for each in done) == 1
    events = "SELECT count(*) FROM history WHERE event = 'round.published'"
    assert await db.fetch_value(events) == 1


async def test_a_fund_is_not_closed_over_a_running_round(owner, funder):
    fund = await a_fund(funder.id)
    round_id = await a_round(fund)
    with pytest.raises(Conflict, match="takes applications until"):
        await funds.close(owner, fund)
    assert await operations.cancel(owner, round_id) == 0
    assert await found() == []
    await funds.close(owner, fund)


async def test_cancelling_tells_how_many_had_submitted(owner, funder):
    round_id = await a_round(await a_fund(funder.id))
    await a_submission(round_id)
    assert await operations.cancel(owner, round_id) == 1
    assert (await queries.of_funder(owner, round_id)).state is RoundState.CANCELLED


async def test_a_new_round_opens_a_closed_fund_again(owner, funder):
    fund = await a_fund(funder.id, state="closed")
    round_id = await a_round(fund, state="draft")
    await operations.publish(owner, round_id)
    assert (await fund_queries.fund(owner, fund)).state is FundState.OPEN
    assert await found() == [fund]


async def test_the_list_holds_a_fund_until_its_last_deadline(db, funder):
    fund = await a_fund(funder.id)
    soon, late = (clock.now() + timedelta(days=days) for days in (3, 30))
    await a_round(fund, deadline=soon)
    await a_round(fund, deadline=late)
    row = await db.fetch_one("SELECT starts_at, until, tags FROM listing WHERE id = {}", fund)
    assert (row["starts_at"], row["until"]) == (soon, late)
    assert listing.ANYWHERE in row["tags"]
    await db.execute("UPDATE listing SET starts_at = now() - interval '1 minute'")
    await db.execute("UPDATE round SET state = 'cancelled' WHERE deadline = {}", soon)
    assert await listing.refresh_listings() == 1
    assert await db.fetch_value("SELECT starts_at FROM listing WHERE id = {}", fund) == late


async def test_suspending_the_funder_hides_its_funds(db, funder):
    fund = await a_fund(funder.id)
    await a_round(fund)
    await db.execute("UPDATE organisation SET state = 'suspended' WHERE id = {}", funder.id)
    await listing.refresh_organisation(funder.id)
    assert await found() == []
    with pytest.raises(NotFound):
        await fund_queries.fund((await a_person()).actor, fund)
