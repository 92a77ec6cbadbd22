"""Deciding, the budget and its ledger, taking back, releasing."""

import asyncio

import pytest
from tests.grants.scene import a_scene, add_application, grant

from marketplace import clock, db
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.grants.assessment import operations as assessment
from marketplace.grants.assessment.rules import Nature
from marketplace.grants.awards import operations, queries
from marketplace.grants.awards.rules import Outcome
from marketplace.grants.rules import Event

pytestmark = pytest.mark.usefixtures("db")


async def award(scene, number=0, amount=100_000, by=None, **changes):
    return await operations.award(
        scene.actor(by or scene.olga),
        scene.funder,
        scene.round,
        scene.applications[number],
        grant(amount, **changes),
    )


async def decline(scene, number=0, by=None, reason="Too far from what the fund is for."):
    await operations.decline(
        scene.actor(by or scene.olga),
        scene.funder,
        scene.round,
        scene.applications[number],
        reason,
    )


async def release(scene, by=None):
    return await operations.release(scene.actor(by or scene.olga), scene.funder, scene.round)


async def committed() -> int:
    return await db.fetch_value("SELECT committed FROM round")


async def ledger() -> list[int]:
    return [
        row["amount"] for row in await db.fetch("SELECT amount FROM commitment ORDER BY at, id")
    ]


async def events(event: Event) -> int:
    return await db.fetch_value("SELECT count(*) FROM history WHERE event = {}", event.value)


async def decided(**changes):
    scene = await a_scene(**changes)
    await scene.declare(scene.olga)
    return scene


# --- awarding


async def test_an_award_comes_out_of_the_budget_and_into_the_ledger():
    scene = await decided()
    id = await award(scene, amount=250_000)
    assert await committed() == 250_000
    assert await ledger() == [250_000]
    row = await db.fetch_one("SELECT * FROM award")
    assert row is not None
    assert (row["id"], row["funder_id"], row["recipient_id"], row["published_at"]) == (
        id,
        scene.funder,
        scene.applicants[0].id,
        None,
    )
    assert await db.fetch_value("SELECT state FROM application ORDER BY id LIMIT 1") == "submitted"


async def test_nobody_decides_before_they_said_that_they_have_no_tie():
    scene = await a_scene()
    with pytest.raises(NotFound):
        await award(scene)
    with pytest.raises(NotFound):
        await decline(scene)


async def test_somebody_with_a_tie_does_not_decide_owner_or_not():
    scene = await decided()
    for person in (scene.olga, scene.owner):
        await assessment.declare(
            scene.actor(person), scene.round, {scene.applications[0]: Nature.PERSONAL}
        )
        for verb in (award, decline):
            with pytest.raises(NotFound):
                await verb(scene, by=person)
    assert await committed() == 0


async def test_an_assessor_decides_nothing():
    scene = await decided()
    await scene.declare(scene.ann)
    with pytest.raises((NotAllowed, NotFound)):
        await award(scene, by=scene.ann)


async def test_the_same_application_is_decided_once():
    scene = await decided()
    await award(scene)
    for verb in (award, decline):
        with pytest.raises(Conflict, match="meanwhile"):
            await verb(scene)
    assert await committed() == 100_000
    assert await ledger() == [100_000]


async def test_more_than_is_left_is_refused_with_what_is_left():
    scene = await decided(budget=500_000, applicants=2)
    await award(scene, 0, 400_000)
    with pytest.raises(Conflict) as refused:
        await award(scene, 1, 100_001)
    assert refused.value.field == "amount"
    assert "£1,000" in refused.value.message
    await award(scene, 1, 100_000)
    assert await committed() == 500_000


async def test_somebody_with_a_tie_is_not_told_what_is_left():
    scene = await decided(budget=500_000, applicants=2)
    await scene.declare(scene.gus)
    await assessment.declare(
        scene.actor(scene.gus), scene.round, {scene.applications[0]: Nature.FAMILY}
    )
    await award(scene, 0, 432_100)
    with pytest.raises(Conflict) as refused:
        await award(scene, 1, 100_000, by=scene.gus)
    assert "679" not in refused.value.message
    assert "does not reach" in refused.value.message


async def test_nothing_is_decided_before_the_round_is_assessed():
    scene = await decided()
    await db.execute("UPDATE round SET state = 'published'")
    with pytest.raises(IllegalMove):
        await award(scene)


async def test_an_application_withdrawn_meanwhile_is_not_awarded():
    scene = await decided()
    await db.execute(
        "UPDATE application SET state = 'withdrawn', withdrawn_at = now() WHERE id = {}",
        scene.applications[0],
    )
    with pytest.raises(IllegalMove, match="withdrawn"):
        await award(scene)


async def test_a_round_of_another_organisation_is_not_found():
    scene, other = await decided(), await decided()
    with pytest.raises(NotFound):
        await operations.award(
            scene.actor(scene.olga), scene.funder, other.round, other.applications[0], grant()
        )


# --- the last pound


OFFICERS = 6


