"""Piccolo's engine on our terms: one pool, one open transaction a task, no side doors."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import Token
from dataclasses import dataclass, field
from typing import Any, cast

import asyncpg
from asyncpg.transaction import Transaction as AsyncpgTransaction
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.query import Query
from piccolo.querystring import QueryString

from marketplace.errors import MarketplaceError

log = logging.getLogger(__name__)

APP_ROLE = "marketplace_app"
ACQUIRE_SECONDS = 5.0


class DatabaseBusy(MarketplaceError):
    """No connection became free in time."""

    def __init__(self) -> None:
        super().__init__("We are very busy just now. Wait a few seconds and try again.")


@dataclass(slots=True, eq=False)
class OpenTransaction:
    """The connection that holds a transaction, and the task that may use it."""

    connection: Any
    task: asyncio.Task[Any] | None = field(default_factory=asyncio.current_task)
    closed: bool = False
    outermost: AsyncpgTransaction | None = None


class Engine(PostgresEngine):
    """Run Piccolo's queries on our pool and in our transactions."""

    async def check_version(self) -> None:
        """Do nothing: Piccolo would connect while a module is imported."""

    async def prep_database(self) -> None:
        """Do nothing: extensions belong to migrations."""

    def open_transaction(self) -> OpenTransaction | None:
        """Give the transaction of this task; None when there is none.

        Raises:
            RuntimeError: the transaction belongs to another task, which a task started
                inside it must not use: asyncpg runs one query at a time a connection.
        """
        found = cast("OpenTransaction | None", self.current_transaction.get())
        if found is None or found.closed:
            return None
        if found.task is not asyncio.current_task():
            raise RuntimeError(
                "This task was started inside a transaction that is still open. Query"
                " sequentially inside a transaction, and start tasks after it."
            )
        return found

    def joined(self, opened: OpenTransaction) -> Token[Any]:
        """Make the queries of this task, Piccolo's included, run in `opened`."""
        # Piccolo asks of it no more than a `connection`.
        return self.current_transaction.set(cast("Any", opened))

    def transaction_exists(self) -> bool:
        """Tell whether this task has a transaction open."""
        return self.open_transaction() is not None

    async def take(self) -> Any:
        """Take a connection out of the pool.

        Raises:
            DatabaseBusy: none became free within five seconds.
            ConnectionError: the server is not there.
        """
        if self.pool is None:
            raise RuntimeError("The database pool is not started: call db.start_pool() first.")
        try:
            if self.pool.get_idle_size():
                # Nobody waits, so no clock is needed: a timeout costs a task of its own.
                return await self.pool.acquire()
            return await self.pool.acquire(timeout=ACQUIRE_SECONDS)
        except TimeoutError as error:
            raise DatabaseBusy from error
        except OSError as error:
            # A stopped server takes its socket with it, which is a missing file to asyncpg.
            raise ConnectionError("The database cannot be reached.") from error

    async def give_back(self, connection: Any, *, reset: bool = False) -> None:
        """Return a connection to the pool, `reset` if anything was set on it.

        One that cannot be reset, or is in the middle of something, is thrown away.
        """
        if self.pool is None:
            return
        if reset and not connection.is_closed():
            # A cancelled caller stops the reset, and then the connection may not be used again.
            try:
                # What asyncpg resets, and the role, which RESET ALL leaves as it is.
                everything = f"{connection.get_reset_query()}\nRESET ROLE"
                await connection.execute(everything, timeout=ACQUIRE_SECONDS)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                connection.terminate()
            except BaseException:
                connection.terminate()
                raise
        try:
            # asyncpg shields this itself: a cancelled caller does not stop the reset.
            await self.pool.release(connection, timeout=ACQUIRE_SECONDS)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            log.warning("a database connection was thrown away: %s", type(error).__name__)

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[Any]:
        """Lend the connection of the open transaction, or one from the pool."""
        if opened := self.open_transaction():
            yield opened.connection
            return
        connection = await self.take()
        try:
            yield connection
        finally:
            await self.give_back(connection)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        """Run one of Piccolo's queries."""
        sql, values = querystring.compile_string(engine_type=self.engine_type)
        return await self.run(sql, values)

    async def run(self, sql: str, values: Sequence[Any]) -> Any:
        """Run a statement with PostgreSQL's own placeholders and give its records."""
        if opened := self.open_transaction():
            return await opened.connection.fetch(sql, *values)
        connection = await self.take()
        try:
            return await connection.fetch(sql, *values)
        finally:
            await self.give_back(connection)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        """Run one of Piccolo's schema statements."""
        async with self.borrowed() as connection:
            return await connection.fetch(ddl)

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:
        """Join the open transaction, for Piccolo's own migration manager only."""
        if self.open_transaction() is None:
            raise RuntimeError("Use marketplace.db.transaction(): Piccolo's own leaks connections.")
        return super().transaction(allow_nested=allow_nested)

    async def batch(
        self, query: Query[Any, Any], batch_size: int = 100, node: str | None = None
    ) -> Any:
        """Refuse: Piccolo's batches swallow exceptions."""
        raise RuntimeError("Piccolo's batch() swallows exceptions: page with a keyset instead.")


ENGINE = Engine(config={})


def in_transaction() -> bool:
    """Tell whether this task has a transaction open."""
    return ENGINE.open_transaction() is not None


def require_transaction() -> None:
    """Assert that a transaction is open: steps shared by several operations begin with this."""
    if ENGINE.open_transaction() is None:
        raise RuntimeError("This step needs an open transaction: call it from an operation.")
