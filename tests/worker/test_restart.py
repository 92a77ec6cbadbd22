"""The database goes away and comes back: the worker waits, and goes on by itself."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from pgqueuer import AsyncpgDriver, Queries
from tests.mail.sink import Sink
from tests.worker.test_killing import workers

from marketplace.db.embedded import EmbeddedServer
from marketplace.db.migrations import migrate
from marketplace.ids import new_id


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    folder = Path(tempfile.mkdtemp(prefix="marketplace-worker-"))
    folder.chmod(0o711)
    server = EmbeddedServer(folder, durable=False)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def ring(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            id = new_id()
            await connection.execute(
                "INSERT INTO history (id, at, event, subject_type, subject_id, data)"
                " VALUES ($1, now(), 'bell.rung', 'bell', $1, $2)",
                id,
                json.dumps({}),
            )
            await Queries(AsyncpgDriver(connection)).enqueue("event", id.bytes)
    finally:
        await connection.close()


async def test_a_restart_of_the_database_stops_no_mail(sink: Sink, server: EmbeddedServer) -> None:
    url = server.url
    assert url
    await migrate(url)
    async with workers(sink, url, 1) as begin:
        process = begin()
        await ring(url)
        await sink.arrived(1)
        await asyncio.to_thread(server.stop)
        assert process.returncode is None
        assert server.start() == url
        began = time.perf_counter()
        await ring(url)
        await sink.arrived(2)
        print(f"after a restart of the database: {time.perf_counter() - began:.2f} s")
        assert process.returncode is None
