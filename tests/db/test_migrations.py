"""Migrations: once, whole, by one migrator at a time; afterwards the app may what it may."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from marketplace import db as database
from marketplace.db import migrations
from marketplace.db.migrations import migrate, pending
from marketplace.errors import CommandError

ID = 0


@pytest_asyncio.fixture(loop_scope="session")
async def empty_url(owner: Any, database_url: str) -> Any:
    """Give the owner's URL of an empty database."""
    global ID
    ID += 1
    name = f"empty_{os.getpid()}_{ID}"
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def write(folder: Path, number: int, *statements: str, more: str = "") -> None:
    (folder / f"try_{number:04}.py").write_text(
        dedent(
            """
            from marketplace.db.migrations import sql_migration
            ID = "try_{number:04}"
            DESCRIPTION = "Try {number}"
            forwards = sql_migration(ID, {statements!r}, DESCRIPTION{more})
            """
        ).format(number=number, statements=list(statements), more=more)
    )


async def look(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def in_process(url: str, folder: Path) -> subprocess.Popen[bytes]:
    script = (
        "import asyncio, sys; from pathlib import Path;"
        "from marketplace.db.migrations import migrate;"
        "print(len(asyncio.run(migrate(sys.argv[1], folder=Path(sys.argv[2])))))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script, url, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def test_migrating_again_does_nothing(empty_url):
    assert await migrate(empty_url)
    assert await migrate(empty_url) == []


async def test_every_statement_stands_being_run_again(empty_url):
    """A migration that could not be recorded is run again from its first statement."""
    done = await migrate(empty_url)
    await look(empty_url, "DELETE FROM migration")
    assert await migrate(empty_url) == done


async def test_two_migrators_at_once_run_each_migration_once(empty_url, tmp_path):
    write(tmp_path, 1, "CREATE TABLE once_only (id int)", "SELECT pg_sleep(0.5)")
    write(tmp_path, 2, "INSERT INTO once_only VALUES (1)")
    both = [in_process(empty_url, tmp_path) for _ in range(2)]
    said = [await asyncio.to_thread(process.communicate) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(out.strip() for out, _ in said) == [b"0", b"2"]
    assert await look(empty_url, "SELECT count(*) FROM once_only") == 1


async def test_a_kill_between_statements_leaves_nothing_and_the_next_run_goes_on(
    empty_url, tmp_path
):
    write(tmp_path, 1, "CREATE TABLE first (id int)")
    write(tmp_path, 2, "CREATE TABLE second (id int)", "SELECT pg_sleep(30)")
    process = in_process(empty_url, tmp_path)
    for _ in range(400):
        sleeping = await look(
            empty_url,
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(30)%'"
            " AND datname = current_database()",
        )
        if sleeping:
            break
        await asyncio.sleep(0.05)
    assert sleeping
    process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.communicate)
    await look(
        empty_url,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE query LIKE 'SELECT pg_sleep(30)%' AND datname = current_database()",
    )
    assert await look(empty_url, "SELECT to_regclass('second')") is None
    write(tmp_path, 2, "CREATE TABLE second (id int)")
    assert await migrate(empty_url, folder=tmp_path) == ["try_0002"]
    assert await look(empty_url, "SELECT count(*) FROM migration") == 2


async def test_a_failing_migration_is_a_sentence_and_is_undone(empty_url, tmp_path):
    write(tmp_path, 1, "CREATE TABLE half (id int)", "SELECT nonsense")
    with pytest.raises(CommandError, match="try_0001 failed"):
        await migrate(empty_url, folder=tmp_path)
    assert await look(empty_url, "SELECT to_regclass('half')") is None
    write(tmp_path, 1, "CREATE TABLE half (id int)")
    assert await migrate(empty_url, folder=tmp_path) == ["try_0001"]


async def test_a_table_in_use_stops_the_migration_instead_of_the_town(
    empty_url, tmp_path, monkeypatch
):
    monkeypatch.setattr(migrations, "TABLE_LOCK_SECONDS", 0.3)
    write(tmp_path, 1, "CREATE TABLE busy (id int)")
    await migrate(empty_url, folder=tmp_path)
    write(tmp_path, 2, "ALTER TABLE busy ADD COLUMN more int")
    holder = await asyncpg.connect(empty_url)
    async with holder.transaction():
        await holder.execute("LOCK TABLE busy IN ACCESS SHARE MODE")
        with pytest.raises(CommandError, match="in use"):
            await migrate(empty_url, folder=tmp_path)
    await holder.close()
    assert await migrate(empty_url, folder=tmp_path) == ["try_0002"]


async def test_a_migration_outside_a_transaction(empty_url, tmp_path):
    write(tmp_path, 1, "CREATE TABLE wide (id int)")
    write(
        tmp_path,
        2,
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS wide_id ON wide (id)",
        more=", transactional=False",
    )
    assert await migrate(empty_url, folder=tmp_path) == ["try_0001", "try_0002"]
    assert await look(empty_url, "SELECT to_regclass('wide_id')::text") == "wide_id"


async def test_a_file_that_is_no_migration_is_refused_not_recorded(empty_url, tmp_path):
    (tmp_path / "a.py").write_text("ID = 'a'\nasync def forwards():\n    return None\n")
    with pytest.raises(CommandError, match="is not one"):
        await migrate(empty_url, folder=tmp_path)
    assert await look(empty_url, "SELECT count(*) FROM migration") == 0


async def test_two_files_with_one_id_are_refused(empty_url, tmp_path):
    write(tmp_path, 1, "SELECT 1")
    (tmp_path / "other.py").write_text((tmp_path / "try_0001.py").read_text())
    with pytest.raises(CommandError, match="Two migrations"):
        await migrate(empty_url, folder=tmp_path)


async def test_nothing_is_pending_after_migrating_and_everything_before(db, owner):
    assert await pending() == []
    gone = await owner.fetchrow("DELETE FROM migration WHERE id = 1 RETURNING *")
    try:
        assert await pending() == [gone["name"]]
    finally:
        await owner.execute("INSERT INTO migration VALUES ($1, $2, $3, $4)", *gone.values())
    assert await pending() == []


async def test_a_database_that_is_not_migrated_is_refused_with_a_sentence(db, empty_url):
    await database.close_pool()
    try:
        with pytest.raises(CommandError, match="marketplace migrate"):
            await database.start_pool(empty_url)
    finally:
        await database.start_pool(application="tests", size=10)


async def test_the_app_may_write_tables_and_not_the_schema(db):
    await db.execute("INSERT INTO rate_bucket VALUES ('a', now(), 1)")
    await db.execute("UPDATE rate_bucket SET count = 2")
    assert await db.execute("DELETE FROM rate_bucket") == 1
    for forbidden in (
        "CREATE TABLE mine (id int)",
        "DROP TABLE rate_bucket",
        "ALTER TABLE history DISABLE TRIGGER ALL",
        "INSERT INTO migration (name, app_name) VALUES ('x', 'y')",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(forbidden)


INSERT = (
    "INSERT INTO history (id, event, subject_type, subject_id)"
    " VALUES (gen_random_uuid(), 'loan.handed_over', 'loan', gen_random_uuid())"
)
CHANGES = ("UPDATE history SET event = 'x'", "DELETE FROM history", "TRUNCATE history")


@pytest.mark.parametrize("change", CHANGES)
async def test_the_app_may_not_rewrite_history(db, change):
    await db.execute(INSERT)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await db.execute(change)
    assert await db.fetch_value("SELECT count(*) FROM history") == 1


@pytest.mark.parametrize("change", CHANGES)
async def test_nor_may_the_owner_by_mistake(db, owner, change):
    await db.execute(INSERT)
    async with owner.transaction():
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            async with owner.transaction():
                await owner.execute(change)
    assert await db.fetch_value("SELECT count(*) FROM history") == 1


async def test_the_job_queue_is_durable_and_takes_jobs_in_our_transaction(db, owner):
    from pgqueuer import AsyncpgDriver, Queries

    unlogged = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relname LIKE 'pgqueuer%' AND relpersistence = 'u'"
    )
    assert unlogged == []
    with pytest.raises(KeyError):
        async with db.transaction():
            await Queries(AsyncpgDriver(db.connection())).enqueue("event", b"1")
            raise KeyError
    async with db.transaction():
        await Queries(AsyncpgDriver(db.connection())).enqueue("event", b"2", headers={"a": "b"})
    jobs = await db.fetch("SELECT payload, headers FROM pgqueuer")
    assert [(job["payload"], job["headers"]) for job in jobs] == [(b"2", {"a": "b"})]
