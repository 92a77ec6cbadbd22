"""Connections to PostgreSQL: their parameters, the pool, and what to say when they fail."""

import asyncio
import json
import ssl
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from marketplace import settings
from marketplace.db.engine import APP_ROLE, ENGINE, Engine
from marketplace.errors import CommandError

CONNECT_SECONDS = 10.0
STARTING_SECONDS = 60.0


def _json(value: object) -> bytes:
    # Piccolo and PgQueuer hand JSON over as text already.
    return (value if isinstance(value, str) else json.dumps(value, default=str)).encode()


async def _prepare(connection: Any) -> None:
    # In binary, because COPY takes nothing else; that of jsonb begins with its version.
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=_json, decoder=json.loads
    )
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + _json(value),
        decoder=lambda data: json.loads(data[1:]),
    )


async def _keep(connection: Any) -> None:
    """Leave a connection as it is when it comes back from a single statement.

    Role, zone and timeouts are parameters it was started with, and no statement of ours sets
    anything that outlives its transaction (`tests/db/test_sessions.py`). Resetting would be a
    second round trip after each. After a transaction, and after `acquire()`, whose borrowers may
    do as they like, the engine resets it all the same.
    """


def _parameters(
    *, application: str, role: str | None, statement_seconds: float, lock_seconds: float
) -> dict[str, Any]:
    server = {
        "application_name": f"marketplace {application}",
        "timezone": "UTC",
        "statement_timeout": f"{int(statement_seconds * 1000)}",
        "lock_timeout": f"{int(lock_seconds * 1000)}",
        "idle_in_transaction_session_timeout": "60000",
        # Compiling a statement pays in reports that run for seconds, which we have none of.
        "jit": "off",
    }
    if role is not None:
        server["role"] = role
    return {
        "timeout": CONNECT_SECONDS,
        # The server stops a slow statement; this one is for a network that swallows answers.
        "command_timeout": statement_seconds + 15 if statement_seconds else None,
        "server_settings": server,
    }


def _url(url: str | None) -> str:
    found = url or settings.current().database_url
    if not found:
        raise CommandError(
            "DATABASE_URL is not set. Set it to a PostgreSQL 18 database, such as"
            " postgresql://user:password@host/marketplace, or try `marketplace demo`."
        )
    if urlsplit(found).scheme not in {"postgres", "postgresql"}:
        raise CommandError(
            "DATABASE_URL must begin with postgresql://, such as"
            " postgresql://user:password@host/marketplace."
        )
    return found


async def connect(
    url: str | None = None,
    *,
    application: str = "worker",
    role: str | None = APP_ROLE,
    statement_seconds: float = 60.0,
    lock_seconds: float = 10.0,
    json_as_dicts: bool = True,
) -> Any:
    """Open a connection of one's own, outside the pool; the caller closes it.

    PgQueuer wants `json_as_dicts=False`; `role=None` signs in as the owner.

    Raises:
        CommandError: with the reason and what to do about it.
    """
    found = _url(url)
    parameters = _parameters(
        application=application,
        role=role,
        statement_seconds=statement_seconds,
        lock_seconds=lock_seconds,
    )

    async def open_() -> Any:
        connection = await asyncpg.connect(found, **parameters)
        if json_as_dicts:
            await _prepare(connection)
        return connection

    return await _explained(found, open_)


