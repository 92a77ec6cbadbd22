"""Transactions that neither leak a connection nor hide what happened.

Piccolo's own transaction leaks its connection when COMMIT fails or when it is cancelled twice,
and leaves a dead connection behind in a looping task when the backend was killed. This one
gives the connection back in a shielded `finally`, whatever happened.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from marketplace.db.engine import ENGINE, OpenTransaction, require_transaction
from marketplace.db.once import Once, claim, settle
from marketplace.errors import Conflict, MarketplaceError

log = logging.getLogger(__name__)

END_SECONDS = 30.0
BROKEN = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@asynccontextmanager
async def transaction(once: Once | None = None) -> AsyncIterator[None]:
    """Do all of the block or none of it; queries of this task join it.

    Raises:
        Replayed: `once` was answered before; nothing was done again.
        Conflict: `once` was used before with another content.
        DatabaseBusy: no connection became free in time.
        Conflict: the block gives something to somebody who left.
        RuntimeError: a transaction is open already; say `savepoint()` where one is meant.
    """
    if ENGINE.open_transaction() is not None:
        raise RuntimeError(
            "A transaction is open already. A step asserts one with require_transaction();"
            " use savepoint() where a part may fail alone."
        )
    opened = OpenTransaction(await ENGINE.take())
    token = ENGINE.joined(opened)
    done = False
    try:
        outermost = opened.outermost = opened.connection.transaction()
        await outermost.start()
        if once is not None:
            await claim(once)
        # Whoever left while a page of theirs was open: no verb has to think of it (0026).
        gone = Conflict("That account was deleted, so this cannot be done any more.")
        with clashes({"person_is_here": gone}):
            yield
        if once is not None:
            await settle(once)
        done = True
    finally:
        try:
            await _uninterrupted(_end(opened, commit=done))
        finally:
            opened.closed = True
            # From another context, as async generators may be closed; `closed` says it there.
            with contextlib.suppress(ValueError):
                ENGINE.current_transaction.reset(token)


async def _end(opened: OpenTransaction, *, commit: bool) -> None:
    """Commit or roll back, and give the connection back however that went."""
    connection = opened.connection
    outermost = opened.outermost
    try:
        async with asyncio.timeout(END_SECONDS):
            if commit and outermost is not None:
                try:
                    # An error that was caught inside has made PostgreSQL answer COMMIT with a
                    # silent ROLLBACK. Any statement tells; this one also brings late
                    # constraints forward.
                    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    await outermost.commit()
                except asyncpg.InFailedSQLTransactionError as error:
                    raise RuntimeError(
                        "A database error was caught inside this transaction, so nothing of it"
                        " can be kept. Use savepoint() round what may fail."
                    ) from error
    except TimeoutError:
        connection.terminate()
        raise
    finally:
        if not connection.is_closed() and connection.is_in_transaction():
            try:
                async with asyncio.timeout(END_SECONDS):
                    if outermost is not None:
                        await outermost.rollback()
            except BROKEN as error:
                log.warning("a rollback failed: %s", type(error).__name__)
                connection.terminate()
        await ENGINE.give_back(connection, reset=True)


async def _uninterrupted(work: Coroutine[Any, Any, None]) -> None:
    """Finish `work` even when this task is cancelled meanwhile, once or twice."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:
            break
    if cancelled is not None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("the end of a cancelled transaction failed: %s", type(error).__name__)
        raise cancelled
    task.result()


@asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """Let a part of the open transaction fail alone: an exception undoes this block only."""
    require_transaction()
    opened = ENGINE.open_transaction()
    assert opened is not None
    inner = opened.connection.transaction()
    await inner.start()
    try:
        yield
    except BaseException:
        try:
            await _uninterrupted(inner.rollback())
        except BROKEN as error:
            # The connection is gone; the whole transaction fails with what failed first.
            log.warning("a savepoint could not be undone: %s", type(error).__name__)
        raise
    else:
        await inner.commit()


@contextmanager
def clashes(sentences: Mapping[str, MarketplaceError]) -> Iterator[None]:
    """Turn a failed constraint, by its name, into the error a person can act on."""
    try:
        yield
    except asyncpg.PostgresError as error:
        meant = sentences.get(getattr(error, "constraint_name", None) or "")
        if meant is None:
            raise
        raise meant from error
