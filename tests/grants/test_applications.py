"""Applications: starting once, answering in two tabs, the deadline, submitting and withdrawing."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.factories import a_person, acting, an_organisation
from tests.factories_grants import a_draft, a_fund, a_round, a_submission, answer, asked

from marketplace import clock
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound, SignInRequired
from marketplace.grants.applications import eligibility, operations, queries
from marketplace.grants.applications.operations import Incomplete, Sent
from marketplace.grants.rounds import operations as rounds
from marketplace.grants.rules import ApplicationState
from marketplace.organisations.rules import Kind, State
from marketplace.permissions import ANONYMOUS
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Kind as QuestionKind
from marketplace.questions.rules import Meaning

DEADLINE = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)


async def difference(round_id):
    return next(each for each in await asked(round_id) if each.meaning is Meaning.NONE)


async def save(actor, id, question, text, seen, page=None):
    sent = [Sent(question.id, text, seen, page)]
    return (await operations.save(actor, id, sent, received=clock.now()))[question.id]


# --- starting


async def test_two_who_start_at_once_get_one_draft(db):
    round_id = await a_round()
    organisation = await an_organisation()
    ids = await asyncio.gather(
        *(
            operations.start(
                organisation.owner.actor, round_id, organisation.id, received=clock.now()
            )
            for _ in range(8)
        )
    )
    assert len(set(ids)) == 1
    assert await db.fetch_value("SELECT count(*) FROM application") == 1
    started = "SELECT count(*) FROM history WHERE event = 'application.started'"
    assert await db.fetch_value(started) == 1


async def test_a_colleague_goes_on_with_the_same_draft(db):
    id, organisation = await a_draft()
    round_id = await db.fetch_value("SELECT round_id FROM application")
    colleague = acting(await a_person(), coordinator=organisation.id)
    assert await operations.start(colleague, round_id, organisation.id, received=clock.now()) == id
    await answer(colleague, id)
    assert (await queries.application(organisation.owner.actor, id)).title == "A garden for all"


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [(1, 2, "opens at"), (-3, -1, "closed at")],
)
async def test_no_draft_is_started_outside_the_time(db, opens, closes, words):
    now = clock.now()
    round_id = await a_round(
        opens_at=now + timedelta(days=opens), deadline=now + timedelta(days=closes)
    )
    with pytest.raises(Conflict, match=words):
        await a_draft(round_id)


async def test_an_organisation_that_does_not_fit_is_told_every_reason(db):
    round_id = await a_round(kinds=["charity"], districts=["E07000070"], approved_only=True)
    organisation = await an_organisation(
        kind=Kind.FAITH_GROUP, state=State.SUBMITTED, postcode="CO1 1AA"
    )
    with pytest.raises(Conflict) as refused:
        await a_draft(round_id, organisation)
    for words in ("Registered charities may apply", "based in Chelmsford", "approved"):
        assert words in refused.value.message


async def test_a_role_that_only_reads_cannot_start(db):
    round_id = await a_round()
    organisation = await an_organisation()
    trustee = acting(await a_person(), trustee=organisation.id)
    member = acting(await a_person(), member=organisation.id)
    with pytest.raises(NotAllowed):
        await operations.start(trustee, round_id, organisation.id, received=clock.now())
    with pytest.raises(NotFound):
        await operations.start(member, round_id, organisation.id, received=clock.now())
    with pytest.raises(SignInRequired):
        await operations.start(ANONYMOUS, round_id, organisation.id, received=clock.now())


# --- what the register tells


async def a_registered_charity(db):
    await db.execute(
        "INSERT INTO register_charity (organisation_number, registered_number, linked_number,"
        " name, search_name, charity_type, status, reporting_status, address, postcode, web,"
        " company_number, activities, income_pence, registered_on)"
        " VALUES (5, 1234567, 0, 'W', 'w', '', 'Registered', '', ARRAY[]::text[], '', '', '', '',"
        " 12345600, '2020-05-06')"
    )


async def test_income_and_age_come_from_the_register(db):
    await a_registered_charity(db)
    organisation = await an_organisation(kind=Kind.CHARITY, charity_number="1234567")
    (found,) = await eligibility.candidates(
        [organisation.id], uuid4(), eligibility.Rules(), today=clock.today()
    )
    assert found.applicant.income == 12345600
    assert str(found.applicant.registered_on) == "2020-05-06"
    assert "E07000067" in (found.applicant.districts or {})


@pytest.mark.parametrize("number", ["SC012345", None, "not a number", "99999999999999"])
async def test_a_number_of_another_register_is_no_error(db, number):
    await a_registered_charity(db)
    organisation = await an_organisation(charity_number=number, postcode="")
    (found,) = await eligibility.candidates(
        [organisation.id], uuid4(), eligibility.Rules(), today=clock.today()
    )
    assert (found.applicant.income, found.applicant.districts) == (None, None)


async def test_a_refusal_leads_to_other_funds_that_fit(db):
    organisation = await an_organisation(kind=Kind.COMMUNITY_GROUP)
    refused = await a_round(kinds=["charity"])
    fits = await a_fund(title="Fund for groups")
    await a_round(fits, kinds=["community_group"])
    await a_round(await a_fund(title="Fund for faith"), kinds=["faith_group"])
    rules = eligibility.Rules(kinds=(Kind.CHARITY,))
    (found,) = await eligibility.of_actor(organisation.owner.actor, refused, rules)
    besides = await db.fetch_value("SELECT fund_id FROM round WHERE id = {}", refused)
    others = await eligibility.others(found.applicant, found.id, besides=besides)
    assert [other.title for other in others] == ["Fund for groups"]


# --- answering


async def test_the_same_answer_in_two_tabs_shows_both_and_loses_none(db):
    id, organisation = await a_draft()
    owner = organisation.owner.actor
    question = await difference(await db.fetch_value("SELECT round_id FROM application"))
    first = await save(owner, id, question, "The first tab.", seen=0, page=uuid4())
    second = await save(owner, id, question, "The second tab.", seen=0, page=uuid4())
    assert not first.clash
    assert second.clash
    assert (second.stored.value, second.typed) == ("The first tab.", "The second tab.")
    assert (await queries.answers(id))[question.id].value == "The first tab."
    merged = await save(owner, id, question, "Both tabs.", seen=second.stored.version)
    assert not merged.clash
    assert merged.stored.version == 2
    kept = await db.fetch("SELECT version, value FROM answer_version ORDER BY version")
    assert kept == [{"version": 1, "value": "The first tab."}]


async def test_two_tabs_at_the_very_same_time_clash_once(db):
    id, organisation = await a_draft()
    owner = organisation.owner.actor
    question = await difference(await db.fetch_value("SELECT round_id FROM application"))
    saved = await asyncio.gather(
        *(save(owner, id, question, f"Tab {tab}.", seen=0, page=uuid4()) for tab in range(6))
    )
    assert sum(not each.clash for each in saved) == 1
    winner = next(each for each in saved if not each.clash)
    assert (await queries.answers(id))[question.id].value == winner.typed


async def test_a_page_that_lay_open_does_not_undo_what_others_wrote(db):
    id, organisation = await a_draft()
    owner = organisation.owner.actor
    question = await difference(await db.fetch_value("SELECT round_id FROM application"))
    await save(owner, id, question, "As it was.", seen=0)
    await save(owner, id, question, "Made better.", seen=1)
    untouched = await save(owner, id, question, "As it was.", seen=1)
    assert not untouched.clash
    assert untouched.stored.value == "Made better."


async def test_a_page_is_no_clash_with_its_own_last_save(db):
    id, organisation = await a_draft()
    owner = organisation.owner.actor
    question = await difference(await db.fetch_value("SELECT round_id FROM application"))
    page = uuid4()
    await save(owner, id, question, "Many", seen=0, page=page)
    again = await save(owner, id, question, "Many people", seen=0, page=page)
    assert (again.clash, again.stored.version) == (False, 2)


async def test_one_text_that_cannot_be_kept_does_not_lose_the_others(db):
    id, organisation = await a_draft()
    title, _, question = await asked(await db.fetch_value("SELECT round_id FROM application"))
    sent = [Sent(title.id, "A name", 0), Sent(question.id, "bad \0 copy", 0)]
    saved = await operations.save(organisation.owner.actor, id, sent, received=clock.now())
    assert set(saved) == {title.id}
    assert operations.unkept(sent[1])


async def test_a_draft_is_seen_by_its_organisation_only(db):
    round_id = await a_round()
    id, organisation = await a_draft(round_id)
    funder = await db.fetch_value("SELECT organisation_id FROM round")
    officer = acting(await a_person(), owner=funder)
    elsewhere = (await an_organisation(name="Elsewhere")).owner.actor
    member = acting(await a_person(), member=organisation.id)
    for actor in (officer, elsewhere, member, (await a_person()).actor):
        with pytest.raises(NotFound):
            await queries.application(actor, id)
        with pytest.raises(NotFound):
            await operations.save(actor, id, [], received=clock.now())
    assert await queries.submitted(officer, round_id) == []
    reader = acting(await a_person(), trustee=organisation.id)
    assert (await queries.application(reader, id)).draft
    with pytest.raises(NotAllowed):
        await operations.save(reader, id, [], received=clock.now())


# --- submitting


@pytest.mark.parametrize(
    ("late", "state"),
    [(-1, ApplicationState.SUBMITTED), (0, ApplicationState.DRAFT), (1, ApplicationState.DRAFT)],
)
async def test_the_deadline_is_judged_by_receipt_to_the_second(db, late, state):
    round_id = await a_round(deadline=DEADLINE)
    id, organisation = await a_draft(round_id)
    owner = organisation.owner.actor
    await answer(owner, id)
    received = DEADLINE + timedelta(seconds=late)
    if state is ApplicationState.DRAFT:
        with pytest.raises(Conflict, match="noon, Tuesday 4 March 2031, UK time") as refused:
            await operations.submit(owner, id, received=received)
        assert f"12:00:0{late} on Tuesday 4 March" in refused.value.message
    else:
        await operations.submit(owner, id, received=received)
    found = await queries.application(owner, id)
    assert found.state is state
    question = await difference(round_id)
    assert (await queries.answers(id))[question.id].value == "Many will meet."


async def test_what_is_written_after_the_deadline_is_kept_as_a_draft(db):
    round_id = await a_round(deadline=DEADLINE)
    id, organisation = await a_draft(round_id)
    question = await difference(round_id)
    sent = [Sent(question.id, "Written in the train.", 0)]
    saved = await operations.save(
        organisation.owner.actor, id, sent, received=DEADLINE + timedelta(seconds=1)
    )
    assert saved[question.id].stored.value == "Written in the train."


async def test_submitting_twice_at_once_freezes_one_snapshot(db):
    id, organisation = await a_draft()
    owner = organisation.owner.actor
    await answer(owner, id)
    done = await asyncio.gather(
        *(operations.submit(owner, id, received=clock.now()) for _ in range(6))
    )
    assert len({each.submitted_at for each in done}) == 1
    said = "SELECT count(*) FROM history WHERE event = 'application.submitted'"
    assert await db.fetch_value(said) == 1


async def test_the_snapshot_keeps_questions_and_answers_as_they_were(db):
    id, organisation = await a_submission(amount="1,250.50")
    await db.execute("UPDATE question SET label = 'Something else'")
    await db.execute("UPDATE answer SET value = 'Something else'")
    found = await queries.application(organisation.owner.actor, id)
    assert [each.asked.label for each in found.answered][2] == "What difference will it make?"
    assert [each.value for each in found.answered] == [
        "A garden for all",
        "1,250.50",
        "Many will meet.",
    ]
    assert (found.title, found.amount) == ("A garden for all", 125050)


async def test_nothing_is_saved_after_submitting(db):
    id, organisation = await a_submission()
    with pytest.raises(Conflict, match="submitted"):
        await operations.save(organisation.owner.actor, id, [], received=clock.now())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"title": ""}, "Say what the project is called"),
        ({"amount": "about a grand"}, "Enter an amount in pounds"),
        ({"amount": "499.99"}, "£500 or more"),
        ({"amount": "5000.01"}, "£5,000 or less"),
        ({"rest": "word " * 21}, "Cut 1 word"),
        ({"rest": " "}, "Answer this question"),
    ],
)
async def test_everything_is_judged_again_on_submitting(db, values, words):
    id, organisation = await a_draft()
    owner = organisation.owner.actor
    await answer(owner, id, **values)
    with pytest.raises(Incomplete) as incomplete:
        await operations.submit(owner, id, received=clock.now())
    assert any(words in sentence for sentence in incomplete.value.problems.values())
    assert (await queries.application(owner, id)).draft


@pytest.mark.parametrize("amount", ["500", "£5,000"])
async def test_the_bounds_of_the_amount_are_in_it(db, amount):
    id, organisation = await a_submission(amount=amount)
    assert (await queries.application(organisation.owner.actor, id)).amount in {50_000, 500_000}


async def test_who_no_longer_fits_cannot_submit(db):
    id, organisation = await a_draft()
    owner = organisation.owner.actor
    await answer(owner, id)
    await db.execute("UPDATE organisation SET state = 'suspended' WHERE id = {}", organisation.id)
    with pytest.raises(Conflict, match="not approved"):
        await operations.submit(owner, id, received=clock.now())


async def test_a_cancelled_round_takes_nothing_and_keeps_the_text(db):
    round_id = await a_round()
    id, organisation = await a_draft(round_id)
    owner = organisation.owner.actor
    await answer(owner, id)
    funder = await db.fetch_value("SELECT organisation_id FROM round")
    await rounds.cancel(acting(await a_person(), grants_officer=funder), round_id)
    with pytest.raises(Conflict, match="cancelled"):
        await operations.submit(owner, id, received=clock.now())
    assert len(await queries.answers(id)) == 3


async def test_optional_answers_may_be_left_out(db):
    extra = Wording(kind=QuestionKind.LINE, label="Anything else?", required=False)
    id, organisation = await a_draft(await a_round(asks=(extra,)))
    owner = organisation.owner.actor
    await answer(owner, id, rest="")
    await operations.submit(owner, id, received=clock.now())


# --- withdrawing


async def test_a_submission_is_withdrawn_before_the_deadline_only(db):
    round_id = await a_round(deadline=DEADLINE)
    id, organisation = await a_submission(round_id)
    owner = organisation.owner.actor
    with pytest.raises(Conflict, match="deadline was"):
        await operations.withdraw(owner, id, received=DEADLINE)
    await operations.withdraw(owner, id, received=DEADLINE - timedelta(seconds=1))
    assert (await queries.application(owner, id)).state is ApplicationState.WITHDRAWN
    with pytest.raises(IllegalMove):
        await operations.withdraw(owner, id, received=clock.now())


async def test_starting_again_takes_the_answers_over(db):
    round_id = await a_round()
    id, organisation = await a_submission(round_id)
    owner = organisation.owner.actor
    await operations.withdraw(owner, id, received=clock.now())
    again, _ = await a_draft(round_id, organisation)
    assert again != id
    assert sorted(each.value for each in (await queries.answers(again)).values()) == [
        "A garden for all",
        "Many will meet.",
        "£1,250",
    ]
    await operations.submit(owner, again, received=clock.now())


# --- what the funder sees


async def test_the_funder_sees_what_was_submitted_and_not_what_was_withdrawn(db):
    round_id = await a_round()
    id, organisation = await a_submission(round_id)
    other, elsewhere = await a_submission(round_id, await an_organisation(name="Other"))
    await operations.withdraw(elsewhere.owner.actor, other, received=clock.now())
    funder = await db.fetch_value("SELECT organisation_id FROM round")
    officer = acting(await a_person(), grants_officer=funder)
    assert [row.id for row in await queries.submitted(officer, round_id)] == [id]
    member = replace(officer, memberships={})
    with pytest.raises(NotFound):
        await queries.submitted(member, round_id)
    with pytest.raises(NotFound):
        await queries.submitted(organisation.owner.actor, round_id)
