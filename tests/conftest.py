"""One real PostgreSQL for the whole run, one database for each worker, clean before each test."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zlib import crc32

import asyncpg
import hypothesis
import pytest
import pytest_asyncio
from obstore.store import MemoryStore
from xdist.scheduler import LoadFileScheduling

from marketplace import db, settings
from marketplace.db.embedded import EmbeddedServer
from marketplace.db.engine import ENGINE
from marketplace.db.migrations import migrate
from marketplace.files import store

# Files so long that one process would be at them alone: each of their tests stands by itself.
_SHARED_OUT = {"tests/hostile/test_every_form.py": 6, "tests/test_every_route.py": 6}
# A busy machine takes its time: no example of a property fails on that.
hypothesis.settings.register_profile(
    "patient",
    hypothesis.settings.default,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("patient")

_SERVER = pytest.StashKey[EmbeddedServer]()
# What starts servers and browsers takes longest a file: begun last, it would be waited for alone.
_FIRST = ("load", "journeys", "wide", "worker", "cli", "packaging")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow folders first; everything else keeps its order."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parts[0]
        return _FIRST.index(folder) if folder in _FIRST else len(_FIRST)

    items.sort(key=rank)


class _ByFile(LoadFileScheduling):
    """Give each process whole files, and of the longest ones a share."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        return f"{file}#{crc32(test.encode()) % _SHARED_OUT.get(file, 1)}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests out among the processes."""
    return _ByFile(config, log)


def _start_server(config: pytest.Config) -> str:
    """Start the run's server, migrated once, unless it runs; gives the owner's URL."""
    if _SERVER not in config.stash:
        folder = Path(tempfile.mkdtemp(prefix="marketplace-tests-"))
        folder.chmod(0o711)
        server = EmbeddedServer(folder, durable=False)
        config.stash[_SERVER] = server
        url = server.start()
        asyncio.run(migrate(url))
    url = config.stash[_SERVER].url
    assert url is not None
    return url


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker where the server of the controller is."""
    node.workerinput["database_server"] = _start_server(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server in the process that started it."""
    if (server := config.stash.get(_SERVER, None)) is not None:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def named(url: str, database: str) -> str:
    """Give the URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> str:
    """Give the owner's URL of the run's server; its own database is the migrated template."""
    worker = getattr(request.config, "workerinput", None)
    return worker["database_server"] if worker else _start_server(request.config)


@pytest.fixture(scope="session")
def database_url(database_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the owner's URL of this worker's database, copied from the template."""
    worker = getattr(request.config, "workerinput", {"workerid": "main"})["workerid"]
    name = f"test_{worker}"

    async def make() -> None:
        admin = await asyncpg.connect(named(database_server, "postgres"))
        try:
            template = urlsplit(database_server).path.lstrip("/")
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        finally:
            await admin.close()

    asyncio.run(make())
    url = named(database_server, name)
    settings.amend(database_url=url)
    yield url


class Cleaner:
    """Empties what tests write to, as the owner: what migrations filled is left as it was."""

    def __init__(self, owner: Any, tables: list[str]) -> None:
        self.owner = owner
        self.tables = tables
        # A function keeps its plans, so that it takes a quarter of the time.
        self.sweep = "SET session_replication_role = replica; SELECT pg_temp.sweep()"
        self._kept: dict[str, str] = {}

    @classmethod
    async def ready(cls, owner: Any) -> "Cleaner":
        """Find the tables that are empty after migrating."""
        names = await owner.fetch(
            "SELECT c.oid::regclass::text AS name FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        empty = [
            row["name"]
            for row in names
            if not await owner.fetchval(f"SELECT EXISTS (SELECT FROM {row['name']})")
        ]
        deletes = " ".join(f"DELETE FROM {name};" for name in empty)
        # As a replica no trigger and no foreign key is looked at. A TRUNCATE of all tables
        # takes a hundred times as long.
        await owner.execute(
            "CREATE OR REPLACE FUNCTION pg_temp.sweep() RETURNS void LANGUAGE plpgsql"
            f" AS $$ BEGIN {deletes} END $$"
        )
        return cls(owner, empty)

    async def clean(self) -> None:
        """Empty the tables."""
        await self.owner.execute(self.sweep)

    async def keep(self, name: str) -> None:
        """Remember what the tables hold, under a name; making it anew takes ten times as long."""
        await self.owner.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")
        back = []
        for table in self.tables:
            if not await self.owner.fetchval(f"SELECT EXISTS (SELECT FROM {table})"):
                continue
            columns = await self.owner.fetchval(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped"
                " AND attgenerated = ''",
                table,
            )
            await self.owner.execute(
                f"CREATE TABLE {name}.{table} AS SELECT {columns} FROM {table}"
            )
            back.append(
                f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
                f" SELECT {columns} FROM {name}.{table}"
            )
        self._kept[name] = "; ".join([self.sweep, *back])

    async def put_back(self, name: str) -> None:
        """Make the tables hold again what was kept under a name."""
        await self.owner.execute(self._kept[name])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def owner(database_url: str) -> AsyncIterator[Any]:
    """Give a connection as the owner, for what the app may not do."""
    connection = await db.connect(database_url, application="tests", role=None)
    yield connection
    await connection.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _cleaner(database_url: str) -> AsyncIterator[Cleaner]:
    connection = await db.connect(database_url, application="cleaner", role=None)
    yield await Cleaner.ready(connection)
    await connection.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _pool(database_url: str) -> AsyncIterator[None]:
    await db.start_pool(database_url, application="tests", size=10)
    yield
    await db.close_pool()


