"""The home page: what is typed as a place, and figures, exact while few and a minute old then."""

import asyncio
from typing import Any

from marketplace import db as database
from marketplace import listing_index
from marketplace.ids import new_id
from marketplace.listing_index import Find, Listing
from marketplace.search import queries


async def publish(number: int) -> None:
    async with database.transaction():
        for _ in range(number):
            id = new_id()
            await listing_index.publish(Listing("thing", id, f"/things/{id}", "A drill", "Drills"))


async def test_few_are_counted_each_time(db):
    await publish(2)
    assert await queries.figures() == {"thing": 2}
    await publish(1)
    assert await queries.figures() == {"thing": 3}


async def test_many_are_counted_once_in_a_while_however_many_ask(db, monkeypatch, queries_run):
    monkeypatch.setattr(queries, "KEPT_FROM", 2)
    await publish(2)
    with queries_run() as counted:
        answers = await asyncio.gather(*(queries.figures() for _ in range(20)))
    assert counted.count == 1 and answers == [{"thing": 2}] * 20
    await publish(1)
    assert await queries.figures() == {"thing": 2}
    monkeypatch.setattr(queries, "KEPT_SECONDS", -1)
    assert await queries.figures() == {"thing": 3}
    monkeypatch.setattr(queries, "_kept", None)


async def test_who_shows_no_total_does_not_count(db, queries_run):
    await publish(3)
    with queries_run() as counted:
        found = await listing_index.find(Find(kinds=["thing"], size=2, counted=False))
    assert (len(found.rows), found.total, counted.count) == (2, 2, 1)


async def test_a_word_in_place_of_a_town_is_kept_and_can_be_searched_for(browser: Any, db: Any):
    page = await browser.get("/?near=gardning")
    assert "We do not know" in page.words() and "/search?q=gardning" in page.links()
    assert 'value="gardning"' in page.text
