"""A real SMTP server of the tests, which keeps one copy a Message-ID and counts the rest."""

import asyncio
import contextlib
import email
import socket
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any

from aiosmtpd.smtp import SMTP

PATIENCE = 60.0


class Sink:
    """Answers as told, then accepts."""

    def __init__(self) -> None:
        self.messages: dict[str, EmailMessage] = {}
        self.copies: Counter[str] = Counter()
        self.refusals: deque[str] = deque()
        self.data_refusals: deque[str] = deque()
        self.tries = 0
        self.hold: asyncio.Event | None = None
        # Where whoever sends is kept waiting from so many messages on, and how many wait there.
        self.halt: tuple[str, int, asyncio.Event] | None = None
        self.waiting = 0
        self.port = 0
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.tries += 1
        await self._halted("before")
        if self.refusals:
            return self.refusals.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hold is not None:
            await self.hold.wait()
        if self.data_refusals:
            return self.data_refusals.popleft()
        message = email.message_from_bytes(envelope.content, policy=POLICY)
        name = str(message["Message-ID"])
        self.copies[name] += 1
        self.messages.setdefault(name, message)  # type: ignore[arg-type]
        async with self._news:
            self._news.notify_all()
        await self._halted("after")
        return "250 Accepted"

    async def _halted(self, where: str) -> None:
        if self.halt is None or self.halt[0] != where or self.copies.total() < self.halt[1]:
            return
        self.waiting += 1
        async with self._news:
            self._news.notify_all()
        try:
            await self.halt[2].wait()
        finally:
            self.waiting -= 1

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="sink.test", loop=loop), "127.0.0.1", port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def until(self, holds: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait until something holds of what arrived."""
        async with asyncio.timeout(patience), self._news:
            await self._news.wait_for(holds)

    async def arrived(self, number: int = 1, patience: float = PATIENCE) -> list[EmailMessage]:
        """Wait for so many different messages and give them."""
        await self.until(lambda: len(self.messages) >= number, patience)
        return list(self.messages.values())

    def to(self, address: str) -> list[EmailMessage]:
        """Give what was sent to an address."""
        return [m for m in self.messages.values() if address in str(m["To"])]


@contextlib.asynccontextmanager
async def a_sink() -> AsyncIterator[Sink]:
    sink = Sink()
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return part.get_content()


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return part.get_content()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def eventually(holds: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Ask again and again until an awaitable answer is true, and give it."""
    async with asyncio.timeout(patience):
        while True:
            if found := await holds():
                return found
            await asyncio.sleep(0.02)
