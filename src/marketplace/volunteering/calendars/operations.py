"""Turning one's feed on, to another address, and off."""

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.volunteering.calendars.rules import Change


async def make(actor: Actor, *, once: Once | None = None) -> None:
    """Give the actor a feed, or a new address for theirs; the old one stops working at once.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    async with db.transaction(once):
        await db.execute(
            "INSERT INTO calendar_feed AS f (id, person_id, made_at) VALUES ({}, {}, {})"
            " ON CONFLICT (person_id) DO UPDATE SET version = f.version + 1, live = true,"
            " made_at = EXCLUDED.made_at",
            new_id(),
            person,
            clock.now(),
        )
        await audit.record(Change.MADE, "person", person, by=actor)


async def turn_off(actor: Actor, *, once: Once | None = None) -> None:
    """Stop the actor's feed; nothing happens where there is none.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    async with db.transaction(once):
        stopped = await db.execute(
            "UPDATE calendar_feed SET live = false, version = version + 1"
            " WHERE person_id = {} AND live",
            person,
        )
        if stopped:
            await audit.record(Change.TURNED_OFF, "person", person, by=actor)
