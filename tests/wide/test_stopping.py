"""SIGTERM while people are being served: they get their whole page, and nobody new is let in."""

import asyncio
import time
from typing import Any

import asyncpg
import httpx
from tests.factories import a_shift, an_opportunity
from tests.mail.sink import eventually
from tests.wide.processes import HOST, Server, environment, running
from tests.wide.visitors import crowd

READERS, WRITERS = 10, 6


async def waiting(owner: Any) -> int:
    """Count statements of web servers that wait for a lock; the app's role does not see that."""
    return await owner.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'marketplace web'"
        " AND datname = current_database() AND wait_event_type = 'Lock'"
    )


async def refused(port: int) -> bool:
    """Tell whether nobody can connect any more."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_requests_under_way_are_finished(db: Any, owner: Any, database_url: str) -> None:
    # However the two processes share people out, each of them gets a connection.
    settings = environment(database_url, DATABASE_POOL_SIZE=str(READERS + WRITERS))
    server = Server("--workers", "2", settings=settings)
    opportunity = await an_opportunity()
    shift = await a_shift(opportunity, places=50)
    action = f"/shifts/{shift}/booking"
    page = f"/opportunities/{opportunity}"
    blocker = await asyncpg.connect(database_url)
    try:
        async with running(server), crowd(READERS + WRITERS) as visitors:
            readers, writers = visitors[:READERS], visitors[READERS:]
            forms = [await each.form(server.address, action, action) for each in writers]
            whole = (await readers[0].open(server.address, page)).text

            # Everybody is held up in the midst of their request by a lock of ours.
            held = blocker.transaction()
            await held.start()
            await blocker.execute("LOCK TABLE opportunity IN ACCESS EXCLUSIVE MODE")
            reading = [
                asyncio.create_task(each.client.get(server.address + page)) for each in readers
            ]
            writing = [
                asyncio.create_task(each.send(server.address, action, form))
                for each, form in zip(writers, forms, strict=True)
            ]
            await eventually(lambda: _is(waiting(owner), READERS + WRITERS))

            assert not await refused(server.port)
            began = time.perf_counter()
            server.ask_to_stop()
            await eventually(lambda: refused(server.port))
            print(f"nobody new after {time.perf_counter() - began:.2f} s")
            assert server.exit_code is None
            assert not any(task.done() for task in (*reading, *writing))
            await held.rollback()

            answers = await asyncio.gather(*reading)
            assert [answer.status_code for answer in answers] == [200] * READERS
            for answer in answers:
                assert answer.text.rstrip().endswith("</html>")
                assert abs(len(answer.text) - len(whole)) < 2000
            written = await asyncio.gather(*writing)
            assert [answer.status_code for answer in written] == [303] * WRITERS
            assert await server.ended() == 0, server.words()
            print(f"stopped after {time.perf_counter() - began:.2f} s")
            assert server.words().count("Traceback") == 0, server.words()
    finally:
        await blocker.close()
    taken = await db.fetch_value("SELECT taken FROM shift WHERE id = {}", shift)
    assert taken == WRITERS == await db.fetch_value("SELECT count(*) FROM booking")


async def _is(number: Any, wanted: int) -> bool:
    return await number == wanted


async def test_a_stream_of_readers_gets_whole_pages_or_none(db: Any, database_url: str) -> None:
    """Each over a connection of its own, as fast as they can, until nobody is let in."""
    server = Server("--workers", "2", settings=environment(database_url))
    await a_shift()
    whole: list[int] = []
    turned_away: list[str] = []
    enough, stopping = asyncio.Event(), asyncio.Event()

    async def read_on() -> None:
        while True:
            async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(verify=False)) as one:
                try:
                    async with one.stream("GET", f"{server.address}/opportunities") as answer:
                        # Whatever began must end.
                        text = (await answer.aread()).decode()
                except httpx.ConnectError:
                    turned_away.append("refused")
                    return
                except (httpx.ReadError, httpx.RemoteProtocolError) as error:
                    assert stopping.is_set(), error
                    # In the kernel's queue, accepted by no process: not a byte came back.
                    assert "incomplete" not in str(error) and "peer closed" not in str(error)
                    turned_away.append(type(error).__name__)
                    return
            assert answer.status_code == 200, text
            assert text.rstrip().endswith("</html>")
            whole.append(answer.status_code)
            if len(whole) >= 30:
                enough.set()

    began = time.perf_counter()
    async with running(server):
        print(f"up after {time.perf_counter() - began:.1f} s")
        readers = [asyncio.create_task(read_on()) for _ in range(8)]
        await asyncio.wait_for(enough.wait(), 30)
        stopping.set()
        print(f"asked to stop after {time.perf_counter() - began:.1f} s")
        server.ask_to_stop()
        await asyncio.wait_for(asyncio.gather(*readers), 30)
        assert await server.ended() == 0, server.words()
    print(f"{len(whole)} whole pages, then {turned_away}, {time.perf_counter() - began:.1f} s")
