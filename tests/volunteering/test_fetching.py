"""Fetching a feed: from the public internet alone, and no more than is asked for."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from marketplace import clock, db
from marketplace.volunteering.feeds.fetching import Limits, Unfetched, fetch, is_public


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("8.8.8.8", True),
        ("2a00:1450:4009:81f::200e", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::7f00:1", False),
    ],
)
def test_private_networks_are_known_in_every_dress(ip: str, public: bool):
    assert is_public(ip) is public


@pytest.fixture(scope="module")
def certified(tmp_path_factory: Any) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Give how a server proves to be localhost, and who believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(pem)
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cafile=str(file))


@asynccontextmanager
async def serving(
    certified: Any, answer: Callable[[str], bytes | None], **changes: Any
) -> AsyncIterator[tuple[str, Limits]]:
    """Serve what `answer` gives for a path, nothing at all where it gives None."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = answer(head.split()[1].decode())
        if found is not None:
            writer.write(found)
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(handle, "localhost", 0, ssl=certified[0])
    port = server.sockets[0].getsockname()[1]
    limits = Limits(
        **{
            "most_bytes": 200_000,
            "port": port,
            "public": lambda ip: True,
            "trusted": certified[1],
            **changes,
        }
    )
    try:
        yield f"https://localhost:{port}", limits
    finally:
        server.close()


def said(status: str, body: bytes = b"", *headers: str) -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, "", "")).encode() + body


async def test_a_file_is_fetched_past_a_redirect(certified: Any):
    chunked = b"2\r\n[]\r\n0\r\n\r\n"
    answers = {
        "/": said("302 Found", b"", "Location: /feed?x=1"),
        "/feed?x=1": said("200 OK", chunked, "Transfer-Encoding: chunked"),
    }
    async with serving(certified, answers.get) as (address, limits):
        assert await fetch(address, limits) == b"[]"


async def test_a_private_network_is_not_reached_which_it_would_be_unguarded(certified: Any):
    asked: list[str] = []

    def answer(path: str) -> bytes:
        asked.append(path)
        return said("200 OK", b"secret")

    async with serving(certified, answer) as (address, limits):
        assert await fetch(address, limits) == b"secret"
        asked.clear()
        guarded = Limits(limits.most_bytes, port=limits.port, trusted=limits.trusted)
        with pytest.raises(Unfetched, match="public internet"):
            await fetch(address, guarded)
    assert asked == []


async def test_nor_is_it_by_a_redirect(certified: Any):
    seen: list[str] = []

    def public(ip: str) -> bool:
        seen.append(ip)
        return ip in {"::1", "127.0.0.1"}

    away = said("302 Found", b"", "Location: https://10.0.0.1:{}/")

    def answer(path: str) -> bytes:
        return away.replace(b"{}", str(limits.port).encode())

    async with serving(certified, answer, public=public) as (address, limits):
        with pytest.raises(Unfetched, match="public internet"):
            await fetch(address, limits)
    assert seen[-1] == "10.0.0.1"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said("404 Not Found"), "404"),
        (said("302 Found", b"", "Location: /"), "on and on"),
        (said("302 Found", b"", "Location: http://localhost/"), "https://"),
        (said("200 OK", b"x" * 400_000), "larger than"),
        (b"no such protocol\r\n\r\n", "no server"),
        (None, "within 0 seconds"),
    ],
)
async def test_what_is_no_feed_is_refused(certified: Any, answer: bytes | None, words: str):
    seconds = 0.4 if answer is None else 20
    async with serving(certified, lambda path: answer, seconds=seconds) as (address, limits):
        with pytest.raises(Unfetched, match=words):
            await fetch(address, limits)


async def test_a_server_that_proves_nothing_is_not_believed(certified: Any):
    async with serving(certified, lambda path: said("200 OK"), trusted=None) as (address, limits):
        with pytest.raises(Unfetched, match="cannot prove"):
            await fetch(address, limits)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://localhost/",
        "https://",
        "https://me:secret@localhost/",
        "https://localhost:22/",
        "https://localhost:x/",
        "https://localhost/a b",
        "https://localhost/\r\nX: y",
        "https://[::1",
        "https://lücke.test/",
    ],
)
async def test_an_odd_address_is_asked_for_again(address: str):
    with pytest.raises(Unfetched):
        await fetch(address, Limits(1000, public=lambda ip: True))


@pytest.mark.usefixtures("db")
async def test_nothing_waits_for_the_network_in_a_transaction():
    async with db.transaction():
        with pytest.raises(AssertionError):
            await fetch("https://localhost/", Limits(1000))
