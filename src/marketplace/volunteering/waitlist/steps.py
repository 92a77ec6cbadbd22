"""What every verb that frees or takes places does besides: whoever waits is asked first."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import clock, db
from marketplace.offers import queries as offers
from marketplace.offers import steps as queue
from marketplace.offers.queries import Entry, Subject
from marketplace.offers.rules import EntryState, Mode, expiry
from marketplace.permissions import SYSTEM, Actor

SHIFT = "shift"


async def wake(shift_id: UUID) -> int:
    """Offer free places of a shift to those who wait, in order; gives how many.

    The caller holds the shift's lock. Offers that have run out are passed on; when the shift has
    started or was cancelled, nobody waits any more. Where the organisation chooses, free places
    stay free until it does.
    """
    db.require_transaction()
    shift = await db.fetch_one(
        "SELECT s.places, s.taken, s.held, s.starts_at, s.zone, o.organisation_id, q.mode,"
        " s.state = 'planned' AS planned, o.state = 'open' AND g.state = 'approved' AS open"
        " FROM shift s JOIN opportunity o ON o.id = s.opportunity_id"
        " JOIN organisation g ON g.id = o.organisation_id"
        " JOIN offer_queue q ON q.subject_type = 'shift' AND q.subject_id = s.id"
        " WHERE s.id = {}",
        shift_id,
    )
    if shift is None:
        return 0
    subject, now = Subject(SHIFT, shift_id, shift["organisation_id"]), clock.now()
    if not shift["planned"] or shift["starts_at"] <= now:
        await let_go(
            shift_id,
            await queue.end(SYSTEM, subject, reason="started" if shift["planned"] else "cancelled"),
        )
        return 0
    run_out = await queue.expire(SYSTEM, subject)
    await let_go(shift_id, run_out)
    if not shift["open"] or shift["mode"] != Mode.FIRST_COME:
        return 0
    made = 0
    for _ in range(shift["places"] - shift["taken"] - shift["held"] + run_out):
        entry = await offers.first_waiting(SHIFT, shift_id)
        if entry is None or not await offer(SYSTEM, entry, shift["starts_at"], shift["zone"]):
            break
        made += 1
    return made


async def offer(actor: Actor, entry: Entry, starts_at: datetime, zone: str) -> bool:
    """Hold a free place of a locked shift for somebody; False where it starts too soon."""
    expires_at = expiry(clock.now(), starts_at, ZoneInfo(zone))
    if expires_at is None:
        return False
    await queue.offer(actor, entry, expires_at)
    await db.execute("UPDATE shift SET held = held + 1 WHERE id = {}", entry.subject.id)
    return True


async def let_go(shift_id: UUID, places: int) -> None:
    """Hold so many places fewer on a locked shift."""
    if places:
        await db.execute(
            "UPDATE shift SET held = greatest(held - {}, 0) WHERE id = {}", places, shift_id
        )


async def forget(actor: Actor, shift_id: UUID, person_id: UUID) -> None:
    """Take somebody who got a place another way off the list of a locked shift."""
    for entry in await offers.of_person(person_id, SHIFT, [shift_id]):
        if entry.state is EntryState.WAITING:
            await queue.close(actor, entry.id, EntryState.LEFT)


async def leave(actor: Actor, entry: Entry) -> None:
    """Take somebody off the list of a locked shift; a place kept for them goes to the next."""
    if entry.state is EntryState.WAITING:
        await queue.close(actor, entry.id, EntryState.LEFT)
    else:
        await decline(actor, entry)


async def decline(actor: Actor, entry: Entry, *, reason: str = "") -> None:
    """Let a place of a locked shift go that was kept for somebody: the next is asked."""
    await queue.close(actor, entry.id, EntryState.DECLINED, reason=reason)
    await let_go(entry.subject.id, 1)
    await wake(entry.subject.id)
