"""Signed links: a purpose, an id and a version, and nothing secret in them.

Links are made where mail is made (the worker), so that no queue or history row holds one.
`version` changes when the link must die: a password's, an invitation's, an address's version.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from itsdangerous import BadData, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer

from marketplace import settings
from marketplace.errors import MarketplaceError


class LinkExpired(MarketplaceError):
    """The link was real and is too old now."""


class LinkBroken(MarketplaceError):
    """The link was never ours, or was damaged on its way."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a link stands for."""

    id: UUID
    version: str


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.current().secret_key, salt=f"link:{purpose}")


def sign(purpose: str, id: UUID, version: str | int = "") -> str:
    """Make the token of a link."""
    return _serializer(purpose).dumps([id.hex, str(version)])


def unsign(purpose: str, token: str, *, within: timedelta) -> Signed:
    """Read the token of a link that is at most `within` old.

    Raises:
        LinkExpired: it is older.
        LinkBroken: it is not one of ours for this purpose.
    """
    try:
        id_hex, version = _serializer(purpose).loads(token, max_age=int(within.total_seconds()))
        return Signed(UUID(id_hex), str(version))
    except SignatureExpired as error:
        raise LinkExpired("This link has expired. Ask for a new one.") from error
    except (BadData, ValueError, TypeError) as error:
        raise LinkBroken(
            "This link is not complete. Copy the whole address from the message, or ask for"
            " a new one."
        ) from error


def sign_lasting(purpose: str, id: UUID, version: str | int = "") -> str:
    """Make a token without an age, the same each time: for an address that is shown again."""
    return _lasting(purpose).dumps([id.hex, str(version)])


def unsign_lasting(purpose: str, token: str) -> Signed:
    """Read such a token; only its version makes it die.

    Raises:
        LinkBroken: it is not one of ours for this purpose.
    """
    try:
        id_hex, version = _lasting(purpose).loads(token)
        return Signed(UUID(id_hex), str(version))
    except (BadData, ValueError, TypeError) as error:
        raise LinkBroken("This address is not complete. Copy all of it.") from error


def _lasting(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(settings.current().secret_key, salt=f"lasting:{purpose}")
