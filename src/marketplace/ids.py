"""Identifiers: random enough not to be guessed, ordered by time so that indexes stay compact."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make a UUID version 7 (RFC 9562)."""
    return uuid7()
