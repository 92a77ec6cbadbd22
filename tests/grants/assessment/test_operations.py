"""Naming, opening, declaring, scoring, finishing and reopening, on the real database."""

import asyncio
from datetime import timedelta

import pytest
from tests.factories import PASSWORD, a_person, acting
from tests.grants.scene import a_scene, add_application

from marketplace import clock, db
from marketplace.accounts.leaving import operations as leaving
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.grants.assessment import operations, panel, queries
from marketplace.grants.assessment.rules import Nature, Points
from marketplace.grants.rules import Event, RoundState
from marketplace.ids import new_id

pytestmark = pytest.mark.usefixtures("db")


async def happened(event: Event) -> int:
    return await db.fetch_value("SELECT count(*) FROM history WHERE event = {}", event.value)


async def join(person, organisation, role="member"):
    await db.execute(
        "INSERT INTO membership (id, organisation_id, person_id, role, since)"
        " VALUES ({}, {}, {}, {}, now())",
        new_id(),
        organisation,
        person.id,
        role,
    )


# --- the panel


async def test_an_officer_names_somebody_once():
    scene = await a_scene(named=False)
    for _ in range(2):
        await operations.name_assessor(scene.actor(scene.olga), scene.round, scene.ann.id)
    assert await db.fetch_value("SELECT count(*) FROM round_assessor") == 1
    assert await happened(Event.ASSESSOR_NAMED) == 1


async def test_nobody_from_outside_or_without_the_role_is_named():
    scene = await a_scene(named=False)
    stranger, finance = await a_person(), await a_person()
    await join(finance, scene.funder, "finance")
    for person in (stranger, finance):
        with pytest.raises(Conflict) as refused:
            await operations.name_assessor(scene.actor(scene.olga), scene.round, person.id)
        assert refused.value.field == "person"


async def test_an_assessor_names_nobody():
    scene = await a_scene(named=False)
    with pytest.raises((NotAllowed, NotFound)):
        await operations.name_assessor(scene.actor(scene.ann), scene.round, scene.ben.id)


async def test_somebody_who_has_begun_stays_with_the_round():
    scene = await a_scene()
    await scene.declare(scene.ann)
    await operations.save(scene.actor(scene.ann), scene.applications[0], {})
    with pytest.raises(Conflict, match="begun"):
        await operations.remove_assessor(scene.actor(scene.olga), scene.round, scene.ann.id)
    await operations.remove_assessor(scene.actor(scene.olga), scene.round, scene.ben.id)
    assert await panel.named_people(scene.round) == [scene.ann.id]


@pytest.mark.usefixtures("app")
async def test_an_assessor_who_leaves_is_waited_for_only_where_they_have_begun():
    scene = await a_scene()
    await scene.declare(scene.ann)
    await operations.save(scene.actor(scene.ann), scene.applications[0], {})
    for person in (scene.ann, scene.ben):
        await leaving.leave(person.actor, password=PASSWORD)
    rows = await db.fetch("SELECT person_id FROM round_assessor")
    assert [row["person_id"] for row in rows] == [scene.ann.id]


# --- opening


async def test_a_round_is_not_opened_before_its_deadline():
    scene = await a_scene(state="published", deadline=clock.now() + timedelta(minutes=5))
    with pytest.raises(Conflict, match="after the deadline"):
        await operations.start(scene.actor(scene.olga), scene.round)
    assert await operations.start_due() == 0


async def test_a_round_is_opened_by_an_officer_or_by_the_clock_once():
    by_hand = await a_scene(state="published")
    by_clock = await a_scene(state="published")
    await operations.start(by_hand.actor(by_hand.olga), by_hand.round)
    assert await operations.start_due() == 1
    assert await operations.start_due() == 0
    states = await db.fetch("SELECT DISTINCT state FROM round")
    assert [row["state"] for row in states] == ["assessing"]
    assert await happened(Event.ROUND_ASSESSING) == 2
    with pytest.raises(IllegalMove):
        await operations.start(by_clock.actor(by_clock.olga), by_clock.round)


async def test_members_of_an_applicant_are_noticed_when_the_round_opens_and_stay_noticed():
    scene = await a_scene(state="published")
    await join(scene.ann, scene.applicants[0].id)
    await operations.start_due()
    row = await db.fetch_one("SELECT * FROM declaration")
    assert row is not None
    assert (row["person_id"], row["conflict"], row["found"]) == (scene.ann.id, True, True)
    await db.execute(
        "DELETE FROM membership WHERE person_id = {} AND role = 'member'", scene.ann.id
    )
    with pytest.raises(NotFound):
        await queries.reading(scene.actor(scene.ann), scene.applications[0])


