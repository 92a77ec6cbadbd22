"""Whoever runs a command against a database that does not answer is told why, in a sentence."""

import asyncio
import ssl
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from marketplace import settings
from marketplace.db import connect, connecting
from marketplace.db.connecting import explain
from marketplace.errors import CommandError

URL = "postgresql://quentin:hidden@db.example.org:5433/town"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(), "cannot reach the database server at db.example.org port 5433"),
        (TimeoutError(), "cannot reach"),
        (OSError("no such host"), "cannot reach"),
        (asyncpg.InvalidPasswordError("x"), "refused the user name or the password"),
        (asyncpg.InvalidAuthorizationSpecificationError("x"), "refused the user name"),
        (asyncpg.InvalidCatalogNameError("x"), "no database 'town'"),
        (asyncpg.TooManyConnectionsError("x"), "DATABASE_POOL_SIZE"),
        (asyncpg.InvalidParameterValueError('role "marketplace_app" does not exist'), "migrate"),
        (
            asyncpg.InsufficientPrivilegeError('permission denied to set role "marketplace_app"'),
            "may not act as",
        ),
        (ssl.SSLError("handshake"), "encryption"),
        (asyncpg.PostgresError("odd"), "odd"),
    ],
)
def test_each_failure_has_its_sentence_without_the_password(error, words):
    said = explain(error, URL).message
    assert words in said
    assert said.endswith(".") and "hidden" not in said and "quentin" not in said


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///x", "town", "postgresql://h:port/x"])
async def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(CommandError, match="DATABASE_URL"):
        await connect(url)


async def test_no_address_at_all_is_refused():
    before = settings.current()
    settings.amend(database_url=None)
    try:
        with pytest.raises(CommandError, match="marketplace demo"):
            await connect()
    finally:
        settings.use(before)


async def test_a_server_that_is_not_there():
    with pytest.raises(CommandError, match="cannot reach"):
        await connect("postgresql://127.0.0.1:9/town")
    with pytest.raises(CommandError, match="cannot reach"):
        await connect("postgresql:///town?host=/nowhere")
    with pytest.raises(CommandError, match="cannot reach"):
        await connect("postgresql://no-such-host.invalid/town")


async def test_a_server_that_swallows_what_it_is_sent(monkeypatch):
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 0.3)
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(CommandError, match="cannot reach"):
            await connect(f"postgresql://127.0.0.1:{port}/town")
    finally:
        server.close()


async def test_a_wrong_user_and_a_wrong_database(database_url):
    parts = urlsplit(database_url)
    with pytest.raises(CommandError, match="refused the user name"):
        await connect(urlunsplit(parts._replace(netloc="stranger@")))
    with pytest.raises(CommandError, match="no database 'atlantis'"):
        await connect(urlunsplit(parts._replace(path="/atlantis")))
