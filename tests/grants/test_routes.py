"""The pages of funds, rounds and applications, as a browser without JavaScript sees them."""

from datetime import timedelta

import pytest
from tests.factories import a_person, an_organisation
from tests.factories_grants import a_draft, a_fund, a_round, a_submission, answer, asked

from marketplace import clock, db
from marketplace.grants.tables import Award
from marketplace.organisations.rules import Kind
from marketplace.permissions import OrgRole
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Kind as Asks
from marketplace.questions.rules import Meaning


@pytest.fixture
async def funder(db):
    return await an_organisation(name="Essex Giving")


@pytest.fixture
async def officer(browsers, funder):
    return await browsers().sign_in_as(funder.owner.id)


@pytest.fixture
async def charity(db):
    return await an_organisation(name="Witham Wheelers")


@pytest.fixture
async def applicant(browsers, charity):
    return await browsers().sign_in_as(charity.owner.id)


async def the_question(round_id):
    return next(each for each in await asked(round_id) if each.meaning is Meaning.NONE)


# --- the list


async def test_the_list_is_empty_and_says_so(browser):
    page = await browser.get("/funds")
    assert page.status == 200
    assert "No fund is open at the moment" in page.words()


async def test_the_list_says_amounts_and_deadline(browser):
    await a_round(least=50_000, most=500_000)
    words = (await browser.get("/funds?q=gardens")).words()
    assert "Green spaces fund" in words
    assert "£500 to £5,000, closes" in words
    assert "UK time" in words


async def test_a_place_nobody_knows_is_said_on_the_page_and_in_the_part(browser):
    address = "/funds?near=Nowhereshire"
    page = await browser.get(address)
    part = await browser.client.get(address, headers={"hx-request-type": "partial"})
    assert 'hx-target="#near-problem"' in part.text
    assert 'id="near-error"' in part.text and 'id="near-error"' in page.text
    assert 'id="near-problem"' in page.text


async def test_a_place_narrows_to_the_funds_that_serve_it(browser):
    await a_round(await a_fund(title="For Maldon"), districts=["E07000074"])
    await a_round(await a_fund(title="For Harlow"), districts=["E07000073"])
    await a_round(await a_fund(title="For all"))
    words = (await browser.get("/funds?near=Maldon")).words()
    assert "For Maldon" in words and "For all" in words and "For Harlow" not in words
    everywhere = (await browser.get("/funds?near=Essex")).words()
    assert "For Harlow" in everywhere
    assert "Funds that serve Maldon" in words


async def test_filters_that_are_not_known_narrow_nothing(browser):
    await a_round()
    for query in ("cause=nothing", "within=5&near=CM1", "near=Atlantis", "cause=environment"):
        assert "Green spaces fund" in (await browser.get(f"/funds?{query}")).words(), query


@pytest.mark.parametrize("rows", [1, 30])
async def test_the_list_asks_the_database_three_times_at_most(browser, queries_run, funder, rows):
    for number in range(rows):
        await a_round(await a_fund(funder.id, title=f"Fund {number}"))
    with queries_run() as counted:
        page = await browser.get("/funds?q=fund&near=CM1")
    assert counted.count <= 3
    assert f"{rows} fund" in page.words()


async def test_a_fragment_is_answered_to_htmx_alone(browser):
    await a_round()
    part = await browser.get("/funds", hx_request="true", hx_request_type="partial")
    assert "<html" not in part.text and "Green spaces fund" in part.text


# --- one fund


async def test_everything_is_read_without_an_account(browser):
    fund = await a_fund()
    choice = Wording(
        kind=Asks.CHOICE, label="Where?", options=["Inside", "Outside"], required=False
    )
    text = Wording(kind=Asks.TEXT, label="Why?", help="In plain words.", word_limit=150)
    await a_round(fund, asks=(text, choice), who_may_apply="Groups with a garden.", criteria=2)
    page = await browser.get(f"/funds/{fund}")
    for words in (
        "Why?",
        "In plain words.",
        "at most 150 words",
        "Inside; Outside",
        "optional",
        "Need 1",
        "50% of the points",
        "£500 to £5,000",
        "Groups with a garden.",
        "It is registered and approved here.",
        "UK time",
        "Sign in to apply",
    ):
        assert words in page.words(), words


