"""Messages out of templates: a text part, an HTML part, and headers that nobody can forge.

`templates/email/<name>.txt` holds the blocks `subject` and `body` and is never HTML-escaped;
`templates/email/<name>.html` holds the block `content` and always is.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit

from marketplace import clock, settings
from marketplace.web.render import environment

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
LONGEST_NAME = 100
# Python drops the quotes of a quoted name when it folds a long header: whoever calls themselves
# "a@example.org, b@example.org, ..." would add addressees. Nobody needs these in a name.
_SPECIALS = dict.fromkeys(map(ord, '"<>()[]:;@,\\=?'), " ")


class BadAddress(ValueError):
    """Mail cannot be addressed like this; says why without the address."""


def link(path: str) -> str:
    """Give the whole address of a page of ours, for use outside a browser."""
    return settings.current().base_url + path


def message_id(key: str) -> str:
    """Give the Message-ID of the message with that key: the same each time it is sent."""
    host = urlsplit(settings.current().base_url).hostname or "localhost"
    return f"<{digest(key)}@{host}>"


def digest(key: str) -> str:
    """Give a short name of a key, fit for a file and a header."""
    return hashlib.blake2b(key.encode(), digest_size=20).hexdigest()


def address(name: str, email: str) -> Address:
    """Make an address for a header out of what somebody typed.

    Raises:
        BadAddress: the mail protocol we speak cannot carry it.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise BadAddress("the part before the @ has characters that mail servers do not agree on")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadAddress("the part after the @ is not a name on the internet") from error
    if not _DOMAIN.fullmatch(domain):
        raise BadAddress("the part after the @ is not a name on the internet")
    shown = " ".join(_one_line(name).translate(_SPECIALS).split())[:LONGEST_NAME].strip()
    return Address(display_name=shown, username=local, domain=domain)


def sender() -> Address:
    """Give the address that our mail comes from, named after the brand."""
    config = settings.current()
    name, email = parseaddr(config.mail_from)
    return address(name or config.brand_name, email)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file that goes with a message, such as an event for a calendar."""

    name: str
    subtype: str
    content: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


def compose(
    key: str,
    to: Address,
    template: str,
    context: Mapping[str, Any],
    *,
    attached: Sequence[Attachment] = (),
    unsubscribe: str = "",
) -> EmailMessage:
    """Render a message: both parts, and headers whose values cannot break out of their line.

    `unsubscribe` is the path that stops such messages at one POST (RFC 8058), "" for those that
    need no consent.
    """
    config = settings.current()
    known = {
        "link": link,
        "zone": config.zone,
        "brand": {
            "name": config.brand_name,
            "tagline": config.brand_tagline,
            "colour": config.brand_colour,
        },
        "unsubscribe": unsubscribe,
        **context,
    }
    text = environment().get_template(f"email/{template}.txt")
    subject = "".join(text.blocks["subject"](text.new_context(known)))
    known["subject"] = _one_line(subject)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender()
    message["To"] = to
    message["Subject"] = known["subject"]
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = message_id(key)
    # RFC 3834: holiday answers and ticket systems leave such mail alone.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{link(unsubscribe)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_tidy(text.render(known)), cte="quoted-printable")
    page = environment().get_template(f"email/{template}.html").render(known)
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    for file in attached:
        message.add_attachment(
            file.content,
            subtype=file.subtype,
            filename=file.name,
            params=dict(file.parameters),
            cte="base64",
        )
    return message


def _one_line(text: str) -> str:
    """Fold white space and drop what could end or hide a header's line."""
    folded = " ".join(text.split())
    return "".join(
        c
        for c in folded
        # The joiners are letters to Persian and Sinhala; the rest of Cf can turn text round.
        if c in "\u200c\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn"}
    )


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"
