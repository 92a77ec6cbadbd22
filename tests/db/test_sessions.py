"""Connections come back to the pool as they were lent, though nothing resets them.

A reset would be a second round trip after each statement. It is not needed as long as no statement
of ours changes what outlives it: the first test reads them, the others look. Transactions are reset
all the same.
"""

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import marketplace
from marketplace.db.engine import ENGINE

# What changes a session, at the beginning of a statement or anywhere in it.
OPENS = re.compile(r"\s*(SET(?! (LOCAL|CONSTRAINTS) )|RESET|LISTEN|DECLARE|PREPARE|LOAD|DISCARD)\s")
HOLDS = re.compile(r"pg_(try_)?advisory_lock|set_config\(|\bWITH HOLD\b", re.I)
# Those on connections of their own, which are closed rather than lent again.
OWN = {
    "db/migrations.py": "the migrator's",
    "worker/running.py": "the worker's listening one",
    "imports/staging.py": "the importer's",
}


def test_no_statement_of_ours_changes_a_session():
    root = Path(marketplace.__file__).parent
    found: list[str] = []
    for path in root.rglob("*.py"):
        name = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            words = node.value
            if OPENS.match(words) or HOLDS.search(words):
                found.append(name)
            if re.search(r"CREATE TEMP", words, re.I) and "ON COMMIT DROP" not in words:
                found.append(name)
    assert set(found) <= {*OWN, "db/engine.py"}, found


async def _state(connection: Any) -> dict[str, Any]:
    row = await connection.fetchrow(
        "SELECT current_user, (SELECT array_agg(name || '=' || setting ORDER BY name)"
        "  FROM pg_settings WHERE source = 'session') AS set,"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        "  AND pid = pg_backend_pid()) AS locks,"
        " (SELECT count(*) FROM pg_cursors WHERE name <> '') AS cursors,"
        " (SELECT count(*) FROM pg_listening_channels()) AS channels"
    )
    return dict(row)


async def _all_states() -> list[dict[str, Any]]:
    pool = ENGINE.pool
    assert pool is not None
    return [await _state(each._con) for each in pool._holders if each._con is not None]


async def test_lent_connections_come_back_as_they_were(db):
    before = await _all_states()
    clean = before[0]
    assert (clean["current_user"], clean["locks"], clean["cursors"]) == ("marketplace_app", 0, 0)
    await asyncio.gather(*(db.fetch_value("SELECT pg_sleep(0.01)") for _ in range(5)))
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(1)")
        await db.execute("SET LOCAL statement_timeout = 77")
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            await db.execute("SELECT pg_advisory_xact_lock(2)")
            raise ZeroDivisionError
    with pytest.raises(asyncpg.DivisionByZeroError):
        await db.fetch_value("SELECT 1 / {}", 0)
    slow = asyncio.create_task(db.fetch_value("SELECT pg_sleep(5)"))
    await asyncio.sleep(0.05)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert await db.fetch_value("SELECT 1") == 1
    assert all(state == clean for state in await _all_states())


async def test_a_connection_lent_to_do_as_one_likes_is_reset(db):
    clean = (await _all_states())[0]
    async with db.acquire() as connection:
        await connection.execute("SET statement_timeout = 77")
        await connection.execute("SET ROLE NONE")
        await connection.execute("SELECT pg_advisory_lock(3)")
        await connection.execute("LISTEN something")
    assert all(state == clean for state in await _all_states())


async def test_json_goes_in_and_out_and_through_copy(db):
    value = {"a": [1, "é", None, {"b": "\\ \" '"}]}
    assert await db.fetch_value("SELECT {}::jsonb", value) == value
    assert await db.fetch_value("SELECT {}::json", value) == value
    assert await db.fetch_value("SELECT {}::jsonb", '{"as": "text"}') == {"as": "text"}
    async with db.transaction():
        await db.execute("CREATE TEMPORARY TABLE kept (data jsonb) ON COMMIT DROP")
        await db.connection().copy_records_to_table("kept", records=[(value,), (None,)])
        rows = await db.fetch("SELECT data FROM kept")
    assert [row["data"] for row in rows] == [value, None]
