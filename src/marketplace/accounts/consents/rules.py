"""Purposes, channels, and the words that people agree to."""

from datetime import date
from enum import StrEnum

from marketplace.accounts.ages import ADULT, age


class Purpose(StrEnum):
    """What an organisation may write about; the digest is that of the place itself."""

    FILL_SHIFT = "fill_shift"
    DIGEST = "digest"
    NEWS = "news"


class Channel(StrEnum):
    """How it may write."""

    MAIL = "mail"
    TEXT = "text"
    POST = "post"


class How(StrEnum):
    """How somebody said so."""

    BOOKING = "booking"
    ACCOUNT = "account"
    SIGN_UP = "sign_up"
    LINK = "link"
    MAIL_PROGRAM = "mail_program"
    PAPER = "paper"
    IMPORT = "import"


class Event(StrEnum):
    """What happens to consents, for history and for whoever reacts."""

    AGREED = "consent.given"
    WITHDRAWN = "consent.withdrawn"


PURPOSES = {
    Purpose.FILL_SHIFT: "Ask me when they are short of people",
    Purpose.DIGEST: "Send me what is new, once a week",
    Purpose.NEWS: "Send me their news",
}
CHANNELS = {Channel.MAIL: "by e-mail", Channel.TEXT: "by text message", Channel.POST: "by post"}
HOWS = {
    How.BOOKING: "when you booked",
    How.ACCOUNT: "on this page",
    How.SIGN_UP: "when you joined",
    How.LINK: "with the link in a message",
    How.MAIL_PROGRAM: "with your mail program's button",
    How.PAPER: "on paper",
    How.IMPORT: "before the organisation came here",
}
# Every version that was ever shown stays here: the ledger names it, and this says what it said.
WORDINGS = {
    # What somebody agreed to before they came here; the words are where the evidence is.
    "import:paper": "Their own form, on paper",
    "import:online": "Their own form, online",
    "import:mail": "By e-mail",
    "import:voice": "By word of mouth",
    "booking/1": "May this organisation ask me by e-mail when they are short of people?",
    "booking/2": "This organisation may e-mail me when it is short of people",
    "digest/1": "E-mail me once a week what is new near me, or still short of people",
}
BOOKING_WORDING = "booking/2"
DIGEST_WORDING = "digest/1"


def may_have_digest(born_on: date | None, today: date) -> bool:
    """Tell whether somebody is sent the weekly digest if they ask for it.

    Nobody known to be under 18 is: it suggests what organisations offer to adults, and unlike a
    message of one organisation it has no guardian or named adult who could be given a copy.
    """
    return born_on is None or age(born_on, today) >= ADULT


def link_version(organisation: str, purpose: Purpose, channel: Channel) -> str:
    """Write into a signed link what it withdraws; `organisation` is "" for the place itself."""
    return f"{organisation}:{purpose.value}:{channel.value}"


def read_link_version(version: str) -> tuple[str, Purpose, Channel]:
    """Read what a signed link withdraws.

    Raises:
        ValueError: it is none that `link_version` wrote.
    """
    organisation, purpose, channel = version.split(":")
    return organisation, Purpose(purpose), Channel(channel)
