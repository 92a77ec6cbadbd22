"""What everybody shares who ends an account; each step needs the transaction of its verb."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.leaving.rules import Obstacle
from marketplace.accounts.queries import SOMEBODY_WHO_LEFT
from marketplace.permissions import Actor


async def _nothing(person_id: UUID) -> Sequence[Obstacle]:
    return ()


async def _no_lock(person_id: UUID) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Part:
    """What leaving means to one feature.

    `obstacles` are what the person has to mend before. `lock` takes the locks that `let_go` will
    need, in the order that holds everywhere. `let_go` gives back, withdraws and ends with the
    feature's own steps; its actor is the person, so that everything reads as if they had done
    each by themselves.
    """

    let_go: Callable[[Actor, UUID], Awaitable[None]]
    obstacles: Callable[[UUID], Awaitable[Sequence[Obstacle]]] = _nothing
    lock: Callable[[UUID], Awaitable[None]] = _no_lock


_parts: list[Part] = []


def set_parts(parts: Sequence[Part]) -> None:
    """Take what the app gathered from the features, in the order of their locks."""
    _parts[:] = parts


async def obstacles(person_id: UUID) -> list[Obstacle]:
    """List what stands in the way."""
    return [each for part in _parts for each in await part.obstacles(person_id)]


async def lock(person_id: UUID) -> None:
    """Hold what the person has, and then their own row: nothing new comes to be theirs."""
    db.require_transaction()
    for part in _parts:
        await part.lock(person_id)
    await db.execute("SELECT FROM person WHERE id = {} FOR UPDATE", person_id)


async def let_go(person_id: UUID) -> None:
    """Give back, withdraw and end all that the person has under way."""
    db.require_transaction()
    for part in _parts:
        await part.let_go(Actor(person_id=person_id), person_id)


async def end(person_id: UUID) -> bool:
    """Do all of it, for whoever nothing stands in the way of; tells whether they were there."""
    await lock(person_id)
    await let_go(person_id)
    return await erase(person_id)


async def erase(person_id: UUID) -> bool:
    """Empty what the account held, by the person's row; tells whether it was there.

    The database takes all the rest away with it (the triggers on `anonymised_at`), links in mail
    die with the version, and the sessions end.
    """
    db.require_transaction()
    return bool(
        await db.execute(
            "UPDATE person SET email = NULL, email_typed = NULL, name = {}, password_hash = NULL,"
            " postcode = '', point = NULL, skills = ARRAY[]::text[], causes = ARRAY[]::text[],"
            " onward = '', born_on = NULL, born_corrected_at = NULL, anonymised_at = {},"
            " credential_version = credential_version + 1"
            " WHERE id = {} AND anonymised_at IS NULL",
            SOMEBODY_WHO_LEFT,
            clock.now(),
            person_id,
        )
    )
