"""An assessor's pages and those who name them, as a browser without JavaScript sees them."""

from datetime import timedelta

import pytest
from tests.factories import a_person, an_organisation
from tests.grants.scene import a_scene, add_application

from marketplace import clock, db

pytestmark = pytest.mark.usefixtures("db")


async def opened(browsers, person):
    return await browsers().sign_in_as(person.id)


def panel(scene) -> str:
    return f"/manage/{scene.funder}/rounds/{scene.round}/assessors"


def page_of(scene, number=0) -> str:
    return f"/assess/{scene.applications[number]}"


# --- naming


async def test_an_officer_names_an_assessor_and_takes_them_off(browsers):
    scene = await a_scene(named=False)
    olga = await opened(browsers, scene.olga)
    page = await olga.get(panel(scene))
    assert "Nobody is named yet" in page.words()
    page = await olga.submit(page, panel(scene), person=scene.ann.id)
    assert "Named." in page.text
    assert f"{panel(scene)}/{scene.ann.id}/removal" in {form.action for form in page.forms()}
    page = await olga.submit(page, f"{panel(scene)}/{scene.ann.id}/removal")
    assert "Nobody is named yet" in page.words()


async def test_naming_nobody_says_so(browsers):
    scene = await a_scene(named=False)
    olga = await opened(browsers, scene.olga)
    page = await olga.submit(await olga.get(panel(scene)), panel(scene), person="")
    assert (page.status, page.field_error("person")) == (422, "Choose whom to name")


async def test_the_round_is_opened_after_its_deadline(browsers):
    scene = await a_scene(state="published")
    olga = await opened(browsers, scene.olga)
    page = await olga.get(panel(scene))
    start = f"/manage/{scene.funder}/rounds/{scene.round}/assessment"
    page = await olga.submit(page, start)
    assert "open to the assessors" in page.text
    assert await db.fetch_value("SELECT state FROM round") == "assessing"


async def test_before_the_deadline_there_is_no_button_and_nothing_to_read(browsers):
    scene = await a_scene(state="published", deadline=clock.now() + timedelta(days=1))
    olga = await opened(browsers, scene.olga)
    page = await olga.get(panel(scene))
    assert "Nobody reads them before that" in page.words()
    assert not any(form.action.endswith("/assessment") for form in page.forms())
    ann = await opened(browsers, scene.ann)
    assert "You can read them after that" in (await ann.get("/assess")).words()
    assert (await ann.get(page_of(scene))).status == 404


@pytest.mark.parametrize("who", ["ann", "stranger"])
async def test_others_do_not_reach_the_panel(browsers, who):
    scene = await a_scene()
    person = scene.ann if who == "ann" else (await an_organisation(name="Elsewhere")).owner
    page = await (await opened(browsers, person)).get(panel(scene))
    assert page.status in {403, 404}


async def test_a_round_under_another_organisation_is_not_found(browsers):
    scene, other = await a_scene(), await a_scene()
    olga = await opened(browsers, scene.olga)
    page = await olga.get(f"/manage/{scene.funder}/rounds/{other.round}/assessors")
    assert page.status == 404


# --- what waits


async def test_nothing_waits_for_somebody_who_is_not_named(browsers):
    page = await (await opened(browsers, await a_person())).get("/assess")
    assert (page.status, "No round waits for you" in page.words()) == (200, True)


async def test_the_list_shows_names_before_the_declaration_and_projects_after(browsers):
    scene = await a_scene(3)
    ann = await opened(browsers, scene.ann)
    page = await ann.get("/assess")
    assert "Applicant 00" in page.words()
    assert "Project 0" not in page.text
    await scene.declare(scene.ann)
    await scene.score(scene.ann, scene.applications[0], 3, 4)
    page = await ann.get("/assess")
    assert "Project 0" in page.words()
    assert "1 of 3 finished" in page.words()