async def rush(scene, verb) -> list[object]:
    """Let as many at once award what only one can have."""
    return await asyncio.gather(
        *(asyncio.create_task(verb(scene, number)) for number in range(OFFICERS)),
        return_exceptions=True,
    )


async def a_last_pound():
    scene = await a_scene(OFFICERS, budget=150_000, asked=100_000)
    await scene.declare(scene.olga, scene.gus)
    return scene


async def guarded(scene, number):
    by = scene.olga if number % 2 else scene.gus
    return await award(scene, number, 100_000, by=by)


async def test_of_officers_who_award_the_last_pound_one_succeeds_and_the_others_are_told():
    scene = await a_last_pound()
    found = await rush(scene, guarded)
    told = [each for each in found if isinstance(each, Conflict)]
    assert len(told) == OFFICERS - 1, found
    assert {each.field for each in told} == {"amount"}
    assert all("£500 is left" in each.message for each in told)
    assert await committed() == 100_000
    assert await ledger() == [100_000]
    assert await db.fetch_value("SELECT count(*) FROM decision") == 1


async def unguarded(scene, number):
    """Do what `award` does without the lock: read first, write later, as if nobody else were."""
    async with db.transaction():
        row = await db.fetch_one("SELECT budget, spent FROM careless WHERE id = {}", scene.round)
        assert row is not None
        await asyncio.sleep(0.05)
        if row["spent"] + 100_000 > row["budget"]:
            raise Conflict("Nothing is left.")
        await db.execute("UPDATE careless SET spent = spent + 100000 WHERE id = {}", scene.round)


async def test_without_the_lock_the_same_rush_overspends(owner):
    scene = await a_last_pound()
    await owner.execute(
        "CREATE TABLE careless AS SELECT id, budget, committed AS spent FROM round;"
        " GRANT SELECT, UPDATE ON careless TO PUBLIC"
    )
    try:
        await rush(scene, unguarded)
        spent = await owner.fetchval("SELECT spent FROM careless")
    finally:
        await owner.execute("DROP TABLE careless")
    assert spent > 150_000


async def test_the_database_refuses_what_passes_the_budget_by_any_way(owner):
    await a_scene(budget=150_000)
    with pytest.raises(Exception, match="round_within_budget"):
        await db.execute("UPDATE round SET committed = 150001")


async def test_the_ledger_takes_no_changes():
    scene = await decided()
    await award(scene)
    for statement in ("UPDATE commitment SET amount = 1", "DELETE FROM commitment"):
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            await db.execute(statement)


# --- taking back


async def test_what_is_taken_back_is_free_again_and_stays_in_the_ledger():
    scene = await decided()
    first = await award(scene, amount=250_000)
    await operations.take_back(
        scene.actor(scene.olga), scene.funder, scene.round, scene.applications[0]
    )
    assert await committed() == 0
    assert await ledger() == [250_000, -250_000]
    assert await award(scene, amount=300_000) == first
    assert await committed() == 300_000
    assert sum(await ledger()) == 300_000


async def test_there_is_nothing_to_take_back_without_a_decision():
    scene = await decided()
    with pytest.raises(NotFound):
        await operations.take_back(
            scene.actor(scene.olga), scene.funder, scene.round, scene.applications[0]
        )


async def test_scores_a_decision_stands_on_are_not_opened_again():
    scene = await decided()
    await scene.declare(scene.ann)
    await scene.score(scene.ann, scene.applications[0], 4, 4)
    await award(scene)
    with pytest.raises(Conflict, match="decision back"):
        await assessment.reopen(scene.actor(scene.olga), scene.applications[0], scene.ann.id)


# --- the board


async def test_the_board_ranks_by_the_weighted_mean_of_what_is_finished():
    scene = await decided(applicants=3)
    await scene.declare(scene.ann, scene.ben)
    low, high, none = scene.applications
    await scene.score(scene.ann, low, 5, 0)
    await scene.score(scene.ann, high, 0, 5)
    await scene.score(scene.ben, high, None, 4)
    await assessment.save(scene.actor(scene.ben), low, {})
    board = await queries.board(scene.actor(scene.olga), scene.funder, scene.round)
    assert [(row.id, row.place) for row in board.rows] == [(high, 1), (low, 2), (none, None)]
    assert [len(row.judgements) for row in board.rows] == [2, 1, 0]
    assert board.rows[0].mean is not None
    assert round(float(board.rows[0].mean), 4) == round((10 / 15 + 8 / 10) / 2, 4)
    assert (board.committed, board.left, board.open) == (0, 1_000_000, 3)


async def test_the_board_is_empty_until_they_declared():
    scene = await a_scene()
    board = await queries.board(scene.actor(scene.olga), scene.funder, scene.round)
    assert board.rows == []
    assert [each.name for each in board.undeclared] == ["Applicant 00", "Applicant 01"]


