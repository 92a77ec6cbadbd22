"""The benchmark runs: at its smallest it measures nothing, and shows that it could."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest_asyncio
from tests.conftest import named

LISTS = ("list of 20", "list of 20, near", "search with distance", "list of organisations")
DETAILS = ("detail", "detail of a thing")
BUSY = ("roster of 60, coordinator", "roster of 60, leader", "today", "matching")
SMALLEST = {"listings": 300, "volunteers": 300, "people": 60, "seconds": 0, "rounds": 1}


@pytest_asyncio.fixture
async def empty(database_server: str) -> AsyncIterator[str]:
    """Give a migrated database that nobody else uses."""
    admin = await asyncpg.connect(named(database_server, "postgres"))
    template = urlsplit(database_server).path.lstrip("/")
    await admin.execute(f"CREATE DATABASE load TEMPLATE {template}")
    yield named(database_server, "load")
    await admin.execute("DROP DATABASE load WITH (FORCE)")
    await admin.close()


def test_the_benchmark_runs_and_prints_its_table(empty: str, tmp_path: Path):
    said = subprocess.run(
        [
            *(sys.executable, "-m", "tests.load", "--own-client", f"--database={empty}"),
            *("--workers=1", "--connections=2"),
            *(f"--{name}={value}" for name, value in SMALLEST.items()),
            f"--json={tmp_path / 'load.json'}",
        ],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=Path(__file__).parents[2],
    )
    assert said.returncode == 0, said.stderr[-3000:]
    assert "list of 20" in said.stdout and "50 for one place, 1 rounds: one winner" in said.stdout
    (run,) = json.loads((tmp_path / "load.json").read_text())
    lines = {line["name"]: line for line in run["lines"]}
    assert {"bare text", "bare list", "bare write", "home", "sign-up by form"} <= set(lines)
    assert run["missing"] == []
    # Beyond the one for session and actor; whatever the machine, this must not grow.
    for names, most in ((LISTS, 3), (DETAILS, 5), (BUSY, 6)):
        assert {
            name: lines[name]["queries"] for name in names if lines[name]["queries"] > most
        } == {}