@pytest.mark.parametrize("rows", [1, 50])
async def test_the_list_asks_the_database_once_for_any_number(browsers, queries_run, rows):
    scene = await a_scene(rows)
    await scene.declare(scene.ann)
    ann = await opened(browsers, scene.ann)
    with queries_run() as counted:
        page = await ann.get("/assess")
    assert page.words().count("To score") == rows
    assert counted.count <= 3  # the two of the session included


# --- ties


async def test_the_question_comes_before_the_application(browsers):
    scene = await a_scene()
    ann = await opened(browsers, scene.ann)
    page = await ann.get(page_of(scene))
    assert "Do you have a tie to Applicant 00?" in page.words()
    for hidden in ("Project 0", "£5,000", "Who will it help?"):
        assert hidden not in page.text
    page = await ann.submit(page, f"{page_of(scene)}/declaration", tie="none")
    assert "The people of Project 0." in page.words()


async def test_no_answer_is_no_declaration(browsers):
    scene = await a_scene()
    ann = await opened(browsers, scene.ann)
    page = await ann.submit(await ann.get(page_of(scene)), f"{page_of(scene)}/declaration")
    assert page.status == 422
    assert "Say whether you have a tie" in (page.field_error("tie") or "")
    assert "Project 0" not in page.text


async def test_a_tie_leads_back_to_the_list_without_it(browsers):
    scene = await a_scene()
    ann = await opened(browsers, scene.ann)
    page = await ann.get(page_of(scene))
    page = await ann.submit(page, f"{page_of(scene)}/declaration", tie="family")
    assert page.path == "/assess"
    assert "Applicant 00" not in page.words()
    assert (await ann.get(page_of(scene))).status == 404


async def test_all_ties_are_said_at_once(browsers):
    scene = await a_scene(3)
    ann = await opened(browsers, scene.ann)
    address = f"/assess/rounds/{scene.round}/ties"
    page = await ann.get(address)
    page = await ann.submit(page, address)
    assert page.status == 422
    one, two, three = (f"tie-{id}" for id in scene.applications)
    page = await ann.submit(page, address, **{one: "none", two: "employer", three: ""})
    assert page.path == "/assess"
    assert "Project 0" in page.words()
    assert "Applicant 01" not in page.words()
    assert "Project 2" not in page.words()
    page = await ann.submit(await ann.get(address), address, **{three: "none"})
    assert (await ann.get(address)).path == "/assess"


async def test_the_question_does_not_lead_off_the_site(browsers):
    scene = await a_scene(1)
    ann = await opened(browsers, scene.ann)
    address = f"/assess/rounds/{scene.round}/ties"
    page = await ann.submit(
        await ann.get(address),
        address,
        next="https://evil.example",
        **{f"tie-{scene.applications[0]}": "none"},
    )
    assert page.path == "/assess"


