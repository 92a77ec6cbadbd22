"""Birth dates. Keeping one is a step, because what hangs on it is known to the features above."""

from datetime import date
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.ages import ADULT, age
from marketplace.accounts.rules import Event
from marketplace.audit import record
from marketplace.permissions import Actor


async def note(actor: Actor, person_id: UUID, born_on: date, *, correction: bool) -> None:
    """Keep a person's birth date; `correction` is their own one of an earlier date.

    History holds that it changed and who did it, never the date.
    """
    db.require_transaction()
    await db.execute("UPDATE person SET born_on = {} WHERE id = {}", born_on, person_id)
    if correction:
        await db.execute(
            "UPDATE person SET born_corrected_at = {} WHERE id = {}", clock.now(), person_id
        )
    await record(Event.BIRTH_DATE_CHANGED, "person", person_id, by=actor)


async def born(person_id: UUID) -> date | None:
    """Give somebody's birth date; None where they gave none."""
    return await db.fetch_value("SELECT born_on FROM person WHERE id = {}", person_id)


async def minor(person_id: UUID) -> bool:
    """Tell whether somebody said that they are under 18 today."""
    born_on = await born(person_id)
    return born_on is not None and age(born_on, clock.today()) < ADULT
