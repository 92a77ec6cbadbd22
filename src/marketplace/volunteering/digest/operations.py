"""Having each digest sent once, in pieces that can be stopped and begun again."""

from datetime import date
from uuid import UUID

from marketplace import audit, clock, db, logs, settings
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM
from marketplace.volunteering.digest import queries
from marketplace.volunteering.digest.queries import Wanting
from marketplace.volunteering.digest.rules import Event, due

_log = logs.get(__name__)


async def send_due() -> int:
    """Have this week's digests sent to who did not get theirs yet; gives how many.

    For a schedule, every few minutes of the day. Two workers may do this at once, and either may
    be stopped: each person is done in a transaction of their own, in which their row moves on to
    this day, which it can once, and the event that sends the mail is written.

    Raises:
        Exception: of the last person for whom it failed; the others were done all the same.
    """
    sent, last = 0, None
    failed: Exception | None = None
    while (day := due(clock.now(), settings.current().zone)) is not None:
        people = await queries.wanting(day, last)
        if not people:
            break
        for person in people:
            try:
                sent += await _think_of(person, day)
            except Exception as error:  # The others are not to go without for one.
                _log.warning("a digest failed", error=type(error).__name__)
                failed = error
        last = people[-1].person_id
    if failed is not None:
        raise failed
    return sent


async def _think_of(person: Wanting, day: date) -> bool:
    items = await queries.worth_telling(person.person_id, person.shown) if person.grown_up else []
    async with db.transaction():
        id = await _move_on(person.person_id, day, [item.id for item in items])
        if id is None or not items:
            return False
        await audit.record(
            Event.DUE,
            "digest",
            id,
            by=SYSTEM,
            data={"person": str(person.person_id), "day": day.isoformat()},
        )
    return True


async def _move_on(person_id: UUID, day: date, shown: list[UUID]) -> UUID | None:
    """Write that somebody was thought of for a day; None where somebody else did that.

    With nothing to show, what the last one showed stays, so that it is not told again.
    """
    return await db.fetch_value(
        "INSERT INTO digest AS d (id, person_id, day, sent_day, shown) VALUES ({}, {}, {}, {}, {})"
        " ON CONFLICT (person_id) DO UPDATE SET day = excluded.day,"
        " sent_day = coalesce(excluded.sent_day, d.sent_day),"
        " shown = CASE WHEN excluded.sent_day IS NULL THEN d.shown ELSE excluded.shown END"
        " WHERE d.day < excluded.day RETURNING d.id",
        new_id(),
        person_id,
        day,
        day if shown else None,
        shown,
    )