async def test_a_draft_fund_is_nobody_elses(browser, officer, funder):
    fund = await a_fund(funder.id, state="draft")
    assert (await browser.get(f"/funds/{fund}")).status == 404
    assert "This is a draft" in (await officer.get(f"/funds/{fund}")).words()


async def test_decided_rounds_show_their_published_awards(browser, funder):
    fund = await a_fund(funder.id)
    round_id = await a_round(fund)
    ids = [await a_submission(round_id, await an_organisation(name=f"Group {n}")) for n in (1, 2)]
    await db.execute("UPDATE round SET state = 'decided', deadline = now() - interval '1 day'")
    for number, (application, organisation) in enumerate(ids):
        await Award(
            application_id=application,
            round_id=round_id,
            fund_id=fund,
            funder_id=funder.id,
            recipient_id=organisation.id,
            title=f"Project {number}",
            description="",
            amount=120_000,
            awarded_on=clock.today(),
            published_at=clock.now() if number == 0 else None,
        ).save()
    words = (await browser.get(f"/funds/{fund}")).words()
    assert "Group 1" in words and "£1,200" in words and "Project 0" in words
    assert "Group 2" not in words and "Project 1" not in words
    assert "in 1 award" in words


@pytest.mark.parametrize("rows", [1, 12])
async def test_a_fund_asks_the_database_five_times_at_most(applicant, queries_run, rows):
    fund = await a_fund()
    for _ in range(rows):
        await a_round(fund)
    with queries_run() as counted:
        assert (await applicant.get(f"/funds/{fund}")).status == 200
    assert counted.count <= 6  # the session's included


# --- can we apply?


async def test_whoever_is_not_signed_in_is_led_back(browser):
    round_id = await a_round()
    page = await browser.get(f"/rounds/{round_id}/application")
    assert "next=" in page.path


async def test_every_reason_is_said_with_what_else_fits(applicant):
    round_id = await a_round(kinds=["charity"], districts=["E07000073"])
    other = await a_fund(title="Fund for groups")
    await a_round(other, kinds=["community_group"])
    page = await applicant.get(f"/rounds/{round_id}/application")
    words = page.words()
    assert "Registered charities may apply." in words
    assert "Your postcode is in Braintree" in words
    assert "correct the postcode" in words
    assert f"/funds/{other}" in page.links()
    assert not any("application" in form.action for form in page.forms())


async def test_each_organisation_is_judged_for_itself(browsers, charity):
    faith = await an_organisation(name="St Mary", kind=Kind.FAITH_GROUP, owner=charity.owner)
    round_id = await a_round(kinds=["faith_group"])
    page = await (await browsers().sign_in_as(charity.owner.id)).get(
        f"/rounds/{round_id}/application"
    )
    starts = [dict(form.fields).get("organisation") for form in page.forms()]
    assert str(faith.id) in starts and str(charity.id) not in starts


async def test_people_without_an_organisation_are_led_to_register_one(browsers):
    visitor = await browsers().sign_in_as((await a_person()).id)
    page = await visitor.get(f"/rounds/{await a_round()}/application")
    assert "/organisations/register" in page.links()


async def test_a_role_that_may_not_apply_is_told_who_may(browsers):
    person = await a_person()
    await an_organisation(members={OrgRole.MEMBER: person})
    page = await (await browsers().sign_in_as(person.id)).get(
        f"/rounds/{await a_round()}/application"
    )
    assert "Your role does not let you apply" in page.words()


async def test_a_double_click_starts_one_draft(applicant):
    address = f"/rounds/{await a_round()}/application"
    page = await applicant.get(address)
    first = await applicant.submit(page, address)
    second = await applicant.submit(page, address)
    assert first.path == second.path
    assert first.path.startswith("/applications/")
    assert "Go on writing" in (await applicant.get(address)).words()


async def test_a_round_that_closed_meanwhile_says_so(applicant):
    address = f"/rounds/{await a_round()}/application"
    page = await applicant.get(address)
    await db.execute("UPDATE round SET deadline = now() - interval '1 second'")
    refused = await applicant.submit(page, address)
    assert refused.status == 409
    assert "closed at" in refused.words()


# --- writing


