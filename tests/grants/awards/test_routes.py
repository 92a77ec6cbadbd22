"""Deciding and releasing in the browser, and awards in public."""

import pytest
from tests.grants.scene import a_scene, grant

from marketplace import db
from marketplace.grants.awards import operations

pytestmark = pytest.mark.usefixtures("db")


async def opened(browsers, person):
    return await browsers().sign_in_as(person.id)


async def decide_all(scene, browsers=None):
    """Award the first application and decline the others."""
    await scene.declare(scene.olga)
    olga = scene.actor(scene.olga)
    await operations.award(olga, scene.funder, scene.round, scene.applications[0], grant())
    for application in scene.applications[1:]:
        await operations.decline(
            olga, scene.funder, scene.round, application, "The hall is heated already."
        )


async def test_an_officer_decides_over_days_and_releases(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann)
    await scene.score(scene.ann, scene.applications[1], 5, 4)
    olga = await opened(browsers, scene.olga)
    page = await olga.get(scene.home)
    assert "Do you have a tie to any of these applicants?" in page.words()
    assert "Project" not in page.words()
    ties = {f"tie-{id}": "none" for id in scene.applications}
    page = await olga.submit(page, f"/assess/rounds/{scene.round}/ties", **ties)
    assert page.path == scene.home
    words = page.words()
    assert words.index("Project 1") < words.index("Project 0")
    assert "86.7%" in words
    first = f"{scene.home}/{scene.applications[0]}"
    page = await olga.get(first)
    page = await olga.submit(
        page, f"{first}/award", amount="£1,250.50", description="Heating for one winter."
    )
    assert "£1,250.50 set aside" in page.text
    second = f"{scene.home}/{scene.applications[1]}"
    page = await olga.submit(
        await olga.get(second), f"{second}/refusal", reason="The hall is heated already."
    )
    assert "0 to decide" in page.words()
    release = scene.home.replace("/decision", "/release")
    assert release in page.links()
    page = await olga.submit(await olga.get(release), release)
    assert page.path == scene.home
    assert "The applicants were told" in page.words()
    assert any(link.endswith(f"#round-{scene.round}") for link in page.links())
    public = await browsers().get("/awards")
    assert "£1,250.50" in public.words()


async def test_an_applicant_sees_the_outcome_after_the_release_only(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann)
    await scene.score(scene.ann, scene.applications[0], 5, 4)
    await decide_all(scene)
    applicants = [await opened(browsers, each.owner) for each in scene.applicants]
    addresses = [f"/applications/{id}" for id in scene.applications]
    lists = [f"/manage/{each.id}/applications" for each in scene.applicants]
    for browser, own, every in zip(applicants, addresses, lists, strict=True):
        for path in (own, every, "/awards", f"/funds/{scene.fund}", "/search?q=warm"):
            page = await browser.get(path)
            for secret in ("A warm room", "heated already", "£1,000", "Because.", "86.7%"):
                assert secret not in page.text, path
        for path in (
            scene.home,
            f"{scene.home}/{scene.applications[0]}",
            f"/assess/{scene.applications[0]}",
            f"/manage/rounds/{scene.round}",
            f"/manage/{scene.funder}/rounds/{scene.round}/assessors",
        ):
            assert (await browser.get(path)).status == 404, path
    await operations.release(scene.actor(scene.olga), scene.funder, scene.round)
    won = await applicants[0].get(addresses[0])
    assert "You have been awarded £1,000" in won.words()
    lost = await applicants[1].get(addresses[1])
    assert "The hall is heated already." in lost.words()
    assert (await applicants[0].get(addresses[1])).status == 404
    for browser, own in zip(applicants, addresses, strict=True):
        assert "Because." not in (await browser.get(own)).text


async def test_an_award_that_breaks_a_rule_says_so_beside_its_field(browsers):
    scene = await a_scene(1)
    await scene.declare(scene.olga)
    olga = await opened(browsers, scene.olga)
    here = f"{scene.home}/{scene.applications[0]}"
    for field, typed, words in (
        ("amount", "6000", "£5,000 or less"),
        ("amount", "5", "£100 or more"),
        ("amount", "lots", "amount in pounds"),
        ("title", "Ask jo@example.org", "Take out"),
        ("title", "x" * 141, "140 characters"),
        ("description", "", "Enter what the money is for"),
    ):
        fields = {"amount": "500", "description": "Heating.", field: typed}
        page = await olga.submit(await olga.get(here), f"{here}/award", **fields)
        assert page.status == 422, (field, typed)
        assert words in (page.field_error(field) or ""), (field, page.field_error(field))
        assert typed in page.text
    assert await db.fetch_value("SELECT count(*) FROM award") == 0


async def test_declining_needs_a_reason(browsers):
    scene = await a_scene(1)
    await scene.declare(scene.olga)
    olga = await opened(browsers, scene.olga)
    here = f"{scene.home}/{scene.applications[0]}"
    page = await olga.submit(await olga.get(here), f"{here}/refusal", reason=" ")
    assert (page.status, page.field_error("reason")) == (
        422,
        "Say why, in words the applicant can use",
    )


async def test_a_double_click_sets_the_money_aside_once(browsers):
    scene = await a_scene(1)
    await scene.declare(scene.olga)
    olga = await opened(browsers, scene.olga)
    here = f"{scene.home}/{scene.applications[0]}"
    page = await olga.get(here)
    form = page.form(f"{here}/award").filled({"amount": "500", "description": "Heating."})
    for _ in range(2):
        assert (await olga.post(f"{here}/award", form)).status == 200
    assert await db.fetch_value("SELECT committed FROM round") == 50_000


