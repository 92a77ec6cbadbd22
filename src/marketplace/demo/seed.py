"""Load the town: all of it in one transaction, or none of it."""

from marketplace import db


async def is_seeded() -> bool:
    """Tell whether the town is there; the marker was written with it."""
    return bool(
        await db.fetch_value("SELECT EXISTS (SELECT FROM history WHERE event = 'demo.seeded')")
    )


async def seed() -> None:
    """Build the town of today in an empty database."""
