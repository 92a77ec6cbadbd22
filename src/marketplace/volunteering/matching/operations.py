"""Saying when one is free."""

from collections.abc import Sequence

from marketplace import clock, db
from marketplace.db import Once
from marketplace.ids import new_id
from marketplace.permissions import Actor


async def say(
    actor: Actor,
    *,
    free: Sequence[str],
    miles: int,
    needs: Sequence[str],
    once: Once | None = None,
) -> None:
    """Keep what the actor says about their time, how far they go and what they need.

    It is theirs alone, so history does not tell of it.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    async with db.transaction(once):
        await db.execute(
            "INSERT INTO availability (id, person_id, free, miles, needs, changed_at)"
            " VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (person_id) DO UPDATE SET"
            " free = excluded.free, miles = excluded.miles, needs = excluded.needs,"
            " changed_at = excluded.changed_at",
            new_id(),
            person,
            list(free),
            miles,
            list(needs),
            clock.now(),
        )
