"""Two web servers of one town, each in processes of its own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from tests.mail.fixtures import chosen, sink
from tests.wide.processes import Server, environment, running

__all__ = ["chosen", "servers", "sink", "two_servers"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def two_servers(database_url: str, _pool: None) -> AsyncIterator[tuple[Server, Server]]:
    """Give two servers on the tests' database, with one worker process each."""
    settings = environment(database_url)
    one, two = Server(settings=settings), Server(settings=settings)
    async with running(one, two):
        yield one, two


@pytest_asyncio.fixture
async def servers(db: Any, two_servers: tuple[Server, Server]) -> tuple[Server, Server]:
    """Give the two servers over empty tables."""
    return two_servers
