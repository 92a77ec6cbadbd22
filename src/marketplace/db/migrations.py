"""Migrations: hand-written SQL run by Piccolo, one migrator at a time, grants at the end.

`migrate` signs in as the owner. Web and worker act as the role `marketplace_app`, which may not
change the schema nor, of append-only tables, what is written.
"""

import asyncio
import contextlib
import importlib.util
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.conf.apps import AppConfig, MigrationModule

from marketplace import paths
from marketplace.db.connecting import connect
from marketplace.db.engine import APP_ROLE, ENGINE, OpenTransaction
from marketplace.db.raw import fetch
from marketplace.errors import CommandError

APP = "marketplace"
LOCK = 7_262_101_844  # any number, the same for every version of the project
LOCK_WAIT_SECONDS = 300.0
TABLE_LOCK_SECONDS = 5.0
APPEND_ONLY = "append_only"


def sql_migration(
    id: str, statements: Sequence[str], description: str = "", *, transactional: bool = True
) -> Callable[[], Awaitable[MigrationManager]]:
    """Make the `forwards` of a migration of SQL statements, each of which stands being run again.

    Not `transactional`: for what PostgreSQL refuses inside a transaction, such as
    `CREATE INDEX CONCURRENTLY`.
    """

    def step(statement: str) -> Callable[[], Any]:
        async def run() -> None:
            await ENGINE.run_ddl(statement)

        return run

    async def forwards() -> MigrationManager:
        manager = MigrationManager(
            migration_id=id,
            app_name=APP,
            description=description or id,
            wrap_in_transaction=transactional,
        )
        for statement in statements:
            manager.add_raw(step(statement))
        return manager

    return forwards


def append_only(table: str) -> list[str]:
    """Give the statements that make a table refuse UPDATE, DELETE and TRUNCATE, for migrations.

    Its name is also what tells `migrate` to grant the app no more than SELECT and INSERT.
    """
    return [
        f"CREATE OR REPLACE FUNCTION {APPEND_ONLY}() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME"
        " USING ERRCODE = 'insufficient_privilege'; END $$",
        f"CREATE OR REPLACE TRIGGER {APPEND_ONLY} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {APPEND_ONLY}()",
    ]


class _Forwards(ForwardsMigrationManager):
    """Piccolo's runner, with files found by path: by bare name any module could be meant."""

    def __init__(self, modules: dict[str, MigrationModule], migration_id: str) -> None:
        super().__init__(app_name=APP, migration_id=migration_id)
        self.modules = modules

    def get_migration_modules(self, folder_path: str) -> dict[str, MigrationModule]:
        return self.modules


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.py"))


def _load(folder: Path) -> dict[str, MigrationModule]:
    modules: dict[str, MigrationModule] = {}
    for file in _files(folder):
        spec = importlib.util.spec_from_file_location(f"marketplace_migration_{file.stem}", file)
        if spec is None or spec.loader is None:
            continue
        module: ModuleType = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if not (id := getattr(module, "ID", None)):
            continue
        if id in modules:
            raise CommandError(f"Two migrations have the id {id}: {file.name} is one of them.")
        modules[id] = cast("MigrationModule", module)
    return modules


_known: dict[Path, list[str]] = {}


async def pending() -> list[str]:
    """Give the ids of migrations that this version has and the database has not; needs the pool."""
    folder = paths.migrations()
    if folder not in _known:
        _known[folder] = list(_load(folder))
    if not (await fetch("SELECT to_regclass('public.migration') AS found"))[0]["found"]:
        return _known[folder]
    ran = {
        row["name"] for row in await fetch("SELECT name FROM migration WHERE app_name = {}", APP)
    }
    return [id for id in _known[folder] if id not in ran]


