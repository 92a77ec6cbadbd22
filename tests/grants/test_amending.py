"""Changing a round that people can read: what may change, what not, and who comes second."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.factories import acting, an_organisation
from tests.factories_grants import a_draft, a_fund, a_round, a_submission, answer
from tests.grants.scene import a_scene

from marketplace import clock, db, listing_index
from marketplace.errors import Conflict, NotAllowed, NotFound
from marketplace.grants import listing
from marketplace.grants.applications import operations as applications
from marketplace.grants.assessment import operations as assessment
from marketplace.grants.assessment import panel
from marketplace.grants.funds import operations as funds
from marketplace.grants.rounds import amending, asking, operations, queries
from marketplace.grants.rounds.amending import Correction
from marketplace.grants.rounds.asking import Measure
from marketplace.grants.rounds.rules import (
    Amendment,
    Part,
    Standing,
    changeable,
    deadline_problem,
    why_not_extended,
)
from marketplace.grants.rules import RoundState
from marketplace.listing_index import Find
from marketplace.permissions import OrgRole

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
NOON = time(12)

pytestmark = pytest.mark.usefixtures("db")


def later(days: int = 60):
    return clock.today() + timedelta(days=days)


async def extend(scene, *, day=None, at=NOON):
    await amending.extend(scene.actor(scene.olga), scene.round, day or later(), at, "Snow.")


async def stands(round_id):
    return await db.fetch_one("SELECT state, deadline FROM round WHERE id = {}", round_id)


# --- rules


@pytest.mark.parametrize(
    ("state", "days_ago", "judged", "may"),
    [
        (RoundState.DRAFT, 0, False, False),
        (RoundState.PUBLISHED, -5, False, True),
        (RoundState.PUBLISHED, 6, False, True),
        (RoundState.ASSESSING, 6, False, True),
        (RoundState.ASSESSING, 7, False, False),
        (RoundState.ASSESSING, 1, True, False),
        (RoundState.DECIDED, 1, False, False),
        (RoundState.CANCELLED, -5, False, False),
    ],
)
def test_a_deadline_moves_until_somebody_judges_or_a_week_has_passed(state, days_ago, judged, may):
    standing = Standing(state, NOW - timedelta(days=days_ago), judged)
    assert (why_not_extended(standing, NOW) is None) is may


@pytest.mark.parametrize(
    ("was", "to", "fits"), [(1, 2, True), (1, 1, False), (2, 1, False), (-3, -1, False)]
)
def test_a_deadline_moves_to_later_and_ahead_only(was, to, fits):
    times = [NOW + timedelta(hours=hours) for hours in (was, to)]
    assert (deadline_problem(*times, NOW, LONDON) is None) is fits


def test_who_may_apply_is_settled_once_applications_are_in():
    assert changeable(RoundState.PUBLISHED) == frozenset(Part)
    assert changeable(RoundState.ASSESSING) == frozenset(Part) - {Part.GUIDANCE}
    assert not changeable(RoundState.DECIDED) and not changeable(RoundState.DRAFT)


def test_both_sides_of_a_clock_change_are_told_in_wall_time():
    was, to = datetime(2027, 3, 26, 12, tzinfo=UTC), datetime(2027, 3, 30, 11, tzinfo=UTC)
    said = Amendment(NOW, "", was, to, 100_000, 150_000, ["contact"]).sentences(LONDON)
    assert said == [
        "Deadline moved from noon, Friday 26 March 2027, UK time"
        " to noon, Tuesday 30 March 2027, UK time.",
        "Budget raised from £1,000 to £1,500.",
        "Whom to ask was changed.",
    ]


# --- the deadline


async def test_an_open_round_is_open_for_longer_and_says_so(browser):
    funder = await an_organisation(name="Essex Giving")
    fund = await a_fund(funder.id)
    round_id = await a_round(fund, deadline=clock.now() + timedelta(hours=1))
    await amending.extend(funder.owner.actor, round_id, later(), NOON, "The post was <slow>.")
    round = await queries.of_funder(funder.owner.actor, round_id)
    assert round.deadline_local == datetime.combine(later(), NOON)
    page = await browser.get(f"/funds/{fund}")
    assert f"to noon, {clock.date_words(later())}" in page.words()
    assert "The post was <slow>." in page.words()
    (row,) = (await listing_index.find(Find([listing.KIND]))).rows
    assert row.starts_at == round.deadline
    entry = await db.fetch_one("SELECT data FROM history WHERE event = 'round.extended'")
    assert set(entry["data"]) == {"amendment", "reopened"}


async def test_it_never_comes_earlier_and_the_database_refuses_it_too():
    scene = await a_scene(state="published", deadline=clock.now() + timedelta(days=9))
    for day in (later(8), clock.today()):
        with pytest.raises(Conflict) as refused:
            await extend(scene, day=day)
        assert refused.value.field == "deadline_day"
    with pytest.raises(Exception, match="round_amendment_later"):
        await db.execute(
            "INSERT INTO round_amendment (id, round_id, reason, deadline_was, deadline)"
            " VALUES (uuidv7(), {}, 'No.', now(), now() - interval '1 day')",
            scene.round,
        )


async def test_what_is_with_the_assessors_takes_applications_again_and_its_fund_opens():
    scene = await a_scene()
    await funds.close(scene.actor(scene.olga), scene.fund)
    await scene.declare(scene.ann)
    await extend(scene)
    assert (await stands(scene.round))["state"] == "published"
    assert await db.fetch_value("SELECT state FROM fund") == "open"
    with pytest.raises(NotFound):
        await assessment.queries.reading(scene.actor(scene.ann), scene.applications[0])
    owner = scene.applicants[0].owner
    await applications.withdraw(owner.actor, scene.applications[0], received=clock.now())


async def test_a_draft_that_was_too_late_is_submitted_after_all():
    funder = await an_organisation(name="Essex Giving")
    round_id = await a_round(await a_fund(funder.id), deadline=clock.now() + timedelta(seconds=60))
    id, organisation = await a_draft(round_id)
    await answer(organisation.owner.actor, id)
    late = clock.now() + timedelta(seconds=61)
    with pytest.raises(Conflict, match="deadline"):
        await applications.submit(organisation.owner.actor, id, received=late)
    await amending.extend(funder.owner.actor, round_id, later(), NOON, "Snow.")
    sent = await applications.submit(organisation.owner.actor, id, received=late)
    assert sent.state == "submitted"


async def test_once_somebody_scores_the_deadline_stays():
    scene = await a_scene()
    await scene.declare(scene.ann)
    await assessment.save(scene.actor(scene.ann), scene.applications[0], {})
    with pytest.raises(Conflict, match="begun to judge"):
        await extend(scene)
    assert (await stands(scene.round))["state"] == "assessing"


@pytest.mark.parametrize(
    ("role", "error"),
    [(OrgRole.ASSESSOR, NotFound), (OrgRole.TRUSTEE, NotAllowed), (None, NotFound)],
)
async def test_others_move_nothing(role, error):
    scene = await a_scene(state="published")
    actor = acting(scene.ben, **({role.value: scene.funder} if role else {}))
    for change in (
        amending.extend(actor, scene.round, later(), NOON, "Snow."),
        amending.correct(actor, scene.round, Correction(title="Ours", budget=1)),
    ):
        with pytest.raises(error):
            await change


async def test_the_button_that_publishes_opens_no_round_again():
    scene = await a_scene(deadline=clock.now() - timedelta(days=1))
    with pytest.raises(Conflict, match="published already"):
        await operations.publish(scene.actor(scene.olga), scene.round)


# --- races


async def while_it_is_moved(scene, monkeypatch, opening):
    """Let `opening` read which rounds are due before the later deadline is committed."""
    locked, read = asyncio.Event(), asyncio.Event()
    refresh, due_rounds = listing.refresh, panel.due_rounds

    async def slow(fund_id):
        locked.set()
        await read.wait()
        await refresh(fund_id)

    async def early():
        due = await due_rounds()
        read.set()
        return due

    monkeypatch.setattr(listing, "refresh", slow)
    monkeypatch.setattr(panel, "due_rounds", early)
    moving = asyncio.create_task(extend(scene))
    await locked.wait()
    opened = await opening()
    await moving
    return opened


async def test_the_clock_does_not_close_what_is_moved_meanwhile(monkeypatch):
    scene = await a_scene(state="published")
    assert await while_it_is_moved(scene, monkeypatch, assessment.start_due) == 0
    assert (await stands(scene.round))["state"] == "published"


async def test_without_asking_again_under_the_lock_it_closes_all_the_same(monkeypatch):
    scene = await a_scene(state="published")

    async def careless():
        for round_id in await panel.due_rounds():
            async with db.transaction():
                await db.execute(
                    "UPDATE round SET state = 'assessing' WHERE id = {} AND state = 'published'",
                    round_id,
                )

    await while_it_is_moved(scene, monkeypatch, careless)
    row = await stands(scene.round)
    assert row["state"] == "assessing" and row["deadline"] > clock.now()


async def test_scores_that_come_second_are_refused(monkeypatch):
    scene = await a_scene()
    await scene.declare(scene.ann)
    read, moved = asyncio.Event(), asyncio.Event()
    reading = assessment.queries.reading

    async def slow(*args):
        found = await reading(*args)
        read.set()
        await moved.wait()
        return found

    monkeypatch.setattr(assessment.queries, "reading", slow)
    saving = asyncio.create_task(assessment.save(scene.actor(scene.ann), scene.applications[0], {}))
    await read.wait()
    await extend(scene)
    moved.set()
    with pytest.raises(Conflict, match="moved on"):
        await saving
    assert await db.fetch_value("SELECT count(*) FROM assessment") == 0


async def test_of_two_who_move_it_the_later_time_stands():
    scene = await a_scene(state="published", deadline=clock.now() + timedelta(days=1))
    await asyncio.gather(
        extend(scene, day=later(50)), extend(scene, day=later(40)), return_exceptions=True
    )
    deadline = (await stands(scene.round))["deadline"]
    assert clock.local(deadline).date() == later(50)


# --- words and budget


async def test_words_and_budget_are_corrected_and_the_rest_stays(browser):
    funder = await an_organisation(name="Essex Giving")
    fund = await a_fund(funder.id)
    round_id = await a_round(fund, budget=2_000_000, contact="01245 000000")
    await a_submission(round_id)
    said = Correction(
        title="Summer",
        contact="grants@example.org",
        budget=2_500_000,
        who_may_apply="Groups of any size.",
        reason="We wrote the wrong season.",
    )
    assert await amending.correct(funder.owner.actor, round_id, said)
    assert not await amending.correct(funder.owner.actor, round_id, said)
    assert await db.fetch_value("SELECT count(*) FROM round_amendment") == 1
    words = (await browser.get(f"/funds/{fund}")).words()
    for each in (
        "Summer",
        "grants@example.org",
        "£25,000 to give in all",
        "Groups of any size.",
        "Budget raised from £20,000 to £25,000.",
        "We wrote the wrong season.",
    ):
        assert each in words
    with pytest.raises(Conflict, match="published"):
        await asking.add_criterion(funder.owner.actor, round_id, Measure(label="New"))


async def test_a_budget_never_shrinks():
    scene = await a_scene(budget=1_000_000)
    with pytest.raises(Conflict, match="promised") as refused:
        await amending.correct(
            scene.actor(scene.olga), scene.round, Correction(title="Autumn", budget=999_999)
        )
    assert refused.value.field == "budget"


async def test_with_the_assessors_it_says_no_longer_otherwise_who_may_apply():
    scene = await a_scene()
    olga = scene.actor(scene.olga)
    said = Correction(title="Autumn", budget=1_000_000, who_may_apply="Only our friends.")
    with pytest.raises(Conflict) as refused:
        await amending.correct(olga, scene.round, said)
    assert refused.value.field == "who_may_apply"
    more = Correction(title="Autumn", budget=1_200_000)
    assert await amending.correct(olga, scene.round, more)


async def test_what_changed_is_never_rewritten():
    scene = await a_scene(state="published")
    await extend(scene)
    for statement in ("UPDATE round_amendment SET reason = 'x'", "DELETE FROM round_amendment"):
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            await db.execute(statement)


# --- pages


async def test_an_officer_moves_the_deadline_and_corrects_in_the_browser(browsers):
    scene = await a_scene(state="published", deadline=clock.now() + timedelta(days=9))
    olga = await browsers().sign_in_as(scene.olga.id)
    home = f"/manage/rounds/{scene.round}"
    page = await olga.get(home)
    assert {f"{home}/deadline", f"{home}/correction"} <= set(page.links())
    page = await olga.submit(await olga.get(f"{home}/deadline"), f"{home}/deadline", reason="Snow.")
    assert (page.status, page.field_error("deadline_day")) == (422, "Enter the new day")
    page = await olga.submit(page, f"{home}/deadline", deadline_day=str(later()))
    assert "told by e-mail" in page.text and "Snow." in page.words()
    page = await olga.get(f"{home}/correction")
    assert "applications are written for what they are judged by" in page.words()
    page = await olga.submit(page, f"{home}/correction", budget="1")
    assert "£10,000" in (page.field_error("budget") or "")
    page = await olga.submit(page, f"{home}/correction", budget="12,000", who_may_apply="")
    assert "Budget raised from £10,000 to £12,000." in page.words()


async def test_a_judged_round_says_why_its_deadline_stays(browsers):
    scene = await a_scene()
    await scene.declare(scene.ann)
    await assessment.save(scene.actor(scene.ann), scene.applications[0], {})
    olga = await browsers().sign_in_as(scene.olga.id)
    page = await olga.get(f"/manage/rounds/{scene.round}/deadline")
    assert "begun to judge" in page.words()
    assert not any(form.action.endswith("/deadline") for form in page.forms())
    assert "who_may_apply" not in (await olga.get(f"/manage/rounds/{scene.round}/correction")).text
