"""The database stops and starts again under a web server, which is never restarted."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.browser import Page
from tests.mail.sink import eventually
from tests.wide.processes import Server, environment, running

from marketplace.db.embedded import EmbeddedServer
from marketplace.db.migrations import migrate

PAGES = ("/", "/opportunities", "/organisations", "/search?q=garden", "/my/volunteering")
SENTENCE = "We cannot reach our own records just now. Try again in a minute."


@pytest.fixture
def cluster() -> Iterator[EmbeddedServer]:
    folder = Path(tempfile.mkdtemp(prefix="marketplace-wide-"))
    folder.chmod(0o711)
    server = EmbeddedServer(folder, durable=False)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def test_a_web_server_survives_a_restart_of_the_database(cluster: EmbeddedServer) -> None:
    url = cluster.url
    assert url is not None
    await migrate(url)
    server = Server(settings=environment(url))
    # Signed in or not: an unknown session is looked up all the same.
    cookies = {"session": "x" * 43}
    async with (
        running(server),
        httpx.AsyncClient(base_url=server.address, verify=False, timeout=15) as nobody,
        httpx.AsyncClient(
            base_url=server.address, verify=False, timeout=15, cookies=cookies
        ) as somebody,
    ):
        before = server.pid, server.children()
        for path in PAGES:
            assert (await nobody.get(path)).status_code in {200, 303}

        for restart in range(2):
            await asyncio.to_thread(cluster.stop)
            began = time.perf_counter()
            await server.answers(503)
            print(f"/readyz says 503 after {time.perf_counter() - began:.2f} s")
            assert (await nobody.get("/healthz")).status_code == 200
            for client in (nobody, somebody):
                for path in PAGES:
                    if client is nobody and path == "/my/volunteering":
                        continue  # leads to signing in, which needs no database
                    answer = await client.get(path)
                    assert answer.status_code == 503, f"{path}: {answer.status_code}"
                    page = Page(answer)
                    assert SENTENCE in page.words(), path
                    assert "Traceback" not in page.text and "asyncpg" not in page.text

            assert cluster.start() == url
            began = time.perf_counter()
            await server.answers(200)
            print(f"/readyz says 200 after {time.perf_counter() - began:.2f} s")
            for path in PAGES:
                assert (await nobody.get(path)).status_code in {200, 303}, (restart, path)
        assert (server.pid, server.children()) == before

        # Cut off rather than stopped: pages may stumble once, and nobody needs to do anything.
        await cut_off(url)

        async def back() -> bool:
            return (await nobody.get("/opportunities")).status_code == 200

        await eventually(back)


async def cut_off(url: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'marketplace web'"
        )
    finally:
        await connection.close()
