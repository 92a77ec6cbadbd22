"""Leaving, and erasing somebody who asked for it by letter."""

import json
from uuid import UUID

from marketplace import clock, db, sealing
from marketplace.accounts import passwords, queries
from marketplace.accounts.leaving import steps
from marketplace.accounts.leaving.rules import FAREWELL_KEPT, SEALED, Event
from marketplace.accounts.leaving.steps import Part
from marketplace.audit import record
from marketplace.db import Once, again_on_deadlock
from marketplace.errors import Conflict, NotAllowed, NotFound
from marketplace.permissions import Actor, Permission
from marketplace.rate_limits import SIGN_IN_BY_ACCOUNT, count

__all__ = ["Part", "erase", "forget_farewells", "leave"]


async def leave(actor: Actor, *, password: str, once: Once | None = None) -> None:
    """End the actor's account and forget whose it was; twice is the same as once.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: the password is not theirs (names its field), or something stands in the way.
        TooMany: too many tries.
    """
    person = actor.require_person()
    found = await queries.credentials_of(person)
    if found is None:
        return
    await count(SIGN_IN_BY_ACCOUNT, found.email)
    right, _ = await passwords.verified(password, found.password_hash)
    if not right:
        raise Conflict("That is not your password", field="password")
    await _end(actor, person, once)


async def erase(actor: Actor, person_id: UUID, *, once: Once | None = None) -> None:
    """End the account of somebody who asked for it, for those who look after the place.

    Raises:
        NotFound: the actor may not, or there is no such person.
        NotAllowed: it is themselves: they leave like everybody else.
        Conflict: something stands in the way.
    """
    actor.require_to_know(Permission.SUSPEND_PEOPLE)
    if actor.is_self(person_id):
        raise NotAllowed("Leave by “Your account”, where you confirm it with your password.")
    if not await db.fetch_value("SELECT EXISTS (SELECT FROM person WHERE id = {})", person_id):
        raise NotFound("We cannot find that person.")
    await _end(actor, person_id, once)


@again_on_deadlock
async def _end(actor: Actor, person_id: UUID, once: Once | None) -> None:
    async with db.transaction(once):
        await steps.lock(person_id)
        person = await db.fetch_one(
            "SELECT name, email_typed AS email, unclaimed_since FROM person"
            " WHERE id = {} AND anonymised_at IS NULL",
            person_id,
        )
        if person is None:
            return
        if obstacles := await steps.obstacles(person_id):
            raise Conflict(obstacles[0].sentence)
        await steps.let_go(person_id)
        if person["email"] and person["unclaimed_since"] is None:
            letter = json.dumps({"name": person["name"], "email": person["email"]})
            await db.execute(
                "INSERT INTO farewell (id, sealed, at) VALUES ({}, {}, {})",
                person_id,
                sealing.seal(SEALED, letter),
                clock.now(),
            )
        await steps.erase(person_id)
        await record(Event.LEFT, "person", person_id, by=actor)


async def forget_farewells() -> int:
    """Delete addresses of last messages that could not be sent; gives how many."""
    return await db.execute("DELETE FROM farewell WHERE at <= {}", clock.now() - FAREWELL_KEPT)
