"""What every verb that frees places does next."""

from uuid import UUID

from marketplace import db


async def wake(shift_id: UUID) -> None:
    """Offer free places of a shift to those who wait; the caller holds the shift's lock."""
    db.require_transaction()
