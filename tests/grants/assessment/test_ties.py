"""Ties that were declared by mistake: who may lift them, what becomes visible, what stays."""

import pytest
from tests.factories import acting
from tests.grants.scene import a_scene, a_tie

from marketplace import db
from marketplace.errors import Conflict, NotAllowed, NotFound
from marketplace.grants.assessment import operations, queries, ties
from marketplace.grants.assessment.rules import Nature, why_not_lifted
from marketplace.grants.awards import operations as awards
from marketplace.grants.rules import RoundState
from marketplace.ids import new_id

pytestmark = pytest.mark.usefixtures("db")


async def lift(scene, tie_id, *, by=None):
    person = by or scene.olga
    return await ties.lift(
        scene.actor(person), scene.funder, scene.round, tie_id, "The other Ann Smith."
    )


async def of(scene, person):
    return await db.fetch_value("SELECT id FROM declaration WHERE person_id = {}", person.id)


@pytest.mark.parametrize(
    ("state", "belongs", "decided", "may"),
    [
        (RoundState.PUBLISHED, False, False, True),
        (RoundState.ASSESSING, False, False, True),
        (RoundState.ASSESSING, True, False, False),
        (RoundState.ASSESSING, False, True, False),
        (RoundState.DECIDED, False, False, False),
        (RoundState.CANCELLED, False, False, False),
    ],
)
def test_a_tie_is_lifted_before_the_decision_and_never_a_membership(state, belongs, decided, may):
    why = why_not_lifted(state, name="Ann", applicant="Us", belongs=belongs, decided=decided)
    assert (why is None) is may


async def test_what_was_hidden_is_seen_again_and_its_scores_count_again():
    scene = await a_scene(1)
    await scene.declare(scene.ann)
    ann, application = scene.actor(scene.ann), scene.applications[0]
    await scene.score(scene.ann, application, 4, 4)
    await operations.declare(ann, scene.round, {application: Nature.FAMILY})
    with pytest.raises(NotFound):
        await queries.reading(ann, application)
    tie = await lift(scene, await of(scene, scene.ann))
    assert (tie.name, tie.nature) == ("Ann", Nature.FAMILY)
    mine = (await queries.reading(ann, application)).mine
    assert mine is not None and mine.finished
    entry = await db.fetch_one("SELECT data, actor_id FROM history WHERE event = 'conflict.lifted'")
    assert entry["actor_id"] == scene.olga.id
    assert (entry["data"]["person"], entry["data"]["nature"]) == (str(scene.ann.id), "family")
    with pytest.raises(NotFound):
        await lift(scene, tie.id)
    await operations.declare(ann, scene.round, {application: Nature.FAMILY})
    with pytest.raises(NotFound):
        await queries.reading(ann, application)


async def test_nobody_lifts_their_own_nor_one_beside_their_own():
    scene = await a_scene(1)
    for person in (scene.ann, scene.olga):
        await a_tie(scene.applications[0], person.id)
    own = await of(scene, scene.olga)
    for tie_id in (own, await of(scene, scene.ann)):
        with pytest.raises(NotFound):
            await lift(scene, tie_id)
    _, seen = await ties.declared(scene.actor(scene.olga), scene.funder, scene.round)
    assert seen == []
    await lift(scene, own, by=scene.gus)
    await lift(scene, await of(scene, scene.ann))


async def test_the_database_refuses_that_somebody_lifts_their_own():
    scene = await a_scene(1)
    with pytest.raises(Exception, match="lifted_tie_by_another"):
        await db.execute(
            "INSERT INTO lifted_tie (id, application_id, person_id, nature, found, reason, by)"
            " VALUES (uuidv7(), {}, {}, 'family', false, 'Me.', {})",
            scene.applications[0],
            scene.ann.id,
            scene.ann.id,
        )


@pytest.mark.parametrize(("role", "error"), [("assessor", NotFound), ("trustee", NotAllowed)])
async def test_an_assessor_or_a_trustee_lifts_nothing(role, error):
    scene = await a_scene(1)
    tie_id = await a_tie(scene.applications[0], scene.ann.id)
    with pytest.raises(error):
        await ties.lift(
            acting(scene.ben, **{role: scene.funder}), scene.funder, scene.round, tie_id, "No."
        )


async def test_whoever_belongs_to_the_applicant_keeps_the_tie_until_they_left():
    scene = await a_scene(1)
    await db.execute(
        "INSERT INTO membership (id, organisation_id, person_id, role, since)"
        " VALUES ({}, {}, {}, 'member', now())",
        new_id(),
        scene.applicants[0].id,
        scene.ann.id,
    )
    tie_id = await a_tie(scene.applications[0], scene.ann.id, "member")
    with pytest.raises(Conflict, match="belongs to"):
        await lift(scene, tie_id)
    await db.execute(
        "DELETE FROM membership WHERE person_id = {} AND role = 'member'", scene.ann.id
    )
    await lift(scene, tie_id)


async def test_a_decision_made_without_them_is_taken_back_first():
    scene = await a_scene(1)
    tie_id = await a_tie(scene.applications[0], scene.ann.id)
    await scene.declare(scene.gus)
    here = (scene.actor(scene.gus), scene.funder, scene.round, scene.applications[0])
    await awards.decline(*here, "Not now.")
    with pytest.raises(Conflict, match="Take it back first"):
        await lift(scene, tie_id)
    await awards.take_back(*here)
    await lift(scene, tie_id)


async def test_an_officer_lifts_it_in_the_browser_with_a_reason(browsers):
    scene = await a_scene(1)
    tie_id = await a_tie(scene.applications[0], scene.ann.id)
    home = f"/manage/{scene.funder}/rounds/{scene.round}/ties"
    olga = await browsers().sign_in_as(scene.olga.id)
    assert (
        home in (await olga.get(f"/manage/{scene.funder}/rounds/{scene.round}/assessors")).links()
    )
    assert f"{home}/{tie_id}" in (await olga.get(home)).links()
    page = await olga.submit(await olga.get(f"{home}/{tie_id}"), f"{home}/{tie_id}")
    assert (page.status, page.field_error("reason")) == (422, "Enter why it does not hold")
    page = await olga.submit(page, f"{home}/{tie_id}", reason="Another Smith.")
    assert "Ann can read Applicant 00 again" in page.text
    assert "No tie that you could lift" in page.words()
    ann = await browsers().sign_in_as(scene.ann.id)
    assert (await ann.get(f"/assess/{scene.applications[0]}")).status == 200