async def test_a_tie_found_out_later_is_declared_on_the_application(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann = await opened(browsers, scene.ann)
    page = await ann.get(page_of(scene))
    page = await ann.submit(page, f"{page_of(scene)}/declaration", tie="personal")
    assert (await ann.get(page_of(scene))).status == 404


# --- points


async def test_points_are_saved_and_shown_again(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann = await opened(browsers, scene.ann)
    need = f"points-{scene.criteria[0]}"
    page = await ann.submit(await ann.get(page_of(scene)), page_of(scene), **{need: "4"})
    assert "Saved." in page.text
    assert dict(page.form(page_of(scene)).fields)[need] == "4"


async def test_a_page_that_is_behind_shows_both_and_loses_nothing(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann = await opened(browsers, scene.ann)
    need, plan = scene.criteria
    one, other = await ann.get(page_of(scene)), await ann.get(page_of(scene))
    said = {f"points-{plan}": "3", f"reason-{plan}": "Sound."}
    await ann.submit(
        one, page_of(scene), **{f"points-{need}": "4", f"reason-{need}": "<b>Cold</b>."}, **said
    )
    page = await ann.submit(
        other, page_of(scene), comment="Mine.", **{f"points-{need}": "1"}, **said
    )
    assert page.status == 409
    for words in ("not saved yet", "4 of 5", "<b>Cold</b>."):
        assert words in page.words()
    assert page.field_error(f"points-{need}") and page.field_error("comment")
    assert not page.field_error(f"points-{plan}")
    fields = dict(page.form(page_of(scene)).fields)
    assert (fields[f"points-{need}"], fields["comment"]) == ("1", "Mine.")
    assert await db.fetch_value("SELECT points FROM score WHERE criterion_id = {}", need) == 4
    page = await ann.submit(page, page_of(scene))
    assert "Saved." in page.text
    assert await db.fetch_value("SELECT points FROM score WHERE criterion_id = {}", need) == 1


async def test_what_is_typed_after_another_page_finished_is_shown_to_be_copied(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann = await opened(browsers, scene.ann)
    page = await ann.get(page_of(scene))
    await scene.score(scene.ann, scene.applications[0], 4, 4)
    page = await ann.submit(page, page_of(scene), comment="Too late, but mine.")
    assert page.status == 409
    assert "was not saved" in page.words() and "Too late, but mine." in page.words()
    assert await db.fetch_value("SELECT comment FROM assessment") == ""


async def test_finishing_says_all_that_is_missing_and_loses_nothing(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann = await opened(browsers, scene.ann)
    need, plan = scene.criteria
    page = await ann.submit(
        await ann.get(page_of(scene)),
        page_of(scene),
        finish="yes",
        comment="Warm people.",
        **{f"points-{need}": "4"},
    )
    assert page.status == 422
    assert page.field_error(f"reason-{need}")
    assert page.field_error(f"points-{plan}")
    fields = dict(page.form(page_of(scene)).fields)
    assert (fields[f"points-{need}"], fields["comment"]) == ("4", "Warm people.")
    page = await ann.submit(
        page,
        page_of(scene),
        finish="yes",
        **{f"reason-{need}": "Cold flats.", f"abstain-{plan}": "yes"},
    )
    assert page.path == "/assess"
    page = await ann.get(page_of(scene))
    assert "You have finished" in page.words()
    assert "Abstained" in page.words()
    assert not [form for form in page.forms() if form.action == page_of(scene)]


@pytest.mark.parametrize("points", ["6", "-1", "lots", "1.5", "99999999999999999999", "٣"])
async def test_points_that_are_none_are_refused_beside_their_field(browsers, points):
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann = await opened(browsers, scene.ann)
    need = f"points-{scene.criteria[0]}"
    page = await ann.submit(await ann.get(page_of(scene)), page_of(scene), **{need: points})
    assert page.status == 422
    assert "from 0 to 5" in (page.field_error(need) or "")
    assert dict(page.form(page_of(scene)).fields)[need] == points


async def test_the_others_scores_are_shown_after_ones_own(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann, scene.ben)
    await scene.score(scene.ann, scene.applications[0], 5, 5)
    ben = await opened(browsers, scene.ben)
    page = await ben.get(page_of(scene))
    assert "Ann" not in page.words()
    await scene.score(scene.ben, scene.applications[0], 1, None)
    page = await ben.get(page_of(scene))
    assert "What the others said" in page.words()
    assert "100%" in page.words()


async def test_what_somebody_wrote_is_shown_as_text(browsers):
    scene = await a_scene(0)
    await add_application(scene, title="<script>alert(1)</script>", name="O'Neil & <b>Sons</b>")
    await scene.declare(scene.ann)
    page = await (await opened(browsers, scene.ann)).get(page_of(scene))
    assert "<script>alert" not in page.text
    assert "<b>Sons" not in page.text


@pytest.mark.parametrize("path", ["/assess/rounds/{round}/ties", "/assess/{application}"])
async def test_somebody_unnamed_finds_nothing(browsers, path):
    scene = await a_scene(named=False)
    address = path.format(round=scene.round, application=scene.applications[0])
    assert (await (await opened(browsers, scene.ann)).get(address)).status == 404
    anonymous = await browsers().get(address)
    assert anonymous.path.startswith("/sign-in")