async def test_a_decision_is_taken_back_and_scores_opened_again(browsers):
    scene = await a_scene(1)
    await scene.declare(scene.ann)
    await scene.score(scene.ann, scene.applications[0], 5, 5)
    await decide_all(scene)
    olga = await opened(browsers, scene.olga)
    here = f"{scene.home}/{scene.applications[0]}"
    page = await olga.submit(await olga.get(here), f"{here}/withdrawal")
    assert "You can decide again" in page.text
    page = await olga.submit(page, f"{here}/assessments/{scene.ann.id}/reopening")
    assert "Nobody has finished assessing it" in page.words()


async def test_the_release_waits_for_the_last_decision(browsers):
    scene = await a_scene(1)
    await scene.declare(scene.olga)
    olga = await opened(browsers, scene.olga)
    page = await olga.get(scene.home.replace("/decision", "/release"))
    assert "1 application still needs a decision" in page.words()
    assert not [form for form in page.forms() if form.action.endswith("/release")]


async def test_the_release_names_what_was_decided_before_the_scores_were_in(browsers):
    scene = await a_scene()
    await decide_all(scene)
    await scene.declare(scene.ann)
    await scene.score(scene.ann, scene.applications[1], 5, 4)
    olga = await opened(browsers, scene.olga)
    release = scene.home.replace("/decision", "/release")
    words = (await olga.get(release)).words()
    assert "Somebody has not finished assessing: " in words
    said = words[words.index("Somebody has not finished") :].split(". ")[0]
    assert "Project 0" in said
    await olga.submit(await olga.get(release), release)
    desk = await (await opened(browsers, scene.ann)).get("/assess")
    assert any(link.endswith(f"#round-{scene.round}") for link in desk.links())


async def test_the_list_of_a_round_leads_a_decider_to_each_application(browsers):
    scene = await a_scene()
    olga = await opened(browsers, scene.olga)
    page = await olga.get(f"/manage/rounds/{scene.round}")
    assert f"{scene.home}/{scene.applications[0]}" in page.links()


async def test_an_empty_round_says_so_and_can_be_released(browsers):
    scene = await a_scene(0)
    olga = await opened(browsers, scene.olga)
    assert "Nobody applied to this round" in (await olga.get(scene.home)).words()
    release = scene.home.replace("/decision", "/release")
    await olga.submit(await olga.get(release), release)
    assert await db.fetch_value("SELECT state FROM round") == "decided"


async def test_before_the_assessment_there_is_nothing_to_decide(browsers):
    scene = await a_scene(state="published")
    page = await (await opened(browsers, scene.olga)).get(scene.home)
    assert "Nothing to decide yet" in page.words()
    assert "Project 0" not in page.text


@pytest.mark.parametrize("who", ["ann", "applicant", "nobody"])
async def test_others_do_not_reach_the_decision(browsers, who):
    scene = await a_scene()
    if who == "nobody":
        assert (await browsers().get(scene.home)).path.startswith("/sign-in")
        return
    person = scene.ann if who == "ann" else scene.applicants[0].owner
    browser = await opened(browsers, person)
    assert (await browser.get(scene.home)).status in {403, 404}
    assert (await browser.get(f"{scene.home}/{scene.applications[0]}")).status in {403, 404}


@pytest.mark.parametrize("rows", [1, 30])
async def test_the_board_asks_the_database_as_often_for_many(browsers, queries_run, rows):
    scene = await a_scene(rows)
    await scene.declare(scene.ann, scene.olga)
    for application in scene.applications:
        await scene.score(scene.ann, application, 3, 3)
    olga = await opened(browsers, scene.olga)
    with queries_run() as counted:
        await olga.get(scene.home)
    assert counted.count <= 8  # the two of the session included


# --- in public


async def test_the_public_list_is_empty_one_and_many(browsers, browser):
    page = await browser.get("/awards")
    assert (page.status, "No grants here yet" in page.words()) == (200, True)
    scene = await a_scene(1)
    await decide_all(scene)
    await operations.release(scene.actor(scene.olga), scene.funder, scene.round)
    page = await browser.get("/awards")
    assert "1 grant, £1,000 in all" in page.words()
    assert "/open-data/360giving.json" in page.links()
    id = await db.fetch_value("SELECT id FROM award")
    assert f"/awards/{id}" in page.links()
    page = await browser.get(f"/awards/{id}")
    assert "Heating and tea for a winter." in page.words()
    assert f"/funds/{scene.fund}" in page.links()
    assert "@" not in page.words()


@pytest.mark.parametrize(
    "query",
    ["page=99", "page=0", "funder=x", "year=1", "year=99999999999999999999", "funder=&year="],
)
async def test_what_we_do_not_know_narrows_nothing(browser, query):
    assert (await browser.get(f"/awards?{query}")).status == 200


async def test_an_award_is_not_found_before_its_release(browsers, browser):
    scene = await a_scene(1)
    await decide_all(scene)
    id = await db.fetch_value("SELECT id FROM award")
    assert (await browser.get(f"/awards/{id}")).status == 404
    olga = await opened(browsers, scene.olga)
    assert (await olga.get(f"/awards/{id}")).status == 404


async def test_a_fragment_is_answered_to_htmx_alone(browser):
    part = await browser.get("/awards", hx_request="true", hx_request_type="partial")
    assert "<html" not in part.text


async def test_the_public_pages_ask_the_database_a_few_times(browser, queries_run):
    scene = await a_scene(8)
    await scene.declare(scene.olga)
    for application in scene.applications:
        await operations.award(
            scene.actor(scene.olga), scene.funder, scene.round, application, grant(10_000)
        )
    await operations.release(scene.actor(scene.olga), scene.funder, scene.round)
    with queries_run() as counted:
        page = await browser.get("/awards")
    assert page.text.count('class="award"') == 8
    assert counted.count <= 3
