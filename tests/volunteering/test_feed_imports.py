"""Feeds that a broker sends in: previewed, matched, run and undone as tables are."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.factories import an_opportunity, an_organisation
from tests.factories_moving_in import a_broker
from tests.volunteering.test_feeds import OTHER, activity, interval

from marketplace import audit, clock, db
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor
from marketplace.volunteering.moving_in import feed, operations, queries, running
from marketplace.volunteering.moving_in.rules import Choice, State, Unreadable
from marketplace.volunteering.rules import Event

TABLES = ("organisation", "opportunity", "role", "shift", "feed_source")


def entry(*activities: Any, number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"{OTHER}/o/{number}",
        "type": "Organisation",
        "name": f"Other Gardeners {number}",
        "activity": list(activities),
    } | changes


def written(*entries: Any) -> bytes:
    return json.dumps({"graph": entries}).encode()


async def count() -> tuple[int, ...]:
    return tuple([await db.fetch_value(f"SELECT count(*) FROM {table}") for table in TABLES])


async def verdicts(id: UUID) -> list[tuple[str, str]]:
    rows = await db.fetch(
        "SELECT verdict, state FROM csv_import_row WHERE import_id = {} ORDER BY line", id
    )
    return [(row["verdict"], row["state"]) for row in rows]


async def run(broker: Actor, id: UUID) -> None:
    await operations.start(broker, id)
    await running.run(id, broker.person_id)


async def undo(broker: Actor, id: UUID) -> None:
    await operations.undo(broker, id)
    await running.run_undo(id, broker.person_id)


async def test_a_feed_is_looked_at_made_and_taken_back_whole(db: Any):
    broker = await a_broker()
    told = written(entry(activity(1), activity(2)), entry(activity(3, session=[]), number=2))
    id = await operations.stage_feed(broker, told)
    assert await verdicts(id) == [("new", "waiting")] * 5
    assert await count() == (0, 0, 0, 0, 0)
    await run(broker, id)
    assert await count() == (2, 3, 3, 2, 10)
    assert await db.fetch_value("SELECT DISTINCT state FROM opportunity") == "draft"
    again = await operations.stage_feed(broker, told)
    assert {verdict for verdict, _ in await verdicts(again)} == {"matched"}
    await undo(broker, id)
    assert await count() == (0, 0, 0, 0, 0)
    assert (await queries.one(broker, id)).state is State.UNDONE


async def test_a_feed_sent_in_again_changes_the_drafts_that_nobody_here_has_edited(db: Any):
    broker = await a_broker()
    told = [activity(1, title="Pond"), activity(2, title="Shed"), activity(3, title="Path")]
    first = await operations.stage_feed(broker, written(entry(*told)))
    await run(broker, first)
    await db.execute(
        "UPDATE opportunity SET state = 'submitted', remote = true WHERE title = 'Path'"
    )
    edited = await db.fetch_value("SELECT id FROM opportunity WHERE title = 'Shed'")
    async with db.transaction():
        await audit.record(Event.OPPORTUNITY_CHANGED, "opportunity", edited, by=broker)
    later = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    for each in told:
        each |= {"title": f"{each['title']} 2", "session": [interval(later)]}
    again = await operations.stage_feed(broker, written(entry(*told)))
    rows = await db.fetch(
        "SELECT sentence LIKE '%the draft follows.' AS follows FROM csv_import_row"
        " WHERE import_id = {} ORDER BY line",
        again,
    )
    assert [row["follows"] for row in rows] == [False, True, False, False]
    await run(broker, again)
    rows = await db.fetch(
        "SELECT o.title, s.starts_at = {} AS later FROM opportunity o JOIN shift s"
        " ON s.opportunity_id = o.id WHERE s.state = 'planned' ORDER BY title",
        later,
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Path", False),
        ("Pond 2", True),
        ("Shed", False),
    ]
    # What a later feed changed is still what the first one made.
    await undo(broker, first)
    assert [row.label for row in await queries.kept_rows(first)] == [
        "Other Gardeners 1",
        "Shed",
        "Path",
    ]


async def test_what_may_be_the_same_is_decided_before_its_activities_follow(db: Any):
    broker = await a_broker()
    here = await an_organisation(name="Other Gardeners 1")
    there = await an_opportunity(here.id, title="Garden")
    told = written(entry(activity(1), activity(2, title="Pond")))
    id = await operations.stage_feed(broker, told)
    assert await verdicts(id) == [("doubtful", "waiting")] * 3
    with pytest.raises(Conflict, match="Nothing is left"):
        await operations.start(broker, id)
    with pytest.raises(Conflict, match="no decision"):
        await operations.decide(broker, id, 2, Choice.NEW)
    await operations.decide(broker, id, 1, Choice.MATCHED)
    await run(broker, id)
    # The title is another question than the organisation was.
    after = [("matched", "applied"), ("doubtful", "waiting"), ("new", "applied")]
    assert await verdicts(id) == after
    await operations.decide(broker, id, 2, Choice.MATCHED)
    await run(broker, id)
    assert (await verdicts(id))[1] == ("matched", "applied")
    rows = await db.fetch("SELECT id, organisation_id FROM opportunity ORDER BY title")
    assert [row["organisation_id"] for row in rows] == [here.id, here.id]
    await undo(broker, id)
    assert await db.fetch("SELECT id FROM opportunity") == [{"id": there}]
    assert await count() == (1, 1, 1, 0, 0)


async def test_undoing_a_feed_spares_what_somebody_has_touched(db: Any):
    broker = await a_broker()
    id = await operations.stage_feed(broker, written(entry(activity(1), activity(2, title="B"))))
    await run(broker, id)
    await db.execute(
        "UPDATE opportunity SET state = 'submitted', remote = true WHERE title = 'Garden'"
    )
    await undo(broker, id)
    assert await db.fetch_value("SELECT title FROM opportunity") == "Garden"
    kept = await queries.kept_rows(id)
    assert [row.place for row in kept] == ["Organisation 1", "Organisation 1, activity 1"]


async def test_a_shift_of_their_own_keeps_what_a_feed_made(db: Any):
    broker = await a_broker()
    id = await operations.stage_feed(broker, written(entry(activity(1))))
    await run(broker, id)
    await db.execute("DELETE FROM feed_source WHERE subject_type = 'shift'")
    await undo(broker, id)
    assert "it has shifts" in (await queries.kept_rows(id))[1].sentence


async def test_two_with_one_title_in_a_feed_are_two_even_in_chunks(db: Any, monkeypatch: Any):
    monkeypatch.setattr(running, "CHUNK", 1)
    broker = await a_broker()
    told = written(entry(activity(1), activity(2)), entry(activity(3), name="Other Gardeners 1"))
    id = await operations.stage_feed(broker, told)
    await run(broker, id)
    assert await verdicts(id) == [("new", "applied")] * 4
    assert (await count())[:2] == (1, 3)


def read(content: bytes) -> list[tuple[str, str]]:
    lines = feed.sheet(content, {}, "https://marketplace.test").lines
    return [(line.cells["at"], line.problem) for line in lines]


def test_what_is_wrong_with_an_entry_is_said_with_its_place():
    start = clock.now() + timedelta(days=9)
    lines = read(
        written(
            entry(activity(1), activity(2, session=[interval(start, -1)]), "x"),
            {"type": "Person"},
            entry(id="https://marketplace.test/organisations/1"),
        )
    )
    assert [at for at, _ in lines] == [
        "Organisation 1",
        "Organisation 1, activity 1",
        "Organisation 1, activity 2",
        "Organisation 1, activity 3",
        "Organisation 2",
        "Organisation 3",
    ]
    for problem, words in zip(
        [problem for _, problem in lines],
        ["", "", "ends before it starts", "no object", "no Organisation", "our own feed"],
        strict=True,
    ):
        assert words in problem
        assert bool(words) == bool(problem)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b'{"graph": [\n  {"id": 1,}\n]}', "Line 2, character 1"),
        (b"\n <!doctype html>", "web page"),
        (b'{"a": "\xff"}', "Byte 8"),
        (b"[" * 100_000, "brackets"),
        (b'{"graph": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"graph": 1}', "no list of organisations"),
        (b"[]", "no organisation"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_place(content: bytes, words: str):
    with pytest.raises(Unreadable, match=words):
        read(content)


async def test_a_feed_holds_nothing_that_cannot_be_stored(db: Any):
    broker = await a_broker()
    bad = [activity(1, title="A\0\ud800B"), activity(2, id=f"{OTHER}/\0"), activity(3)]
    bad[2]["role"] = [{"id": f"{OTHER}/\ud800"}]
    id = await operations.stage_feed(broker, written(entry(*bad)))
    assert [each for each, _ in await verdicts(id)] == ["new", "new", "refused", "refused"]
    await run(broker, id)
    assert await db.fetch_value("SELECT title FROM opportunity") == "AB"


async def test_a_broker_sends_a_feed_in_on_its_page(db: Any, browsers: Any):
    browser = browsers()
    await browser.sign_in_as((await a_broker()).person_id)
    page = await browser.get("/broker/imports/feed")
    fields = dict(page.form("/broker/imports/feed").fields)
    told = written(entry(activity(1), {}))
    answer = await browser.client.post(
        "/broker/imports/feed", data=fields, files={"file": ("f.jsonld", told)}
    )
    page = await browser.get(answer.headers["location"])
    assert "Organisation 1, activity 2" in page.words()
    assert "Import this file" in page.words()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"address": ""}, "Choose a file or enter an address"),
        ({"address": "http://example.org/feed"}, "begins with https://"),
        ({"address": "https://127.0.0.1/feed"}, "not on the public internet"),
    ],
)
async def test_an_address_that_is_not_read_gets_a_sentence(
    fields: dict[str, str], words: str, db: Any, browsers: Any
):
    browser = browsers()
    await browser.sign_in_as((await a_broker()).person_id)
    page = await browser.get("/broker/imports/feed")
    page = await browser.submit(page, "/broker/imports/feed", **fields)
    assert page.status == 422
    assert words in page.words()


async def test_only_brokers_send_feeds_in(db: Any):
    with pytest.raises(NotFound):
        await operations.stage_feed((await an_organisation()).owner.actor, written(entry()))