@pytest_asyncio.fixture(loop_scope="session")
async def db_clean(_cleaner: Cleaner, _pool: None) -> AsyncIterator[None]:
    """Start the pool as the app's role and clean up afterwards."""
    yield
    await _cleaner.clean()


@pytest.fixture(name="db")
def db_fixture(db_clean: None) -> Any:
    """Give `marketplace.db` with its pool started, as the app's role, on empty tables."""
    return db


@pytest.fixture(autouse=True)
def _files() -> Iterator[None]:
    """Keep pictures in memory, and forget them after each test."""
    store.use(settings.current().files, MemoryStore())
    yield


@pytest.fixture(scope="session")
def app(database_url: str) -> Any:
    """Give the app as it runs in production: https, its own name."""
    from marketplace.app import create_app

    settings.amend(
        base_url="https://marketplace.test",
        secret_key="a secret of the tests, long enough to be taken",
    )
    return create_app()


@pytest_asyncio.fixture
async def browsers(app: Any, db: Any) -> AsyncIterator[Any]:
    """Give a way to open further browsers: `another = browsers()`."""
    from tests.browser import Browser

    opened: list[Browser] = []

    def another() -> Browser:
        opened.append(Browser(app))
        return opened[-1]

    yield another
    for one in opened:
        await one.close()


@pytest_asyncio.fixture
async def browser(browsers: Any) -> Any:
    """Give one browser nobody is signed in with."""
    return browsers()


# The pool cleans each connection that is given back, and the driver looks types up when a
# connection first meets them: no page asked for either.
NOT_OF_A_PAGE = ("pg_advisory_unlock_all", "typeinfo_tree", "set_config('jit'")


class Counted:
    """How many statements ran on the pool inside a block."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, query: Any) -> None:
        if not any(words in query.query for words in NOT_OF_A_PAGE):
            self.count += 1


@pytest.fixture
def queries_run(db: Any) -> Any:
    """Give a context manager that counts statements: `with queries_run() as counted`."""

    @contextmanager
    def counting() -> Iterator[Counted]:
        counted = Counted()
        pool = ENGINE.pool
        assert pool is not None
        open_ones = [holder._con for holder in pool._holders if holder._con is not None]
        for connection in open_ones:
            connection.add_query_logger(counted)
        try:
            yield counted
        finally:
            for connection in open_ones:
                connection.remove_query_logger(counted)

    return counting


class Kept:
    """What tests begin with, made once in a process and put back for each; older is made anew."""

    MOST_SECONDS = 240

    def __init__(self, cleaner: Cleaner) -> None:
        self.cleaner = cleaner
        self._made: dict[str, tuple[float, Any, MemoryStore]] = {}

    async def get(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any:
        """Give what `make` gives, and the tables as it left them."""
        where, now = settings.current().files, time.monotonic()
        if name in self._made and now - self._made[name][0] < self.MOST_SECONDS:
            _, made, files = self._made[name]
            await self.cleaner.put_back(name)
        else:
            await self.cleaner.clean()
            store.use(where, files := MemoryStore())
            made = await make()
            await self.cleaner.keep(name)
            self._made[name] = now, made, files
        store.use(where, files)
        return made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _kept(_cleaner: Cleaner) -> Kept:
    return Kept(_cleaner)


@pytest.fixture
def kept(_kept: Kept, db_clean: None) -> Kept:
    """Give a way to begin with what another test of this process began with."""
    return _kept
