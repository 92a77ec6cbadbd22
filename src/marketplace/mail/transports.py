"""Where messages go: an SMTP server, a folder of .eml files, or nowhere with a warning."""

import asyncio
import contextlib
import os
import re
import tempfile
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from marketplace import logs, settings
from marketplace.errors import CommandError

_log = logs.get(__name__)

SECONDS = 20.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


class Temporary(Exception):
    """The message could not be handed over now; says so without an address. Try again later."""


class Refused(Exception):
    """The server will never take this message for this address; the text is its numbers only."""


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server, as `SMTP_URL` names it."""

    host: str
    port: int
    user: str | None
    password: str | None
    implicit_tls: bool
    starttls: bool | None

    @classmethod
    def of(cls, url: str) -> "Server":
        """Read `smtp://`, `smtp+starttls://` or `smtps://user:password@host:port`.

        Raises:
            CommandError: it is none of these; never repeats the password.
        """
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in _PORTS or not parts.hostname or port == -1:
            raise CommandError(
                "SMTP_URL must be like smtp://host:25, smtp+starttls://user:password@host:587"
                " or smtps://user:password@host:465; encode special characters such as @ as %40."
            )
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            implicit_tls=parts.scheme == "smtps",
            # None: used where the server offers it.
            starttls={"smtps": False, "smtp+starttls": True}.get(parts.scheme),
        )


def check() -> None:
    """Refuse a configuration that cannot work, before anything waits for it.

    Raises:
        CommandError: says which variable and what would work.
    """
    from marketplace.mail.messages import BadAddress, sender

    config = settings.current()
    if config.smtp_url:
        Server.of(config.smtp_url)
    try:
        sender()
    except BadAddress as error:
        raise CommandError(
            "MAIL_FROM must be an e-mail address, such as hello@together.example.org."
        ) from error


async def deliver(message: EmailMessage) -> bool:
    """Hand a message over; False when nothing is configured to take it.

    Raises:
        Temporary: it may go later.
        Refused: it never will.
    """
    config = settings.current()
    if config.smtp_url:
        await _to_server(message, Server.of(config.smtp_url))
    elif config.mailbox is not None:
        await asyncio.to_thread(_to_folder, message, config.mailbox)
    else:
        _log.warning(
            "mail dropped: neither SMTP_URL nor MAILBOX is set", message_id=message["Message-ID"]
        )
        return False
    return True


async def _to_server(message: EmailMessage, server: Server) -> None:
    try:
        await aiosmtplib.send(
            message,
            sender=message["From"].addresses[0].addr_spec,
            recipients=[message["To"].addresses[0].addr_spec],
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.implicit_tls,
            start_tls=server.starttls,
            # Without a password, encryption where offered beats none: RFC 7435.
            validate_certs=server.user is not None or server.starttls is True,
            timeout=SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        raise _judged(refusal.code, refusal.message) from None
    except aiosmtplib.SMTPAuthenticationError as error:
        raise Temporary(f"the mail server refused our sign-in ({error.code})") from None
    except aiosmtplib.SMTPSenderRefused as error:
        raise Temporary(f"the mail server refused our MAIL_FROM ({error.code})") from None
    except aiosmtplib.SMTPResponseException as error:
        raise _judged(error.code, error.message) from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise Temporary(f"the mail server cannot be reached ({type(error).__name__})") from None


def _judged(code: int, text: str) -> Temporary | Refused:
    """Tell an answer about the addressee from one about us; only the first is final.

    500 to 545 speak of our commands and sign-in, x.7.x of what we may send (RFC 3463): those
    are mended here, and a job that is held shows them.
    """
    found = _ENHANCED.search(text)
    numbers = f"{code} {found[1]}" if found else str(code)
    if code >= 550 and ".7." not in numbers:
        return Refused(numbers)
    return Temporary(f"the mail server answered {numbers}")


def file_name(message: EmailMessage) -> str:
    """Give the file of a message: its Message-ID's own part, so that a second copy replaces it."""
    return str(message["Message-ID"]).strip().strip("<>").partition("@")[0] + ".eml"


def _to_folder(message: EmailMessage, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(message.as_bytes(policy=SMTP))
        os.replace(name, folder / file_name(message))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
