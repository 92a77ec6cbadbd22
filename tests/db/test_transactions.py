"""Each trap of Piccolo's transactions, shown on a twin where that is cheap, and shown mended."""

import asyncio
import contextlib
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from piccolo.columns import Integer, Text
from piccolo.engine.postgres import PostgresEngine
from piccolo.table import Table

from marketplace import settings
from marketplace.db.engine import ENGINE, DatabaseBusy
from marketplace.errors import Conflict


class Jar(Table, tablename="trap_jar"):
    id = Integer(primary_key=True)
    label = Text()


@pytest_asyncio.fixture(loop_scope="session")
async def jars(owner: Any, db: Any) -> Any:
    """Make a table with a constraint that is checked at COMMIT only, which the app never has."""
    await owner.execute(
        "CREATE TABLE trap_jar (id integer PRIMARY KEY, label text NOT NULL,"
        " CONSTRAINT trap_jar_label UNIQUE (label) DEFERRABLE INITIALLY DEFERRED,"
        " CONSTRAINT trap_jar_positive CHECK (id > 0))"
    )
    await owner.execute(
        "CREATE FUNCTION trap_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    await owner.execute("GRANT ALL ON trap_jar TO marketplace_app")
    yield
    await owner.execute("DROP TABLE trap_jar")
    await owner.execute("DROP FUNCTION trap_refuse")


async def labels(db: Any) -> list[str]:
    rows = await db.fetch("SELECT label FROM trap_jar ORDER BY id")
    return [row["label"] for row in rows]


def free() -> int:
    """Count the connections that could be had at this moment."""
    assert ENGINE.pool is not None
    return ENGINE.pool._queue.qsize()


@pytest.fixture(autouse=True)
async def no_leak(request: pytest.FixtureRequest, db: Any) -> Any:
    before = free()
    yield
    for _ in range(100):
        if free() == before:
            break
        await asyncio.sleep(0.02)
    assert free() == before, "a connection was not given back"
    assert not db.in_transaction()


async def test_a_block_is_kept_as_a_whole(db, jars):
    async with db.transaction():
        await Jar.insert(Jar(id=1, label="plum"))
        await db.execute("INSERT INTO trap_jar VALUES ({}, {})", 2, "quince")
        assert db.in_transaction()
    assert await labels(db) == ["plum", "quince"]


async def test_an_exception_undoes_the_block_for_piccolo_and_raw_alike(db, jars):
    with pytest.raises(KeyError):
        async with db.transaction():
            await Jar.insert(Jar(id=1, label="plum"))
            await db.execute("INSERT INTO trap_jar VALUES (2, 'quince')")
            raise KeyError
    assert await labels(db) == []


async def test_a_failed_commit_neither_leaks_nor_poisons(db, jars):
    for _ in range(12):  # the pool has ten
        with pytest.raises(asyncpg.UniqueViolationError):
            async with db.transaction():
                await db.execute("INSERT INTO trap_jar VALUES (1, 'plum'), (2, 'plum')")
    assert not db.in_transaction()
    async with db.transaction():
        await db.execute("INSERT INTO trap_jar VALUES (1, 'plum')")
    assert await labels(db) == ["plum"]


async def test_the_twin_piccolos_own_transaction_leaks_on_a_failed_commit(
    db, jars, database_url, capsys
):
    twin = PostgresEngine(config={"dsn": database_url, "server_settings": {}})
    await twin.start_connection_pool(min_size=1, max_size=2)
    try:

        async def fail() -> None:
            async with twin.transaction():
                await twin._run_in_new_connection("SELECT 1")
                await twin.current_transaction.get().connection.execute(
                    "INSERT INTO trap_jar VALUES (1, 'plum'), (2, 'plum')"
                )

        for _ in range(2):
            with pytest.raises(asyncpg.UniqueViolationError):
                await asyncio.create_task(fail())
        with pytest.raises(TimeoutError):
            await twin.pool.acquire(timeout=0.3)
    finally:
        twin.pool.terminate()


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("moment", ["query", "between", "end"])
async def test_cancelling_once_or_more_gives_the_connection_back(db, jars, times, moment):
    reached = asyncio.Event()

    async def work(number: int) -> None:
        async with db.transaction():
            await db.execute("INSERT INTO trap_jar VALUES ({}, {})", number, f"plum {number}")
            reached.set()
            if moment == "query":
                await db.execute("SELECT pg_sleep(5)")
            elif moment == "between":
                await asyncio.sleep(5)

    for number in range(1, 13):
        reached.clear()
        task = asyncio.create_task(work(number))
        await reached.wait()
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
    # Where COMMIT was on its way it may have been finished.
    if moment != "end":
        assert await labels(db) == []


async def test_cancelling_while_waiting_for_a_connection_gives_it_back(db, jars):
    async def hold() -> None:
        async with db.transaction():
            await asyncio.sleep(0.05)

    for _ in range(5):
        tasks = [asyncio.create_task(hold()) for _ in range(30)]
        await asyncio.sleep(0.02)
        for number, task in enumerate(tasks):
            if number % 2:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_killed_backend_does_not_poison_a_loop(db, jars, owner):
    """The same task goes on, as a worker's loop does."""
    for number in range(1, 4):
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
            async with db.transaction():
                await db.execute("INSERT INTO trap_jar VALUES ({}, 'plum')", number)
                pid = await db.fetch_value("SELECT pg_backend_pid()")
                await owner.execute("SELECT pg_terminate_backend($1, 5000)", pid)
                await db.execute("INSERT INTO trap_jar VALUES ({}, 'quince')", 100 + number)
        assert not db.in_transaction()
        async with db.transaction():
            await db.execute("INSERT INTO trap_jar VALUES ({}, {})", 50 + number, f"fig {number}")
    assert await labels(db) == ["fig 1", "fig 2", "fig 3"]


async def test_a_backend_killed_before_commit_is_an_error_not_a_silence(db, jars, owner):
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        async with db.transaction():
            await db.execute("INSERT INTO trap_jar VALUES (1, 'plum')")
            pid = await db.fetch_value("SELECT pg_backend_pid()")
            await owner.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    assert await labels(db) == []


async def test_a_backend_that_dies_in_commit_is_an_error(db, jars, owner):
    await owner.execute(
        "CREATE CONSTRAINT TRIGGER trap_late AFTER INSERT ON trap_jar"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap_refuse()"
    )
    await owner.execute("ALTER FUNCTION trap_refuse() SECURITY DEFINER")
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        async with db.transaction():
            await db.execute("INSERT INTO trap_jar VALUES (1, 'plum')")
    assert await labels(db) == []


async def test_nesting_is_refused_and_nothing_is_kept(db, jars):
    with pytest.raises(RuntimeError, match="open already"):
        async with db.transaction():
            await db.execute("INSERT INTO trap_jar VALUES (1, 'plum')")
            async with db.transaction():
                raise AssertionError("never reached")
    assert await labels(db) == []


async def test_piccolos_own_transaction_and_batch_are_refused(db, jars):
    with pytest.raises(RuntimeError, match=r"db\.transaction"):
        async with ENGINE.transaction():
            pass
    with pytest.raises(RuntimeError, match="swallows"):
        await Jar.select().batch()


async def test_a_caught_error_cannot_commit_in_silence(db, jars):
    """PostgreSQL answers COMMIT of an aborted transaction with ROLLBACK, and no error."""
    with pytest.raises(RuntimeError, match="savepoint"):
        async with db.transaction():
            await db.execute("INSERT INTO trap_jar VALUES (1, 'plum')")
            with contextlib.suppress(asyncpg.CheckViolationError):
                await db.execute("INSERT INTO trap_jar VALUES (-1, 'bad')")
    assert await labels(db) == []


async def test_a_savepoint_fails_alone(db, jars):
    async with db.transaction():
        await db.execute("INSERT INTO trap_jar VALUES (1, 'plum')")
        with pytest.raises(asyncpg.CheckViolationError):
            async with db.savepoint():
                await db.execute("INSERT INTO trap_jar VALUES (2, 'quince')")
                await db.execute("INSERT INTO trap_jar VALUES (-1, 'bad')")
        with pytest.raises(KeyError):
            async with db.savepoint():
                await Jar.insert(Jar(id=3, label="fig"))
                raise KeyError
        async with db.savepoint():
            await db.execute("INSERT INTO trap_jar VALUES (4, 'pear')")
            async with db.savepoint():
                await db.execute("INSERT INTO trap_jar VALUES (5, 'apple')")
    assert await labels(db) == ["plum", "pear", "apple"]


async def test_a_savepoint_needs_a_transaction(db, jars):
    with pytest.raises(RuntimeError):
        async with db.savepoint():
            pass


async def test_a_step_asserts_that_a_transaction_is_open(db, jars):
    with pytest.raises(RuntimeError):
        db.require_transaction()
    with pytest.raises(RuntimeError):
        db.connection()
    async with db.transaction():
        db.require_transaction()
        assert await db.connection().fetchval("SELECT 1") == 1


async def test_a_task_started_inside_may_not_use_the_transaction(db, jars):
    async with db.transaction():
        with pytest.raises(RuntimeError, match="started inside"):
            await asyncio.gather(db.fetch("SELECT 1"), db.fetch("SELECT 2"))


async def test_a_task_that_outlives_the_transaction_has_its_own_connection(db, jars):
    gate = asyncio.Event()

    async def later() -> int:
        await gate.wait()
        async with db.transaction():
            return await db.fetch_value("SELECT count(*) FROM trap_jar")

    async with db.transaction():
        await db.execute("INSERT INTO trap_jar VALUES (1, 'plum')")
        task = asyncio.create_task(later())
    gate.set()
    assert await task == 1


async def test_an_exhausted_pool_is_a_sentence_after_a_while(db, jars, monkeypatch):
    release, held = asyncio.Event(), asyncio.Semaphore(0)

    async def hold() -> None:
        async with db.transaction():
            held.release()
            await release.wait()

    tasks = [asyncio.create_task(hold()) for _ in range(10)]
    for _ in tasks:
        await held.acquire()
    monkeypatch.setattr("marketplace.db.engine.ACQUIRE_SECONDS", 0.2)
    with pytest.raises(DatabaseBusy):
        async with db.transaction():
            pass
    with pytest.raises(DatabaseBusy):
        await db.fetch("SELECT 1")
    release.set()
    await asyncio.gather(*tasks)


async def test_clashes_name_the_constraint(db, jars):
    taken = Conflict("That label is taken.", field="label")
    await db.execute("INSERT INTO trap_jar VALUES (1, 'plum')")
    with pytest.raises(Conflict) as caught, db.clashes({"trap_jar_label": taken}):
        async with db.transaction():
            await db.execute("INSERT INTO trap_jar VALUES (2, 'plum')")
    assert caught.value is taken and caught.value.field == "label"
    with pytest.raises(asyncpg.CheckViolationError), db.clashes({"trap_jar_label": taken}):
        await db.execute("INSERT INTO trap_jar VALUES (-1, 'fig')")


async def test_raw_reads_take_values_only_through_braces(db, jars):
    assert await db.execute("INSERT INTO trap_jar VALUES ({}, {}), (7, 'x')", 6, "'; --") == 2
    assert await db.fetch("SELECT id FROM trap_jar WHERE label = {}", "'; --") == [{"id": 6}]
    assert await db.fetch_one("SELECT id FROM trap_jar WHERE id = 99") is None
    assert await db.fetch_value("SELECT id FROM trap_jar WHERE id = 99") is None
    assert await db.fetch_value("SELECT {}::jsonb", {"a": [1, None]}) == {"a": [1, None]}
    assert await db.fetch_value("SELECT '{{}}'::jsonb") == {}
    assert await db.fetch_value("SELECT id FROM trap_jar WHERE id = ANY({})", [7]) == 7


async def test_the_app_signs_in_as_its_role_in_utc(db, jars):
    row = await db.fetch_one(
        "SELECT current_user AS who, current_setting('timezone') AS zone,"
        " current_setting('statement_timeout') AS statement,"
        " current_setting('idle_in_transaction_session_timeout') AS idle"
    )
    assert row == {"who": "marketplace_app", "zone": "UTC", "statement": "15s", "idle": "1min"}


async def test_session_settings_do_not_travel_with_a_connection(db, jars):
    for _ in range(10):
        async with db.transaction():
            await db.execute("SET statement_timeout = '1s'")
            await db.execute("SET ROLE NONE")
    rows = await asyncio.gather(
        *(
            db.fetch_one(
                "SELECT current_user AS who, current_setting('statement_timeout') AS limit,"
                " pg_sleep(0.05)"
            )
            for _ in range(10)
        )
    )
    assert {(row["who"], row["limit"]) for row in rows} == {("marketplace_app", "15s")}


async def test_replicas_answer_in_turn_outside_transactions_only(db, database_url):
    assert db.replica() is None
    await db.close_pool()
    before = settings.current()
    settings.amend(database_replicas=(database_url, database_url))
    try:
        await db.start_pool(database_url, application="tests", size=10)
        assert {db.replica(), db.replica()} == {"replica-1", "replica-2"}
        async with db.transaction():
            assert db.replica() is None
    finally:
        settings.use(before)
        await db.close_pool()
        await db.start_pool(database_url, application="tests", size=10)
