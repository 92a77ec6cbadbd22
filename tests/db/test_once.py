"""A form that arrives more than once is done once, under real concurrency."""

import asyncio
from uuid import uuid4

import pytest

from marketplace.db import Once, Replayed
from marketplace.errors import Conflict

PEOPLE = 50


async def count(db) -> int:
    return await db.fetch_value("SELECT count(*) FROM rate_bucket")


async def act(db, once: Once | None) -> str:
    """Do what a form does: write a row, answer with its address."""
    try:
        async with db.transaction(once=once):
            made = str(uuid4())
            await db.execute(
                "INSERT INTO rate_bucket (key, window_start, count) VALUES ({}, now(), 1)", made
            )
            await asyncio.sleep(0.01)
            if once is not None:
                once.answer(f"/made/{made}")
            return f"/made/{made}"
    except Replayed as replayed:
        return replayed.address


async def test_fifty_identical_requests_do_it_once_and_all_get_the_same_answer(db):
    for _ in range(3):
        await db.execute("DELETE FROM rate_bucket")
        key = str(uuid4())
        answers = await asyncio.gather(
            *(act(db, Once(key, "same", "/first")) for _ in range(PEOPLE))
        )
        assert await count(db) == 1
        assert len(set(answers)) == 1
        assert answers[0].startswith("/made/")


async def test_the_unguarded_twin_does_it_fifty_times(db):
    await asyncio.gather(*(act(db, None) for _ in range(PEOPLE)))
    assert await count(db) == PEOPLE


async def test_a_replay_waits_for_the_first_to_end(db):
    key = str(uuid4())
    inside, go = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with db.transaction(once=Once(key, "same", "/done")):
            inside.set()
            await go.wait()

    running = asyncio.create_task(first())
    await inside.wait()
    second = asyncio.create_task(act(db, Once(key, "same", "/done")))
    await asyncio.sleep(0.1)
    assert not second.done()
    go.set()
    assert await second == "/done"
    await running
    assert await count(db) == 0


async def test_where_the_first_fails_the_second_does_it(db):
    key = str(uuid4())
    inside, go = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with db.transaction(once=Once(key, "same", "/done")):
            inside.set()
            await go.wait()
            raise KeyError

    running = asyncio.create_task(first())
    await inside.wait()
    second = asyncio.create_task(act(db, Once(key, "same", "/done")))
    await asyncio.sleep(0.05)
    go.set()
    with pytest.raises(KeyError):
        await running
    assert (await second).startswith("/made/")
    assert await count(db) == 1


async def test_the_same_key_with_another_content_is_a_conflict(db):
    key = str(uuid4())
    await act(db, Once(key, "one", "/done"))
    with pytest.raises(Conflict):
        await act(db, Once(key, "two", "/done"))
    assert await count(db) == 1


async def test_a_failed_form_may_be_sent_again(db):
    key = str(uuid4())
    with pytest.raises(KeyError):
        async with db.transaction(once=Once(key, "same", "/done")):
            raise KeyError
    assert (await act(db, Once(key, "same", "/done"))).startswith("/made/")


async def test_keys_are_forgotten_after_two_days(db):
    for hours in (1, 47, 49):
        await db.execute(
            "INSERT INTO idempotency_key (key, fingerprint, address, created_at)"
            " VALUES ({}, 'f', '/', now() - make_interval(hours => {}))",
            str(hours),
            hours,
        )
    assert await db.forget_old_keys() == 1
    keys = await db.fetch("SELECT key FROM idempotency_key ORDER BY key")
    assert [row["key"] for row in keys] == ["1", "47"]
