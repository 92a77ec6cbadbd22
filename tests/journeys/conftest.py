"""The site as it runs in production, a worker beside it, and one Chromium for the run."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from tests.journeys.post import Post
from tests.journeys.visitor import Visitor

from marketplace import settings

# The same as that of the fixture `app`: whichever runs first, links signed here open there.
SECRET = "a secret of the tests, long enough to be taken"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
# The pages that a window of Chromium keeps ready for its address bar: two processes for each
# window. Playwright's own list is replaced by this one, so what of it matters here is in it.
FLAGS.append(
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
    "AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,"
    "NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch,"
    "ThirdPartyStoragePartitioning"
)
NAMES = ("chromium", "chromium-browser", "google-chrome")


def _chromium() -> str | None:
    named = os.environ.get("CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Give Chromium's path; without one the journeys are skipped, except in CI."""
    found = _chromium()
    if found is None:
        why = "no Chromium found: install Debian's package chromium, or name one in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(chromium_path: str) -> AsyncIterator[Any]:
    """Start the one browser; each visitor gets a context of their own in it."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        await browser.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """A server that runs, and what a worker beside it is started with."""

    base: str
    folder: Path
    environment: dict[str, str]


@pytest.fixture(scope="session")
def _served(
    chromium_path: str, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_Place]:
    """Run one server for all journeys of this process: it does nothing unless it is asked."""
    folder = tmp_path_factory.mktemp("site")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    environment = {
        **{name: value for name, value in os.environ.items() if name != "SMTP_URL"},
        "DATABASE_URL": database_url,
        "DATABASE_POOL_SIZE": "8",
        "SECRET_KEY": SECRET,
        "BASE_URL": base,
        "MAILBOX": str(folder / "mailbox"),
        "MARKETPLACE_DEMO": "1",
        "LOG_LEVEL": "info",  # the worker says when it has begun
    }
    place = _Place(base, folder, environment)
    with _running(place, "serve", "--port", str(port)):
        yield place


# For each file: a worker that went on running would do the jobs of other tests. (A folder without
# `__init__.py` is no package to pytest, so that scope would last for the whole run.)
@pytest.fixture(scope="module")
def post(_served: _Place) -> Iterator[Post]:
    """Run a worker beside the server, and give the site's address and its mail."""
    settings.amend(secret_key=SECRET)
    with _running(_served, "worker") as worker:
        _wait_until_ready(_served, worker)
        yield Post(_served.base, _served.folder / "mailbox")


@contextmanager
def _running(place: _Place, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    with open(place.folder / f"{command[0]}.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "marketplace", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=place.environment,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(place: _Place, worker: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and worker.poll() is None:
        try:
            with urllib.request.urlopen(f"{place.base}/readyz", timeout=5) as answer:
                begun = b"worker started" in (place.folder / "worker.log").read_bytes()
                if answer.status == 200 and begun:
                    return
        except OSError:
            pass
        time.sleep(0.05)
    logs = {
        log.name: log.read_text("utf-8", "replace")[-2000:] for log in place.folder.glob("*.log")
    }
    raise AssertionError(f"The site did not start: {logs}")


@pytest_asyncio.fixture
async def site(post: Post, db: Any) -> AsyncIterator[Post]:
    """Give the running site on an empty database; waits for the worker before it is emptied."""
    yield post
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not await db.fetch_value("SELECT count(*) FROM pgqueuer WHERE status <> 'failed'"):
            break
        await asyncio.sleep(0.05)
    post.empty()


Enter = Callable[..., Awaitable[Visitor]]


@pytest_asyncio.fixture
async def enter(chromium: Any, site: Post) -> AsyncIterator[Enter]:
    """Give a way in: `await enter(width=390, scripted=False, person=somebody.id)`.

    At the end nothing may have gone wrong in anybody's browser.
    """
    inside: list[Visitor] = []
    inspectors: dict[tuple[Any, ...], Visitor] = {}

    async def come(person: UUID | None = None, **how: Any) -> Visitor:
        kind = tuple(sorted(how.items()))
        if (inspector := inspectors.get(kind)) is not None:
            # A window costs as much as four pages: whoever only looks keeps theirs.
            await inspector.change_to(person)
            return inspector
        inside.append(await Visitor.enter(chromium, site, person=person, **how))
        if how.get("inspecting"):
            inspectors[kind] = inside[-1]
        return inside[-1]

    yield come
    for visitor in inside:
        await visitor.leave()
    wrong = [problem for visitor in inside for problem in visitor.problems]
    assert not wrong, "\n".join(wrong)
