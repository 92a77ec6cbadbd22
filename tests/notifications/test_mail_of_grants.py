"""Mail about applications, run as the worker runs its reactions."""

from datetime import time, timedelta
from typing import Any

import pytest
from tests.factories import a_person, acting, an_organisation
from tests.factories_grants import a_draft, a_fund, a_round, a_submission, answer
from tests.grants.scene import a_scene, a_tie
from tests.mail.sink import Sink, text_of

from marketplace import audit, clock
from marketplace.grants.applications import operations
from marketplace.grants.assessment import ties
from marketplace.grants.rounds import amending
from marketplace.grants.rounds import operations as rounds
from marketplace.notifications import grants


async def told(db: Any, event: str) -> None:
    """Run every reaction to the last event of a kind, twice, as a worker may."""
    id = await db.fetch_value(
        "SELECT id FROM history WHERE event = {} ORDER BY at DESC LIMIT 1", event
    )
    entry = await audit.entry(id)
    assert entry is not None
    for _ in range(2):
        for reaction in grants.REACTIONS:
            if reaction.event.value == event:
                await reaction.run(entry)


def addressed(sink: Sink) -> list[str]:
    return sorted(str(m["To"].addresses[0].addr_spec) for m in sink.messages.values())


@pytest.fixture
async def charity(db: Any) -> Any:
    owner = await a_person(name="Olga <b>", email="olga@example.org")
    return await an_organisation(name="Witham Wheelers", owner=owner)


async def test_a_submission_is_confirmed_once_to_its_writer_and_the_owner(
    db: Any, sink: Sink, charity: Any
):
    round_id = await a_round()
    writer = await a_person(email="wim@example.org")
    id, _ = await a_draft(round_id, charity)
    actor = acting(writer, coordinator=charity.id)
    await answer(actor, id)
    await operations.submit(actor, id, received=clock.now())
    await told(db, "application.submitted")
    assert addressed(sink) == ["olga@example.org", "wim@example.org"]
    message = next(iter(sink.messages.values()))
    assert "A garden for all" in str(message["Subject"])
    for words in ("£1,250", "UK time", f"https://marketplace.test/applications/{id}"):
        assert words in text_of(message)


async def test_what_was_withdrawn_meanwhile_is_not_confirmed(db: Any, sink: Sink, charity: Any):
    id, _ = await a_submission(organisation=charity)
    await operations.withdraw(charity.owner.actor, id, received=clock.now())
    await told(db, "application.submitted")
    assert not sink.messages


async def test_a_cancelled_round_is_told_to_those_who_wrote_for_it(
    db: Any, sink: Sink, charity: Any
):
    funder = await an_organisation(name="Essex Giving")
    round_id = await a_round(await a_fund(funder.id), published_at=clock.now())
    id, _ = await a_draft(round_id, charity)
    await rounds.cancel(funder.owner.actor, round_id)
    await told(db, "round.cancelled")
    assert addressed(sink) == ["olga@example.org"]
    assert f"/applications/{id}" in text_of(next(iter(sink.messages.values())))


async def test_a_later_deadline_is_told_to_all_who_are_applying_and_to_nobody_else(
    db: Any, sink: Sink, charity: Any
):
    funder = await an_organisation(name="Essex Giving")
    round_id = await a_round(await a_fund(funder.id), published_at=clock.now())
    await a_draft(round_id, charity)
    sent = await an_organisation(name="Sent", owner=await a_person(email="sent@example.org"))
    id, _ = await a_submission(round_id, sent)
    gone = await an_organisation(name="Gone", owner=await a_person(email="gone@example.org"))
    withdrawn, _ = await a_draft(round_id, gone)
    await operations.withdraw(gone.owner.actor, withdrawn, received=clock.now())
    day = clock.today() + timedelta(days=40)
    await amending.extend(funder.owner.actor, round_id, day, time(17), "The post <was> slow.")
    await told(db, "round.extended")
    assert addressed(sink) == ["olga@example.org", "sent@example.org"]
    (message,) = [m for m in sink.messages.values() if "sent@" in str(m["To"])]
    for words in (clock.date_words(day), "5pm", "UK time", "<was> slow", f"/applications/{id}"):
        assert words in text_of(message)


async def test_a_draft_round_thrown_away_is_told_to_nobody(db: Any, sink: Sink):
    funder = await an_organisation(name="Essex Giving")
    round_id = await a_round(await a_fund(funder.id), state="draft")
    await rounds.cancel(funder.owner.actor, round_id)
    await told(db, "round.cancelled")
    assert not sink.messages


@pytest.mark.parametrize(("state", "told_too"), [("assessing", True), ("published", False)])
async def test_assessors_are_told_where_a_round_was_with_them(
    db: Any, sink: Sink, state: str, told_too: bool
):
    scene = await a_scene(0, state=state)
    day = clock.today() + timedelta(days=40)
    await amending.extend(scene.actor(scene.olga), scene.round, day, time(17), "Snow.")
    await told(db, "round.extended")
    names = {address.split("-")[0] for address in addressed(sink)}
    assert names == ({"ann", "ben"} if told_too else set())


async def test_a_lifted_tie_is_told_unless_there_is_one_again(db: Any, sink: Sink):
    scene = await a_scene(1)
    tie = await a_tie(scene.applications[0], scene.ann.id)
    olga = scene.actor(scene.olga)
    await ties.lift(olga, scene.funder, scene.round, tie, "The other <Ann>.")
    await told(db, "conflict.lifted")
    (message,) = sink.messages.values()
    assert "The other <Ann>." in text_of(message)
    assert f"/assess/{scene.applications[0]}" in text_of(message)
    sink.messages.clear()
    await db.execute("UPDATE declaration SET conflict = true")
    await told(db, "conflict.lifted")
    assert not sink.messages