async def test_an_officer_who_assesses_sees_no_scores_before_their_own():
    scene = await decided()
    await assessment.name_assessor(scene.actor(scene.olga), scene.round, scene.olga.id)
    await scene.declare(scene.ann)
    application = scene.applications[0]
    await scene.score(scene.ann, application, 5, 5)
    row = (await queries.board(scene.actor(scene.olga), scene.funder, scene.round)).row(application)
    assert (row.judgements, row.mean, row.place) == ([], None, None)
    await scene.score(scene.olga, application, 1, 1)
    row = (await queries.board(scene.actor(scene.olga), scene.funder, scene.round)).row(application)
    assert len(row.judgements) == 2
    assert row.flags


# --- releasing


async def test_nothing_is_released_while_something_is_undecided():
    scene = await decided()
    await award(scene)
    with pytest.raises(Conflict, match="1 application still needs"):
        await release(scene)
    assert await db.fetch_value("SELECT state FROM round") == "assessing"


async def test_a_release_makes_all_of_it_visible_at_once_and_once_only():
    scene = await decided()
    await award(scene, 0, note="Well done.")
    await decline(scene, 1)
    assert [await queries.told(id) for id in scene.applications] == [None, None]
    assert (await queries.awards(queries.Chosen())).total == 0
    assert await release(scene) == operations.Released(1, 1)
    for _ in range(2):
        assert await release(scene) == operations.Released(0, 0)
    won, lost = [await queries.told(id) for id in scene.applications]
    assert won is not None
    assert lost is not None
    assert (won.awarded, won.amount, won.note) == (True, 100_000, "Well done.")
    assert (lost.awarded, lost.note) == (False, "Too far from what the fund is for.")
    assert (await queries.awards(queries.Chosen())).total == 1
    assert await db.fetch_value("SELECT state FROM round") == "decided"
    for event in (Event.ROUND_DECIDED, Event.AWARD_PUBLISHED, Event.APPLICATION_DECLINED):
        assert await events(event) == 1
    assert await db.fetch_value("SELECT bool_and(released_at IS NOT NULL) FROM decision")


async def test_nobody_releases_before_they_said_that_they_have_no_tie():
    scene = await decided()
    await award(scene, 0)
    await decline(scene, 1)
    with pytest.raises(Conflict, match="whether you have a tie"):
        await release(scene, by=scene.gus)


async def test_two_who_release_at_once_tell_everybody_once():
    scene = await decided()
    await scene.declare(scene.gus)
    await award(scene, 0)
    await decline(scene, 1)
    found = await asyncio.gather(
        *(asyncio.create_task(release(scene, by)) for by in (scene.olga, scene.gus))
    )
    assert sorted(each.awarded for each in found) == [0, 1]
    assert await events(Event.AWARD_PUBLISHED) == 1


async def test_somebody_with_a_tie_does_not_release():
    scene = await decided()
    await scene.declare(scene.gus)
    await assessment.declare(
        scene.actor(scene.gus), scene.round, {scene.applications[0]: Nature.EMPLOYER}
    )
    await award(scene, 0)
    await decline(scene, 1)
    with pytest.raises(Conflict, match="another grants officer"):
        await release(scene, by=scene.gus)
    assert await release(scene) == operations.Released(1, 1)


async def test_what_was_withdrawn_after_it_was_decided_gives_its_money_back():
    scene = await decided()
    await award(scene, 0)
    await decline(scene, 1)
    await db.execute(
        "UPDATE application SET state = 'withdrawn', withdrawn_at = now() WHERE id = {}",
        scene.applications[0],
    )
    assert await release(scene) == operations.Released(0, 1)
    assert await committed() == 0
    assert await ledger() == [100_000, -100_000]
    assert await db.fetch_value("SELECT count(*) FROM award WHERE published_at IS NOT NULL") == 0


async def test_a_decision_is_final_after_the_release():
    scene = await decided(applicants=1)
    await award(scene)
    await release(scene)
    with pytest.raises(IllegalMove):
        await operations.take_back(
            scene.actor(scene.olga), scene.funder, scene.round, scene.applications[0]
        )
    late = await add_application(scene)
    with pytest.raises((IllegalMove, NotFound)):
        await operations.award(scene.actor(scene.olga), scene.funder, scene.round, late, grant())


async def test_the_public_list_is_narrowed_by_funder_and_year():
    scene = await decided(applicants=1)
    await award(scene)
    await release(scene)
    year = clock.today().year
    for chosen, total in (
        (queries.Chosen(funder=scene.funder, year=year), 1),
        (queries.Chosen(fund=scene.fund, recipient=scene.applicants[0].id), 1),
        (queries.Chosen(year=year - 1), 0),
        (queries.Chosen(funder=scene.applicants[0].id), 0),
    ):
        found = await queries.awards(chosen)
        assert (found.total, len(found.rows)) == (total, total)
    found = await queries.awards(queries.Chosen())
    assert (found.amount, found.years) == (100_000, [year])
    board = await queries.board(scene.actor(scene.olga), scene.funder, scene.round)
    assert board.rows[0].outcome is Outcome.AWARD
