"""`kill -9` of a worker while a hundred events happen: no mail is lost, none is doubled."""

import asyncio
import contextlib
import os
import random
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from typing import Any

from tests.mail.sink import PATIENCE, Sink, eventually
from tests.worker.parish import happen

EVENTS = 100
# Before the mail is taken, or when it is taken and the worker has not heard so.
MOMENTS = ("before", "after", "before")


@contextlib.asynccontextmanager
async def workers(sink: Sink, url: str, number: int, *arguments: str) -> AsyncIterator[Any]:
    """Get so many workers ready at once, each to begin with `begin`; none outlives the test."""
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "SMTP_URL": sink.url,
        "BASE_URL": "https://marketplace.test",
        "SECRET_KEY": "a secret of the tests, long enough to be taken",
        "MAIL_FROM": "hello@marketplace.test",
    }
    command = (sys.executable, "-m", "tests.worker.process", *arguments)
    ready = [
        await asyncio.create_subprocess_exec(
            *command, env=env, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL
        )
        for _ in range(number)
    ]
    waiting = iter(ready)

    def begin() -> Process:
        process = next(waiting)
        assert process.stdin is not None
        process.stdin.write(b"begin\n")
        return process

    try:
        yield begin
    finally:
        for process in ready:
            await kill(process)


async def kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


async def slaughter(sink: Sink, begin: Any, *moments: str) -> list[str]:
    """Let a hundred events happen while workers are killed; give the addresses they concern."""
    dice = random.Random(4)
    entries: list[str] = []

    async def go_on() -> None:
        for _ in range(EVENTS):
            entries.append((await happen()).hex)

    happening = asyncio.create_task(go_on())
    for moment in moments:
        # In the midst of its work: some mail went out, and more is on its way this very moment.
        go = asyncio.Event()
        sink.halt = (moment, sink.copies.total() + dice.randint(2, 6), go)
        process = begin()
        await sink.until(lambda: sink.waiting > 0)
        await kill(process)
        sink.halt = None
        go.set()
    await happening
    return entries


def missing(sink: Sink, entries: list[str]) -> list[str]:
    there = {str(m["To"]).split("@")[0].split("<")[-1] for m in sink.messages.values()}
    return [entry for entry in entries if entry not in there]


async def test_a_killed_worker_loses_no_mail(db: Any, sink: Sink, database_url: str) -> None:
    async with workers(sink, database_url, len(MOMENTS) + 1) as begin:
        entries = await slaughter(sink, begin, *MOMENTS)
        last = begin()
        await sink.arrived(EVENTS, patience=2 * PATIENCE)
        last.terminate()
        async with asyncio.timeout(2 * PATIENCE):
            await last.wait()
    assert last.returncode == 0
    assert missing(sink, entries) == []
    assert len(sink.messages) == EVENTS
    # What was taken without its worker hearing so came again under the same name, and was dropped.
    assert sink.copies.total() > EVENTS


async def test_the_control_that_forgets_first_loses_mail(
    db: Any, sink: Sink, database_url: str
) -> None:
    """One worker killed that takes a job off the queue before doing it: what it held is gone."""
    async with workers(sink, database_url, 2, "careless") as begin:
        entries = await slaughter(sink, begin, "before")
        begin()
        await _drained(db)
    assert missing(sink, entries), "the control lost nothing: the test above proves nothing"


async def _drained(db: Any) -> None:
    async def empty() -> bool:
        return not await db.fetch("SELECT FROM pgqueuer")

    await eventually(empty)
