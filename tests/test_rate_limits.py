"""Rate limits count across processes, by rule and key."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from marketplace import rate_limits
from marketplace.errors import TooMany
from marketplace.rate_limits import Limit

THREE = Limit("test", 3, timedelta(minutes=10))


async def test_the_try_after_the_last_is_refused_with_the_wait(db: Any):
    for _ in range(3):
        await rate_limits.count(THREE, "alice")
    with pytest.raises(TooMany) as refused:
        await rate_limits.count(THREE, "ALICE")
    assert 590 <= refused.value.retry_after <= 600


async def test_another_key_and_another_rule_count_for_themselves(db: Any):
    for _ in range(3):
        await rate_limits.count(THREE, "alice")
    await rate_limits.count(THREE, "bob")
    await rate_limits.count(Limit("other", 3, timedelta(minutes=10)), "alice")


async def test_a_window_that_has_passed_starts_again(db: Any, owner: Any):
    for _ in range(3):
        await rate_limits.count(THREE, "alice")
    await owner.execute("UPDATE rate_bucket SET window_start = window_start - interval '11 min'")
    await rate_limits.count(THREE, "alice")


async def test_fifty_at_once_are_counted_to_the_last(db: Any):
    outcomes = await asyncio.gather(
        *(rate_limits.count(THREE, "alice") for _ in range(50)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 3


async def test_the_table_holds_no_key_in_clear(db: Any, owner: Any):
    await rate_limits.count(THREE, "alice@example.org")
    rows = await owner.fetch("SELECT key FROM rate_bucket")
    assert len(rows) == 1 and "alice" not in rows[0]["key"]