# --- ties


async def test_nothing_is_shown_before_they_say_that_they_have_no_tie():
    scene = await a_scene()
    ann = scene.actor(scene.ann)
    reading = await queries.reading(ann, scene.applications[0])
    assert reading.content is None
    assert reading.applicant == "Applicant 00"
    (desk,) = await queries.desks(ann)
    assert {row.title for row in desk.rows} == {""}
    await operations.declare(ann, scene.round, {scene.applications[0]: None})
    reading = await queries.reading(ann, scene.applications[0])
    assert reading.content is not None
    assert reading.content.title == "Project 0"


async def test_points_are_refused_before_the_declaration():
    scene = await a_scene()
    with pytest.raises(NotFound):
        await operations.save(scene.actor(scene.ann), scene.applications[0], {})


async def test_a_member_of_the_applicant_cannot_say_that_there_is_no_tie():
    scene = await a_scene()
    await join(scene.ann, scene.applicants[0].id)
    ann = scene.actor(scene.ann)
    with pytest.raises(NotFound):
        await operations.declare(ann, scene.round, {scene.applications[0]: None})
    with pytest.raises(NotFound):
        await queries.reading(ann, scene.applications[0])


async def test_a_declared_tie_hides_it_and_is_not_taken_back():
    scene = await a_scene()
    ann = scene.actor(scene.ann)
    found = await operations.declare(
        ann, scene.round, {scene.applications[0]: Nature.FAMILY, scene.applications[1]: None}
    )
    assert found == 1
    with pytest.raises(NotFound):
        await operations.declare(ann, scene.round, {scene.applications[0]: None})
    (desk,) = await queries.desks(ann)
    assert [row.id for row in desk.rows] == [scene.applications[1]]
    row = await db.fetch_one("SELECT * FROM history WHERE event = 'conflict.declared'")
    assert row is not None
    assert dict(row["data"]) == {"nature": "family"}


async def test_a_tie_declared_late_makes_the_scores_not_count():
    scene = await a_scene()
    await scene.declare(scene.ann, scene.ben, scene.olga)
    application = scene.applications[0]
    await scene.score(scene.ann, application, 5, 5)
    await scene.score(scene.ben, application, 1, 1)
    ann = scene.actor(scene.ann)
    await operations.declare(ann, scene.round, {application: Nature.FINANCIAL})
    judged = await queries.judgements(scene.actor(scene.olga), scene.round)
    assert [each.person_id for each in judged[application]] == [scene.ben.id]


async def test_somebody_not_named_cannot_declare_or_read():
    scene = await a_scene(named=False)
    for person in (scene.ann, scene.ben):
        with pytest.raises(NotFound):
            await operations.declare(
                scene.actor(person), scene.round, {scene.applications[0]: None}
            )
        with pytest.raises(NotFound):
            await queries.reading(scene.actor(person), scene.applications[0])


async def test_an_assessor_who_lost_the_role_reads_nothing():
    scene = await a_scene()
    await scene.declare(scene.ann)
    member = acting(scene.ann, member=scene.funder)
    assert await queries.desks(member) == []
    with pytest.raises(NotFound):
        await queries.reading(member, scene.applications[0])


async def test_an_application_of_another_round_is_not_found():
    scene, other = await a_scene(), await a_scene()
    with pytest.raises(NotFound):
        await operations.declare(scene.actor(scene.ann), scene.round, {other.applications[0]: None})


# --- points


async def test_points_are_kept_and_changed_until_they_are_finished():
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann, application = scene.actor(scene.ann), scene.applications[0]
    need = scene.criteria[0]
    await operations.save(ann, application, {need: Points(2)})
    await operations.save(ann, application, {need: Points(3)}, seen=1, comment="Good.")
    mine = (await queries.reading(ann, application)).mine
    assert mine is not None
    assert (mine.sheet, mine.comment) == ({need: Points(3)}, "Good.")
    assert not mine.finished
    await scene.score(scene.ann, application, 3, None)
    with pytest.raises(IllegalMove):
        await operations.save(ann, application, {need: Points(4)})
    assert await happened(Event.ASSESSMENT_FINISHED) == 1


async def test_of_two_pages_that_save_one_is_told_of_the_other():
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann, application = scene.actor(scene.ann), scene.applications[0]
    sheets = [{scene.criteria[0]: Points(points)} for points in (2, 4)]
    done = await asyncio.gather(
        *(operations.save(ann, application, sheet) for sheet in sheets), return_exceptions=True
    )
    assert sorted(type(each) for each in done if each) == [operations.Stale]
    mine = (await queries.reading(ann, application)).mine
    assert mine is not None
    assert mine.sheet == sheets[done.index(None)]


