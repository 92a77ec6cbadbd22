"""`kill -9` of a worker while a hundred events happen: no mail is lost, none is doubled."""

import asyncio
import os
import random
import signal
import sys
import time
from typing import Any

import pytest
from tests.mail.sink import PATIENCE, Sink, eventually
from tests.worker.parish import happen

EVENTS = 100
KILLS = 3


async def a_worker(sink: Sink, url: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.worker.process",
        *arguments,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "SMTP_URL": sink.url,
            "BASE_URL": "https://marketplace.test",
            "SECRET_KEY": "a secret of the tests, long enough to be taken",
            "MAIL_FROM": "hello@marketplace.test",
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()


async def slaughter(sink: Sink, url: str, *arguments: str) -> list[str]:
    """Let a hundred events happen while workers are killed; give the addresses they concern."""
    dice = random.Random(4)
    entries: list[str] = []

    async def go_on() -> None:
        for _ in range(EVENTS):
            entries.append((await happen()).hex)
            await asyncio.sleep(0.02)

    happening = asyncio.create_task(go_on())
    for _ in range(KILLS):
        process = await a_worker(sink, url, *arguments)
        before = sum(sink.copies.values())
        try:
            # In the midst of its work: some mail went out, more is on its way.
            wanted = before + dice.randint(2, 6)
            await sink.until(lambda wanted=wanted: sum(sink.copies.values()) >= wanted)
            await asyncio.sleep(dice.random() * 0.05)
        finally:
            await kill(process)
    await happening
    return entries


def missing(sink: Sink, entries: list[str]) -> list[str]:
    there = {str(m["To"]).split("@")[0].split("<")[-1] for m in sink.messages.values()}
    return [entry for entry in entries if entry not in there]


async def test_a_killed_worker_loses_no_mail(db: Any, sink: Sink, database_url: str) -> None:
    entries = await slaughter(sink, database_url)
    began = time.perf_counter()
    process = await a_worker(sink, database_url)
    try:
        await sink.arrived(EVENTS, patience=2 * PATIENCE)
    finally:
        process.terminate()
        async with asyncio.timeout(2 * PATIENCE):
            await process.wait()
    print(
        f"all mail {time.perf_counter() - began:.1f} s after the last kill;"
        f" {sum(sink.copies.values()) - len(sink.messages)} copies dropped by the sink"
    )
    assert process.returncode == 0
    assert missing(sink, entries) == []
    assert len(sink.messages) == EVENTS


async def test_the_control_that_forgets_first_loses_mail(
    db: Any, sink: Sink, database_url: str
) -> None:
    """The same slaughter of workers that take a job off the queue before doing it."""
    for _ in range(5):
        entries = await slaughter(sink, database_url, "careless")
        process = await a_worker(sink, database_url, "careless")
        try:
            await _drained(db)
        finally:
            await kill(process)
        if missing(sink, entries):
            return
    pytest.fail("the control lost nothing, so the test above proves nothing")


async def _drained(db: Any) -> None:
    async def empty() -> bool:
        return not await db.fetch("SELECT FROM pgqueuer")

    await eventually(empty)