async def migrate(
    url: str | None = None,
    *,
    folder: Path | None = None,
    say: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Bring the database up to this version and give the ids that were run, oldest first.

    `url` signs in as the owner; None means DATABASE_URL. `say` is told what is going on.

    Raises:
        CommandError: the database cannot be reached, is locked too long, or a migration failed.
    """
    connection = await connect(
        url,
        application="migrate",
        role=None,
        statement_seconds=0,
        lock_seconds=TABLE_LOCK_SECONDS,
    )
    try:
        await _lock(connection, say)
        await _refuse_older_servers(connection)
        await _role(connection)
        done = await _forwards(connection, _load(folder or paths.migrations()), say)
        await _grant(connection)
        return done
    except asyncpg.LockNotAvailableError as error:
        raise CommandError(
            "A table was in use for too long, so the migration stopped and changed nothing more."
            " Run `marketplace migrate` again, at a quieter time if need be."
        ) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise CommandError(
            f"The user in DATABASE_URL may not do this: {error}. Migrate as the owner of the"
            " database, with the right to create roles and extensions."
        ) from error
    except (ConnectionError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise CommandError(
            "The connection to the database was lost during the migration. Run"
            " `marketplace migrate` again: it goes on where it stopped."
        ) from error
    finally:
        # Closing the session also frees the advisory lock, whatever state it is in.
        try:
            await connection.close(timeout=5)
        except (TimeoutError, OSError, asyncpg.PostgresError):
            connection.terminate()


async def _lock(connection: Any, say: Callable[[str], None]) -> None:
    waited = 0.0
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
        if waited == 0.0:
            say("Another migration is running. Waiting for it to finish.")
        if waited > LOCK_WAIT_SECONDS:
            raise CommandError(
                "Another migration has been running for five minutes. Find out whether it is"
                " stuck, then run `marketplace migrate` again."
            )
        await asyncio.sleep(0.05)
        waited += 0.05


async def _refuse_older_servers(connection: Any) -> None:
    version = connection.get_server_version().major
    if version < 18:
        raise CommandError(f"PostgreSQL 18 is needed; the server is PostgreSQL {version}.")


async def _role(connection: Any) -> None:
    """Create the role of web and worker. Roles are shared by all databases of a server."""
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", APP_ROLE):
            await connection.execute(f"CREATE ROLE {APP_ROLE} NOLOGIN")
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        pass  # another database of this server was migrated at the same moment
    if not await connection.fetchval("SELECT pg_has_role(current_user, $1, 'SET')", APP_ROLE):
        await connection.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")


async def _forwards(
    connection: Any, modules: dict[str, MigrationModule], say: Callable[[str], None]
) -> list[str]:
    config = AppConfig(app_name=APP, migrations_folder_path="")
    async with _joined(connection):
        with contextlib.redirect_stdout(io.StringIO()):  # Piccolo prints; `say` tells instead
            await _Forwards(modules, "all").create_migration_table()
        ran = {row["name"] for row in await fetch("SELECT name FROM migration")}
        done: list[str] = []
        for id in modules:  # in the order of the files
            if id in ran:
                continue
            say(f"Migrating: {getattr(modules[id], 'DESCRIPTION', '') or id}")
            try:
                await _one(connection, modules, id, config)
            except asyncpg.PostgresError as error:
                if isinstance(
                    error,
                    asyncpg.LockNotAvailableError
                    | asyncpg.InsufficientPrivilegeError
                    | asyncpg.PostgresConnectionError,
                ):
                    raise
                raise CommandError(f"The migration {id} failed: {error}.") from error
            done.append(id)
    return done


async def _one(
    connection: Any, modules: dict[str, MigrationModule], id: str, config: AppConfig
) -> None:
    """Run one migration and write that it ran, in one transaction where it allows that.

    Piccolo alone would commit the change before its record.
    """
    manager: object = await modules[id].forwards()
    if callable(manager):  # `async def forwards(): return sql_migration(...)`
        manager = await cast("Callable[[], Awaitable[object]]", manager)()
    if not isinstance(manager, MigrationManager):
        # Piccolo would write down that it ran, and do nothing.
        raise CommandError(
            f"The migration {id} is not one: its file must say"
            " `forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)`."
        )

    ready = manager

    async def forwards() -> MigrationManager:
        return ready

    module = cast("MigrationModule", SimpleNamespace(ID=id, forwards=forwards))
    runner = _Forwards({id: module}, id)
    alone = not manager.wrap_in_transaction
    async with contextlib.nullcontext() if alone else connection.transaction():
        with contextlib.redirect_stdout(io.StringIO()):
            result = await runner.run_migrations(config)
    if not result.success:
        raise CommandError(f"The migration {id} failed: {result.message}.")


@contextlib.asynccontextmanager
async def _joined(connection: Any) -> AsyncIterator[None]:
    """Make Piccolo's queries run on the owner's connection."""
    token = ENGINE.joined(OpenTransaction(connection))
    try:
        yield
    finally:
        ENGINE.current_transaction.reset(token)


async def _grant(connection: Any) -> None:
    """Give the app what it needs on every table, and no more on append-only ones."""
    guarded = await connection.fetch(
        "SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname = $1",
        APPEND_ONLY,
    )
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}",
        f"REVOKE INSERT, UPDATE, DELETE ON migration FROM {APP_ROLE}",
        *(f"REVOKE UPDATE, DELETE ON {row['name']} FROM {APP_ROLE}" for row in guarded),
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {APP_ROLE}",
    ]
    async with connection.transaction():
        for statement in statements:
            await connection.execute(statement)
