"""Doing a thing once, however often the same form arrives.

The first statement of the transaction inserts the form's key. A second request with the same
key waits for the first one to end, and is then answered with the address the first one stored.
"""

from dataclasses import dataclass
from datetime import timedelta

from marketplace.db.raw import execute, fetch_one
from marketplace.errors import Conflict

KEPT = timedelta(hours=48)


@dataclass(slots=True)
class Once:
    """A form's key, a digest of what and who sent it, and the address that answers it.

    The fingerprint must cover the person, so that nobody is answered with another's address.
    """

    key: str
    fingerprint: str
    address: str
    stored: str | None = None

    def answer(self, address: str) -> None:
        """Store another address, known only inside the transaction, such as a new row's."""
        self.address = address


class Replayed(Exception):
    """The same form was done before: answer with `address`. Not an error."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


async def claim(once: Once) -> None:
    """Insert the key, waiting for another transaction that is inserting it.

    Raises:
        Replayed: it is there already, with the same content.
        Conflict: it is there already, with another content.
    """
    claimed = await fetch_one(
        "INSERT INTO idempotency_key (key, fingerprint, address) VALUES ({}, {}, {})"
        " ON CONFLICT (key) DO NOTHING RETURNING key",
        str(once.key),
        once.fingerprint,
        once.address,
    )
    if claimed is not None:
        once.stored = once.address
        return
    # A statement of its own: only a new snapshot sees the row that made the insert give way.
    earlier = await fetch_one(
        "SELECT fingerprint, address FROM idempotency_key WHERE key = {}", str(once.key)
    )
    if earlier is None or earlier["fingerprint"] != once.fingerprint:
        raise Conflict(
            "This form was sent before with other answers. Check what was saved, then open the"
            " form again to change it."
        )
    raise Replayed(earlier["address"])


async def settle(once: Once) -> None:
    """Store the address as it is at the end of the transaction, if it became another."""
    if once.address != once.stored:
        await execute(
            "UPDATE idempotency_key SET address = {} WHERE key = {}", once.address, str(once.key)
        )


async def forget_old_keys() -> int:
    """Delete keys older than 48 hours, for a schedule; says how many."""
    return await execute(
        "DELETE FROM idempotency_key WHERE created_at < now() - {}::interval", KEPT
    )
