"""Fetching a feed from an address that somebody typed: off the public internet alone, in limits.

The name is looked up once, every address it has must be public, and what was looked at is what is
connected to: a name that changes its mind in between leads nowhere else.
"""

import asyncio
import http.client
import io
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from marketplace import db

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unfetched(Exception):
    """There is no feed there that we read; the text says why, for a person."""


def is_public(ip: str) -> bool:
    """Tell whether an address is on the public internet, whatever it is wrapped in."""
    found = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found.teredo:
            inner = found.teredo[1]
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not (found.is_multicast or found.is_reserved)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a fetch goes; `trusted` is whom it believes, the system's list where None."""

    most_bytes: int
    seconds: float = 20
    redirects: int = 3
    port: int = 443
    public: Callable[[str], bool] = is_public
    trusted: ssl.SSLContext | None = None


async def fetch(address: str, limits: Limits) -> bytes:
    """Give what stands at an https address.

    Raises:
        Unfetched: it is no such address, leads into a private network, or gives nothing in time.
    """
    assert not db.in_transaction(), "nothing in a transaction waits for the network"
    try:
        async with asyncio.timeout(limits.seconds):
            for _ in range(limits.redirects + 1):
                response = await _ask(address, limits)
                if response.status not in {301, 302, 303, 307, 308}:
                    break
                address = urljoin(address, response.getheader("location", ""))
            else:
                raise Unfetched("That address sends us on and on. Enter where the feed itself is")
            if response.status != 200:
                raise Unfetched(
                    f"The server there answered with {response.status} instead of a file. Look at"
                    " the address in your browser"
                )
            return response.read()
    except TimeoutError as error:
        raise Unfetched(
            f"The server there sent no whole file within {limits.seconds:.0f} seconds. Try again"
            " later, or download the feed and send in the file"
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise Unfetched("The server there cannot prove that it is the one you named") from error
    except (OSError, http.client.HTTPException) as error:
        raise Unfetched(
            "There is no server at that address that gives us a file. Check how it is written"
        ) from error


_UNUSABLE = "Enter an address that begins with https://, as your browser shows it"


def _parts(address: str, port: int) -> tuple[str, str]:
    """Give the host and what to ask it for."""
    try:
        split = urlsplit(address)
        own_port = split.port or port
    except ValueError as error:
        raise Unfetched(_UNUSABLE) from error
    plain = address.isascii() and address.isprintable() and " " not in address
    if split.scheme != "https" or not split.hostname or not plain or own_port != port:
        raise Unfetched(_UNUSABLE)
    if split.username is not None:
        raise Unfetched("An address with a name and password in it is not read")
    path = split.path or "/"
    return split.hostname, f"{path}?{split.query}" if split.query else path


async def _ask(address: str, limits: Limits) -> http.client.HTTPResponse:
    """Ask one server once."""
    host, path = _parts(address, limits.port)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, limits.port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(limits.public(each) for each in addresses):
        raise Unfetched("That address is not on the public internet, so we do not read it")
    reader, writer = await asyncio.open_connection(
        addresses[0],
        limits.port,
        ssl=limits.trusted or ssl.create_default_context(),
        server_hostname=host,
    )
    try:
        named = f"[{host}]" if ":" in host else host
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {named}\r\nConnection: close\r\n"
            "Accept: application/ld+json, application/json\r\nAccept-Encoding: identity\r\n"
            "User-Agent: marketplace feed reader\r\n\r\n".encode("ascii")
        )
        await writer.drain()
        received = bytearray()
        while chunk := await reader.read(1 << 16):
            received += chunk
            # Headers, and the marks of chunks, are on top of the file.
            if len(received) > limits.most_bytes + (1 << 16):
                raise Unfetched(
                    f"What is there is larger than {limits.most_bytes // 1_000_000} MB, which is"
                    " the most that we read"
                )
    finally:
        writer.transport.abort()
    response = http.client.HTTPResponse(_Received(received), method="GET")  # type: ignore[arg-type]
    response.begin()
    return response


class _Received:
    """What was received, as the library's parser of answers wants to read it."""

    def __init__(self, content: bytes | bytearray) -> None:
        self._content = content

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._content)
