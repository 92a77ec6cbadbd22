"""A worker in the loop of the tests; its mail goes to a real server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from tests.mail.fixtures import chosen, sink

from marketplace.worker import Pace, run
from marketplace.worker.registry import Registry

__all__ = ["chosen", "sink"]

QUICK = Pace(first_delay=0.02, longest_delay=0.05, attempts=3)
Working = Callable[..., AbstractAsyncContextManager[asyncio.Event]]


@pytest.fixture
def working(db: Any, chosen: Any) -> Working:
    """Give a way to have a worker work: `async with working(registry): ...`."""

    @contextlib.asynccontextmanager
    async def work(registry: Registry, pace: Pace = QUICK) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        task = asyncio.create_task(run(stop, registry=registry, pace=pace))
        try:
            yield stop
        finally:
            stop.set()
            await asyncio.wait_for(task, 5)

    return work