async def start_pool(
    url: str | None = None,
    *,
    application: str = "web",
    size: int | None = None,
    statement_seconds: float = 15.0,
    lock_seconds: float = 10.0,
    check: bool = True,
) -> None:
    """Start the pool of this process, and those of the replicas.

    With `check`, a database that is not migrated is refused.

    Raises:
        CommandError: with the reason and what to do about it.
    """
    chosen = settings.current()
    size = size or chosen.database_pool_size
    parameters = _parameters(
        application=application,
        role=APP_ROLE,
        statement_seconds=statement_seconds,
        lock_seconds=lock_seconds,
    )
    if ENGINE.pool is not None:
        raise RuntimeError("The database pool is started already.")
    ENGINE.pool = await _pool(_url(url), size, parameters)
    try:
        if check:
            await _refuse_unmigrated()
        nodes: dict[str, Engine] = {}
        ENGINE.extra_nodes = nodes
        for number, address in enumerate(chosen.database_replicas, start=1):
            node = Engine(config={})
            node.pool = await _pool(_url(address), size, parameters)
            nodes[f"replica-{number}"] = node
    except BaseException:
        await close_pool()
        raise


async def _pool(url: str, size: int, parameters: dict[str, Any]) -> Any:
    async def open_() -> Any:
        return await asyncpg.create_pool(
            url, min_size=min(2, size), max_size=size, init=_prepare, reset=_keep, **parameters
        )

    return await _explained(url, open_)


async def _refuse_unmigrated() -> None:
    from marketplace.db.migrations import pending

    if missing := await pending():
        raise CommandError(
            f"The database lacks {len(missing)} migration{'s' if len(missing) > 1 else ''}."
            " Run `marketplace migrate` first."
        )


async def close_pool() -> None:
    """Close the pools of this process, waiting five seconds for queries that run."""
    engines = [ENGINE, *ENGINE.extra_nodes.values()]
    ENGINE.extra_nodes = {}
    for engine in engines:
        pool, engine.pool = engine.pool, None
        if pool is None:
            continue
        try:
            async with asyncio.timeout(5):
                await pool.close()
        except TimeoutError:
            pool.terminate()


async def _explained(url: str, open_: Any) -> Any:
    """Open something, waiting for a server that is starting, or say why it cannot be opened."""
    deadline = asyncio.get_running_loop().time() + STARTING_SECONDS
    while True:
        try:
            return await open_()
        except asyncpg.CannotConnectNowError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise explain(error, url) from error
            await asyncio.sleep(0.2)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
            raise explain(error, url) from error


def explain(error: BaseException, url: str) -> CommandError:
    """Turn a failure to connect into the sentence for whoever runs the command."""
    parts = urlsplit(url)
    try:
        host = (parse_qs(parts.query).get("host") or [parts.hostname or "localhost"])[0]
        port = f" port {parts.port}" if parts.port else ""
    except ValueError:
        return CommandError("DATABASE_URL cannot be read: check its port and its brackets.")
    where = f"the database server at {host}{port}"
    name = parts.path.lstrip("/") or "(none)"
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return CommandError(
                f"T{where[1:]} refused the user name or the password in DATABASE_URL."
            )
        case asyncpg.InvalidCatalogNameError():
            return CommandError(
                f"There is no database {name!r} at {host}{port}. Create it with"
                f" `createdb {name}`, or correct DATABASE_URL."
            )
        case asyncpg.TooManyConnectionsError():
            return CommandError(
                f"T{where[1:]} has no connection left. Lower DATABASE_POOL_SIZE, or raise"
                " max_connections there."
            )
        case asyncpg.PostgresError() if APP_ROLE in str(error):
            if isinstance(error, asyncpg.InsufficientPrivilegeError):
                return CommandError(
                    f"The user in DATABASE_URL may not act as {APP_ROLE}. As the owner, run"
                    f" `GRANT {APP_ROLE} TO` that user, or `marketplace migrate` with its URL."
                )
            return CommandError("The database is not migrated. Run `marketplace migrate` first.")
        case ssl.SSLError():
            return CommandError(
                f"T{where[1:]} and we could not agree on encryption: {error}. Check"
                " sslmode and its certificates in DATABASE_URL."
            )
        case TimeoutError() | OSError():
            return CommandError(
                f"We cannot reach {where}. Check that it runs and that DATABASE_URL is right."
            )
        case _:
            return CommandError(f"We cannot use {where}: {error}.")