async def test_without_the_version_of_the_page_the_last_save_wins():
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann, application = scene.actor(scene.ann), scene.applications[0]
    for points in (2, 4):
        mine = (await queries.reading(ann, application)).mine
        seen = mine.version if mine else 0
        await operations.save(ann, application, {scene.criteria[0]: Points(points)}, seen=seen)
    mine = (await queries.reading(ann, application)).mine
    assert mine is not None
    assert mine.sheet == {scene.criteria[0]: Points(4)}


async def test_the_same_from_two_pages_is_no_conflict_and_can_be_finished():
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann, application = scene.actor(scene.ann), scene.applications[0]
    sheet = {criterion: Points(3, reason="So.") for criterion in scene.criteria}
    await operations.save(ann, application, sheet, comment="Yes.")
    with pytest.raises(operations.Stale):
        await operations.save(ann, application, sheet, comment="No.", finish=True)
    await operations.save(ann, application, sheet, comment="Yes.", finish=True)


async def test_an_abstention_is_no_nought():
    scene = await a_scene()
    await scene.declare(scene.ann)
    await scene.score(scene.ann, scene.applications[0], None, 0)
    rows = await db.fetch("SELECT points, abstained FROM score ORDER BY abstained")
    assert [tuple(row.values()) for row in rows] == [(0, False), (None, True)]


async def test_finishing_names_the_first_thing_that_is_missing():
    scene = await a_scene()
    await scene.declare(scene.ann)
    with pytest.raises(Conflict) as refused:
        await operations.save(
            scene.actor(scene.ann),
            scene.applications[0],
            {scene.criteria[0]: Points(3)},
            finish=True,
        )
    assert refused.value.field == f"reason-{scene.criteria[0]}"
    assert await db.fetch_value("SELECT count(*) FROM assessment") == 0


async def test_points_out_of_range_or_for_another_round_are_refused():
    scene = await a_scene()
    await scene.declare(scene.ann)
    ann, application = scene.actor(scene.ann), scene.applications[0]
    with pytest.raises(Conflict):
        await operations.save(ann, application, {scene.criteria[0]: Points(6)})
    with pytest.raises(NotFound):
        await operations.save(ann, application, {new_id(): Points(1)})


async def test_nobody_sees_the_others_scores_before_their_own_are_finished():
    scene = await a_scene()
    await scene.declare(scene.ann, scene.ben)
    application = scene.applications[0]
    await scene.score(scene.ann, application, 5, 5)
    ben = scene.actor(scene.ben)
    assert (await queries.reading(ben, application)).others == []
    await scene.score(scene.ben, application, 1, 1)
    others = (await queries.reading(ben, application)).others
    assert [each.person_id for each in others] == [scene.ann.id]


async def test_an_officer_opens_scores_again_and_they_count_no_more():
    scene = await a_scene()
    await scene.declare(scene.ann, scene.olga)
    application = scene.applications[0]
    await scene.score(scene.ann, application, 5, 5)
    with pytest.raises((NotAllowed, NotFound)):
        await operations.reopen(scene.actor(scene.ann), application, scene.ann.id)
    await operations.reopen(scene.actor(scene.olga), application, scene.ann.id)
    mine = (await queries.reading(scene.actor(scene.ann), application)).mine
    assert mine is not None
    assert not mine.finished
    with pytest.raises(NotFound):
        await operations.reopen(scene.actor(scene.olga), application, scene.ann.id)


async def test_an_officer_who_is_not_named_gives_no_points():
    scene = await a_scene()
    await scene.declare(scene.olga)
    with pytest.raises(NotAllowed):
        await operations.save(scene.actor(scene.olga), scene.applications[0], {})


async def test_nothing_is_scored_once_the_round_is_decided():
    scene = await a_scene()
    await scene.declare(scene.ann)
    await db.execute("UPDATE round SET state = {}", RoundState.DECIDED.value)
    with pytest.raises(Conflict):
        await operations.save(scene.actor(scene.ann), scene.applications[0], {})


async def test_what_was_withdrawn_is_gone():
    scene = await a_scene()
    await scene.declare(scene.ann)
    extra = await add_application(scene)
    await db.execute("UPDATE application SET state = 'withdrawn' WHERE id = {}", extra)
    (desk,) = await queries.desks(scene.actor(scene.ann))
    assert len(desk.rows) == 2
    with pytest.raises(NotFound):
        await queries.reading(scene.actor(scene.ann), extra)
