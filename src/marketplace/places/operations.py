"""Verbs of places."""

from marketplace import db
from marketplace.places.seed import seed_statements


async def seed_places() -> None:
    """Put the shipped areas and outward codes there again; what is there already stays."""
    async with db.transaction():
        for statement in seed_statements():
            await db.connection().execute(statement)
