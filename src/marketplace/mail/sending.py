"""Sending a message once: rendered, handed over, written down after it was accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from marketplace import clock, db, logs
from marketplace.ids import new_id
from marketplace.mail.messages import Attachment, BadAddress, address, compose
from marketplace.mail.transports import Refused, Temporary, deliver

__all__ = ["Attachment", "Mail", "Recipient", "Temporary", "send"]

_log = logs.get(__name__)


class To(Protocol):
    """Whoever gets a message; an account's `Contact` is one."""

    @property
    def id(self) -> UUID | None: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may have no account, such as the holder of an invitation."""

    email: str = field(repr=False)
    name: str = field(default="", repr=False)
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A message to one person.

    `key` is the same each time the same message is meant, and names what it is about and for
    whom by ids, never by address: "booking.made:<entry>:volunteer". `template` is a file under
    templates/email without its ending. `unsubscribe` is the path that stops such messages, for
    those that needed consent.
    """

    key: str
    to: To
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    attached: Sequence[Attachment] = ()
    unsubscribe: str = ""


async def send(mail: Mail) -> None:
    """Send a message unless it was sent before.

    A crash between the server's answer and our note of it sends it again, with the same
    Message-ID. A refusal for good is written down and not an error.

    Raises:
        Temporary: the mail server cannot take it now.
        RuntimeError: a transaction is open: nothing talks to the network inside one.
    """
    if db.in_transaction():
        raise RuntimeError("Mail is sent outside transactions, from a reaction.")
    if await db.fetch_one("SELECT 1 AS found FROM delivery WHERE key = {}", mail.key):
        return
    refusal = ""
    try:
        to = address(mail.to.name, mail.to.email)
        message = compose(
            mail.key,
            to,
            mail.template,
            {"to": mail.to, **mail.context},
            attached=mail.attached,
            unsubscribe=mail.unsubscribe,
        )
        if not await deliver(message):
            return
    except BadAddress as error:
        refusal = str(error)
    except Refused as error:
        refusal = str(error)
    now = clock.now()
    await db.execute(
        "INSERT INTO delivery (id, key, person_id, template, sent_at, refused_at, refusal)"
        " VALUES ({}, {}, {}, {}, {}, {}, {}) ON CONFLICT (key) DO NOTHING",
        new_id(),
        mail.key,
        mail.to.id,
        mail.template,
        None if refusal else now,
        now if refusal else None,
        refusal,
    )
    if refusal:
        _log.warning("mail refused", template=mail.template, refusal=refusal)
