"""The running site, and what its worker has posted so far."""

import asyncio
import email
import re
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its reader sees it."""

    subject: str
    text: str

    def link(self, path: str) -> str:
        """Give the link whose path begins with `path`."""
        for found in _LINK.findall(self.text):
            if found.split("/", 3)[3].startswith(path.lstrip("/")):
                return found
        raise AssertionError(f"no link to {path} in: {self.text}")


class Post:
    """Where the site is, and its folder of mail."""

    def __init__(self, base: str, mailbox: Path) -> None:
        self.base = base
        self.mailbox = mailbox

    async def letter(self, to: str, about: str, *, seconds: float = 20) -> Letter:
        """Wait for the message to `to` with `about` in its subject."""
        until = time.monotonic() + seconds
        while True:
            letters = self._letters(to)
            for found in letters:
                if about in found.subject:
                    return found
            if time.monotonic() > until:
                came = [found.subject for found in letters]
                raise AssertionError(f"no mail about {about!r} came to {to}, only {came}")
            await asyncio.sleep(0.05)

    def subjects(self, to: str) -> list[str]:
        """Name what came to an address."""
        return [found.subject for found in self._letters(to)]

    def empty(self) -> None:
        """Throw all mail away."""
        for file in self.mailbox.glob("*.eml"):
            file.unlink(missing_ok=True)

    def _letters(self, to: str) -> list[Letter]:
        found = []
        for file in self.mailbox.glob("*.eml"):
            message = email.message_from_bytes(file.read_bytes(), EmailMessage, policy=SMTP)
            if to in str(message["To"]):
                part = message.get_body(("plain",))
                assert part is not None
                assert message.get_body(("html",)) is not None
                subject = " ".join(str(message["Subject"]).split())
                found.append(Letter(subject, part.get_content()))
        return found