async def test_a_task_list_says_what_is_still_to_do(applicant, charity):
    id, _ = await a_draft(organisation=charity)
    page = await applicant.get(f"/applications/{id}")
    assert "0 of 3 done" in page.words()
    await answer(charity.owner.actor, id, rest="word " * 25)
    page = await applicant.get(f"/applications/{id}")
    assert "2 of 3 done" in page.words()
    assert "Cut 5 words" in page.words()


async def test_all_questions_are_saved_at_once_without_javascript(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    title, amount, question = await asked(round_id)
    address = f"/applications/{id}/answers"
    page = await applicant.get(address)
    saved = await applicant.submit(
        page,
        address,
        **{
            f"answer-{title.id}": "A garden",
            f"answer-{amount.id}": "1250.50",
            f"answer-{question.id}": "First\r\n\r\nsecond",
        },
    )
    assert "Saved at" in saved.words()
    values = dict(saved.form(address).fields)
    assert values[f"answer-{amount.id}"] == "1250.50"
    assert values[f"answer-{question.id}"].strip() == "First\n\nsecond"
    again = await applicant.submit(saved, address, then="check")
    assert again.path == f"/applications/{id}/check"


async def test_each_kind_of_question_has_its_field_and_keeps_its_answer(applicant, charity):
    given = {
        Asks.LINE: "One line",
        Asks.TEXT: "Many\nlines",
        Asks.NUMBER: "40",
        Asks.MONEY: "12.50",
        Asks.DATE: "2031-03-04",
        Asks.YES_NO: "yes",
        Asks.CHOICE: "Inside",
        Asks.CHOICES: ["Inside", "Outside"],
    }
    options = ["Inside", "Outside", "Both"]
    asks = tuple(Wording(kind=kind, label=kind.value, options=options) for kind in given)
    round_id = await a_round(asks=asks)
    id, _ = await a_draft(round_id, charity)
    typed = {
        f"answer-{each.id}": given[each.kind]
        for each in await asked(round_id)
        if each.meaning is Meaning.NONE
    }
    address = f"/applications/{id}/answers"
    saved = await applicant.submit(await applicant.get(address), address, **typed)
    kept = saved.form(address).fields
    for name, value in typed.items():
        there = [text.strip("\n") for field, text in kept if field == name]
        assert there == (value if isinstance(value, list) else [value])
    check = (await applicant.get(f"/applications/{id}/check")).words()
    for words in ("£12.50", "Tuesday 4 March 2031", "Yes"):
        assert words in check


async def test_one_question_at_a_time_leads_to_the_next(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    title, amount, question = await asked(round_id)
    home = f"/applications/{id}/answers"
    page = await applicant.get(f"{home}/{title.id}")
    assert "Question 1 of 3" in page.words()
    page = await applicant.submit(
        page, f"{home}/{title.id}", **{f"answer-{title.id}": "A garden", "then": "next"}
    )
    assert page.path == f"{home}/{amount.id}"
    page = await applicant.submit(page, page.path, **{f"answer-{amount.id}": "5", "then": "list"})
    assert page.path == f"/applications/{id}"
    assert "A garden" in page.words()
    page = await applicant.get(f"{home}/{question.id}")
    page = await applicant.submit(page, page.path, **{f"answer-{question.id}": "Much."})
    assert page.path == f"/applications/{id}"


async def test_two_tabs_show_both_texts_and_let_people_choose(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    question = await the_question(round_id)
    field, address = f"answer-{question.id}", f"/applications/{id}/answers"
    one, two = await applicant.get(address), await applicant.get(address)
    await applicant.submit(one, address, **{field: "Text of the first tab."})
    clash = await applicant.submit(two, address, **{field: "Text of the second tab."})
    assert clash.status == 409
    assert "Text of the first tab." in clash.words()
    assert "Text of the second tab." in clash.words()
    assert "Choose one, or put them together" in (clash.field_error(field) or "")
    assert f"#{field}" in clash.links()
    assert f"/applications/{id}/answers/{question.id}" in clash.links()
    merged = await applicant.submit(clash, address, **{field: "Both texts."})
    assert merged.status == 200
    assert "Both texts." in merged.text


async def test_a_clash_in_one_answer_saves_the_others(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    title, _, question = await asked(round_id)
    address = f"/applications/{id}/answers"
    one, two = await applicant.get(address), await applicant.get(address)
    await applicant.submit(one, address, **{f"answer-{question.id}": "First."})
    await applicant.submit(
        two, address, **{f"answer-{question.id}": "Second.", f"answer-{title.id}": "A name"}
    )
    assert await db.fetch_value("SELECT title FROM application") == "A name"


async def autosave(browser, page, id, question, text, **more):
    home = f"/applications/{id}/answers"
    fields = page.form(home).filled({f"answer-{question.id}": text, **more})
    return await browser.client.post(
        f"{home}/{question.id}",
        data=dict(fields),
        headers={"hx-request": "true", "hx-request-type": "partial"},
    )


async def test_an_answer_saves_itself_and_says_when(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    question = await the_question(round_id)
    page = await applicant.get(f"/applications/{id}/answers")
    assert f'hx-post="/applications/{id}/answers/{question.id}"' in page.text
    saved = await autosave(applicant, page, id, question, "While I write")
    assert saved.status_code == 200
    assert "Saved at" in saved.text
    assert f'name="version-{question.id}" value="1"' in saved.text
    assert "<html" not in saved.text
    # The queued save of the same page still names the older version, and is no clash.
    again = await autosave(applicant, page, id, question, "While I write more")
    assert again.status_code == 200
    assert 'value="2"' in again.text


async def test_an_amount_stands_beside_its_pound_sign_without_another(applicant, charity):
    id, _ = await a_draft(round_id := await a_round(), charity)
    amount = next(each for each in await asked(round_id) if each.meaning is Meaning.AMOUNT)
    address = f"/applications/{id}/answers"
    page = await applicant.get(address)
    page = await applicant.submit(page, address, **{f"answer-{amount.id}": " £ 1,250"})
    assert dict(page.form(address).fields)[f"answer-{amount.id}"] == "1,250"
    assert "£1,250" in (await applicant.get(f"/applications/{id}/check")).words()


async def test_a_saved_answer_says_at_once_what_it_still_needs(applicant, charity):
    id, _ = await a_draft(round_id := await a_round(), charity)
    amount = next(each for each in await asked(round_id) if each.meaning is Meaning.AMOUNT)
    page = await applicant.get(f"/applications/{id}/answers")
    assert "Answer this question" not in page.words()
    saved = await autosave(applicant, page, id, amount, "5000.01")
    assert saved.status_code == 200
    assert "Ask for £5,000 or less" in saved.text
    assert "Ask for £5,000 or less" in (await applicant.get(page.path)).words()


async def test_an_autosave_that_clashes_brings_both_texts(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    question = await the_question(round_id)
    address = f"/applications/{id}/answers"
    one, two = await applicant.get(address), await applicant.get(address)
    await autosave(applicant, one, id, question, "First tab")
    clash = await autosave(applicant, two, id, question, "Second tab")
    assert clash.status_code == 409
    assert "First tab" in clash.text and "Second tab" in clash.text
    assert clash.headers["hx-retarget"] == f"#field-{question.id}"
    # Nothing saves itself while two texts stand there; choosing brings the question as it was.
    assert "hx-trigger" not in clash.text
    version = {f"version-{question.id}": "1", f"again-{question.id}": "yes"}
    chosen = await autosave(applicant, two, id, question, "Both", **version)
    assert chosen.status_code == 200
    assert "First tab" not in chosen.text and "hx-trigger" in chosen.text
    theirs = await applicant.get(
        f"{address}/{question.id}", hx_request="true", hx_request_type="partial"
    )
    assert "Both" in theirs.text and "<html" not in theirs.text


async def test_an_autosave_of_an_untouched_older_text_shows_the_newer(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    question = await the_question(round_id)
    address = f"/applications/{id}/answers"
    one, two = await applicant.get(address), await applicant.get(address)
    await autosave(applicant, one, id, question, "Newer")
    shown = await autosave(applicant, two, id, question, "")
    assert (shown.status_code, "Newer" in shown.text) == (200, True)


async def test_a_text_that_cannot_be_stored_is_said_beside_it(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    question = await the_question(round_id)
    page = await applicant.get(f"/applications/{id}/answers")
    refused = await autosave(applicant, page, id, question, "x" * 40_001)
    assert refused.status_code == 422
    assert "Shorten this" in refused.text


async def test_colleagues_share_the_draft_and_see_who_saved(browsers, applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    await answer(charity.owner.actor, id)
    colleague = await a_person(name="Ama Boateng")
    await db.execute(
        "INSERT INTO membership (id, organisation_id, person_id, role)"
        " VALUES (gen_random_uuid(), {}, {}, 'coordinator')",
        charity.id,
        colleague.id,
    )
    second = await browsers().sign_in_as(colleague.id)
    page = await second.get(f"/applications/{id}/answers")
    assert "by Olu Owner" in page.words()


# --- checking and submitting


async def test_submitting_too_early_lists_what_to_do_with_links(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    page = await applicant.get(f"/applications/{id}/check")
    refused = await applicant.submit(page, f"/applications/{id}/submission")
    assert refused.status == 422
    for each in await asked(round_id):
        assert f"/applications/{id}/answers/{each.id}#answer-{each.id}" in refused.links()


async def test_submitting_shows_what_was_submitted(applicant, charity):
    id, _ = await a_draft(organisation=charity)
    await answer(charity.owner.actor, id)
    page = await applicant.get(f"/applications/{id}/check")
    action = f"/applications/{id}/submission"
    done = await applicant.submit(page, action)
    assert done.path == f"/applications/{id}"
    assert "Submitted at" in done.words()
    assert "Many will meet." in done.words()
    assert (await applicant.submit(page, action)).path == f"/applications/{id}"
    assert (await applicant.get(f"/applications/{id}/answers")).path == f"/applications/{id}"


async def test_a_second_late_keeps_the_text_as_a_draft(applicant, charity):
    round_id = await a_round()
    id, _ = await a_draft(round_id, charity)
    await answer(charity.owner.actor, id)
    page = await applicant.get(f"/applications/{id}/check")
    await db.execute("UPDATE round SET deadline = {}", clock.now() - timedelta(seconds=1))
    refused = await applicant.submit(page, f"/applications/{id}/submission")
    assert refused.status == 409
    assert "kept here as a draft" in refused.words()
    assert "Many will meet." in refused.words()
    address = f"/applications/{id}/answers"
    page = await applicant.get(address)
    assert "The deadline has passed" in page.words()
    question = await the_question(round_id)
    saved = await applicant.submit(page, address, **{f"answer-{question.id}": "Still saved."})
    assert (saved.status, "Still saved." in saved.text) == (200, True)


async def test_withdrawing_asks_once_and_can_be_begun_again(applicant, charity):
    round_id = await a_round()
    id, _ = await a_submission(round_id, charity)
    address = f"/applications/{id}/withdrawal"
    page = await applicant.get(address)
    assert "Withdraw this application?" in page.words()
    done = await applicant.submit(page, address)
    assert "Withdrawn" in done.words()
    assert f"/rounds/{round_id}/application" in done.links()


async def test_after_the_deadline_nothing_is_withdrawn(applicant, charity):
    id, _ = await a_submission(organisation=charity)
    await db.execute("UPDATE round SET deadline = now() - interval '1 second'")
    page = await applicant.get(f"/applications/{id}/withdrawal")
    assert "can no longer be withdrawn" in page.words()
    assert "/withdrawal" not in " ".join((await applicant.get(f"/applications/{id}")).links())


async def test_a_draft_is_404_to_everybody_else(officer, browsers, charity, funder):
    id, _ = await a_draft(await a_round(await a_fund(funder.id)), charity)
    stranger = await browsers().sign_in_as((await a_person()).id)
    for other in (officer, stranger):
        for path in ("", "/answers", "/check", "/withdrawal"):
            assert (await other.get(f"/applications/{id}{path}")).status == 404


async def test_the_workspace_lists_applications(applicant, charity):
    address = f"/manage/{charity.id}/applications"
    assert "Nothing applied for yet" in (await applicant.get(address)).words()
    await a_draft(organisation=charity)
    await a_submission(organisation=charity)
    words = (await applicant.get(address)).words()
    assert "Not named yet" in words and "0 of 3 answered" in words
    assert "A garden for all" in words and "£1,250" in words


@pytest.mark.parametrize("questions", [1, 30])
async def test_pages_of_an_application_ask_as_often_for_thirty_questions_as_for_one(
    applicant, charity, queries_run, questions
):
    asks = tuple(Wording(kind=Asks.TEXT, label=f"Question {n}") for n in range(questions))
    id, _ = await a_draft(await a_round(asks=asks), charity)
    for path in ("", "/answers", "/check"):
        with queries_run() as counted:
            await applicant.get(f"/applications/{id}{path}")
        assert counted.count <= 6, path


# --- the funder's pages


ROUND = {
    "title": "Spring",
    "budget": "£20,000",
    "least": "500",
    "most": "5,000.00",
    "opens_day": "2030-01-07",
    "opens_time": "09:00",
    "deadline_day": "2031-03-04",
    "deadline_time": "12:00",
    "kinds": ["charity", "community_group"],
    "districts": ["E07000070"],
    "income_at_most": "100,000",
    "years_registered": "1",
    "approved_only": "yes",
}


async def test_from_an_empty_list_to_a_published_round(officer, browser, funder):
    home = f"/manage/{funder.id}/funds"
    assert "No fund yet" in (await officer.get(home)).words()
    page = await officer.get(f"{home}/new")
    page = await officer.submit(
        page, f"{home}/new", title="Green spaces", summary="For gardens.", area="Chelmsford"
    )
    fund = page.path
    page = await officer.submit(
        await officer.get(f"{fund}/rounds/new"), f"{fund}/rounds/new", **ROUND
    )
    round_path = page.path
    assert "Ask at least one question" in page.words()
    page = await officer.submit(
        await officer.get(f"{round_path}/questions/new"),
        f"{round_path}/questions/new",
        label="Why?",
        word_limit="150",
    )
    page = await officer.submit(
        await officer.get(f"{round_path}/criteria/new"),
        f"{round_path}/criteria/new",
        label="Need",
    )
    assert "Ready to be published" in page.words()
    preview = await officer.get(f"{round_path}/preview")
    assert "Preview" in preview.words() and "at most 150 words" in preview.words()
    page = await officer.submit(page, f"{round_path}/publication")
    assert "Published" in page.words()
    public = await browser.get(fund.replace("/manage", ""))
    for words in (
        "noon, Tuesday 4 March 2031, UK time",
        "£500 to £5,000",
        "£20,000 to give in all",
        "Registered charities and community groups may apply.",
        "based in Chelmsford",
        "£100,000 a year or less",
        "at least 1 year",
    ):
        assert words in public.words(), words


async def test_mistakes_in_a_round_are_said_beside_their_fields(officer, funder):
    address = f"/manage/funds/{await a_fund(funder.id)}/rounds/new"
    page = await officer.get(address)
    wrong = ROUND | {"budget": "lots", "title": "", "deadline_day": "soon"}
    page = await officer.submit(page, address, **wrong)
    assert page.status == 422
    assert "Enter an amount in pounds" in (page.field_error("budget") or "")
    assert page.field_error("title") and page.field_error("deadline_day")
    assert 'value="lots"' in page.text
    page = await officer.submit(page, address, **(ROUND | {"most": "20,000.01"}))
    assert "more than the whole budget" in (page.field_error("most") or "")


async def test_a_round_is_edited_with_what_it_says_in_the_form(officer, funder):
    fund = await a_fund(funder.id, state="draft")
    address = f"/manage/funds/{fund}/rounds/new"
    page = await officer.submit(await officer.get(address), address, **ROUND)
    edit = f"{page.path}/edit"
    form = await officer.get(edit)
    kept = form.form(edit).fields
    assert ("budget", "20,000") in kept and ("deadline_time", "12:00") in kept
    assert ("districts", "E07000070") in kept and ("kinds", "charity") in kept
    saved = await officer.submit(form, edit, title="Summer")
    assert "Summer" in saved.words()


async def test_questions_and_criteria_are_moved_and_removed(officer, funder):
    round_id = await a_round(await a_fund(funder.id), state="draft", criteria=2)
    home = f"/manage/rounds/{round_id}"
    _, amount, question = await asked(round_id)
    page = await officer.get(home)
    page = await officer.submit(page, f"{home}/questions/{question.id}/position")
    assert [each.id for each in await asked(round_id)][1:] == [question.id, amount.id]
    page = await officer.submit(page, f"{home}/questions/{question.id}/retirement")
    assert "What difference" not in page.words()
    criterion = await db.fetch_value("SELECT id FROM criterion WHERE label = 'Need 1'")
    page = await officer.submit(page, f"{home}/criteria/{criterion}/position")
    page = await officer.submit(page, f"{home}/criteria/{criterion}/removal")
    assert "Need 2" in page.words() and "Need 1" not in page.words()


async def test_a_question_is_edited_and_its_mistakes_are_said(officer, funder):
    round_id = await a_round(await a_fund(funder.id), state="draft")
    question = await the_question(round_id)
    address = f"/manage/rounds/{round_id}/questions/{question.id}"
    page = await officer.get(address)
    page = await officer.submit(page, address, kind="choice", options="Only one")
    assert "two options" in (page.field_error("options") or "")
    page = await officer.submit(page, address, options="One\r\nTwo", label="Which?")
    assert "Which?" in page.words()
    assert (await the_question(round_id)).options == ("One", "Two")


async def test_a_published_round_offers_no_change_and_shows_what_came_in(officer, funder):
    round_id = await a_round(await a_fund(funder.id))
    page = await officer.get(f"/manage/rounds/{round_id}")
    assert "Nothing has been submitted yet" in page.words()
    assert not any("/questions/" in link or link.endswith("/edit") for link in page.links())
    edit = await officer.get(f"/manage/rounds/{round_id}/edit")
    assert "cannot be changed any more" in edit.words()
    assert {f"/manage/rounds/{round_id}/{way}" for way in ("deadline", "correction")} <= set(
        edit.links()
    )


async def test_cancelling_a_round_says_what_happens_first(officer, funder):
    round_id = await a_round(await a_fund(funder.id))
    await a_submission(round_id)
    address = f"/manage/rounds/{round_id}/cancellation"
    page = await officer.get(address)
    assert "1 application has been submitted" in page.words()
    page = await officer.submit(page, address)
    assert "Cancelled" in page.words()


async def test_a_fund_is_edited_and_closed(officer, browser, funder):
    fund = await a_fund(funder.id)
    edit = f"/manage/funds/{fund}/edit"
    page = await officer.submit(await officer.get(edit), edit, title="Greener")
    assert "Greener" in page.words()
    page = await officer.submit(await officer.get(edit), edit, summary="")
    assert page.field_error("summary")
    page = await officer.get(f"/manage/funds/{fund}")
    page = await officer.submit(page, f"/manage/funds/{fund}/closure")
    assert "Closed" in page.words()
    assert "Greener" in (await browser.get(f"/funds/{fund}")).words()


async def test_a_fund_whose_round_is_open_offers_no_closing(officer, funder):
    await a_round(fund := await a_fund(funder.id))
    page = await officer.get(f"/manage/funds/{fund}")
    assert f"/manage/funds/{fund}/closure" not in {form.action for form in page.forms()}


@pytest.mark.parametrize("rows", [1, 20])
async def test_the_funders_pages_ask_as_often_for_many_as_for_one(
    officer, funder, queries_run, rows
):
    fund = await a_fund(funder.id)
    for _ in range(rows):
        round_id = await a_round(fund)
    for path in (f"{funder.id}/funds", f"funds/{fund}", f"rounds/{round_id}"):
        with queries_run() as counted:
            await officer.get(f"/manage/{path}")
        assert counted.count <= 7, path


@pytest.mark.parametrize(
    ("role", "status"), [(OrgRole.TRUSTEE, 403), (OrgRole.MEMBER, 404), (OrgRole.COORDINATOR, 404)]
)
async def test_an_outsider_never_gets_a_form_with_errors(browsers, role, status):
    person = await a_person()
    funder = await an_organisation(members={role: person})
    fund = await a_fund(funder.id)
    member = await browsers().sign_in_as(person.id)
    about = await member.get("/about")
    csrf = about.form("/sign-out").fields[0]
    page = await member.post(f"/manage/funds/{fund}/rounds/new", [csrf])
    assert page.status == status
