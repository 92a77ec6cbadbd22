"""What happens in a queue, as steps of the transactions of those who own the subject.

Each locks the queue's row, so that two of them never see the same free place, nor give the same
number twice. The caller has locked its subject before: the subject, then its queue.
"""

from datetime import datetime
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.offers import queries
from marketplace.offers.queries import Entry, Subject
from marketplace.offers.rules import ENTRY_MOVES, EntryState, Event, Mode
from marketplace.offers.tables import OfferEntry
from marketplace.permissions import Actor

NO_SUCH = "We cannot find that offer."
_EVENTS = {
    EntryState.ACCEPTED: Event.ACCEPTED,
    EntryState.DECLINED: Event.DECLINED,
    EntryState.EXPIRED: Event.EXPIRED,
    EntryState.LEFT: Event.LEFT,
    EntryState.ENDED: Event.ENDED,
}


async def set_mode(actor: Actor, subject: Subject, mode: Mode) -> None:
    """Say who is offered what comes free; makes the queue where there is none."""
    await _queue(subject)
    if await queries.mode(subject.type, subject.id) is mode:
        return
    await db.execute(
        "UPDATE offer_queue SET mode = {} WHERE subject_type = {} AND subject_id = {}",
        mode.value,
        subject.type,
        subject.id,
    )
    await audit.record(
        Event.MODE_CHANGED,
        subject.type,
        subject.id,
        by=actor,
        organisation=subject.organisation_id,
        data={"mode": mode.value},
    )


async def join(actor: Actor, subject: Subject, person_id: UUID) -> UUID:
    """Put somebody at the end of a queue, and give the entry's id.

    Raises:
        Conflict: they are in it already.
    """
    queue = await _queue(subject)
    id = new_id()
    with db.clashes({"offer_entry_once": Conflict("You are on this list already.")}):
        await db.execute(
            "INSERT INTO offer_entry (id, queue_id, person_id, state, joined_at, place)"
            " SELECT {}, {}, {}, 'waiting', {}, coalesce(max(place), 0) + 1"
            " FROM offer_entry WHERE queue_id = {}",
            id,
            queue,
            person_id,
            clock.now(),
            queue,
        )
    await _record(actor, Event.JOINED, id, subject, person_id)
    return id


async def offer(actor: Actor, entry: Entry, expires_at: datetime) -> None:
    """Offer what is free to somebody who waits.

    Raises:
        IllegalMove: they do not wait any more.
    """
    now = await _locked(entry.id)
    ENTRY_MOVES.check(now.state, EntryState.OFFERED)
    await OfferEntry.update(
        {
            OfferEntry.state: EntryState.OFFERED,
            OfferEntry.offered_at: clock.now(),
            OfferEntry.expires_at: expires_at,
        }
    ).where(OfferEntry.id == entry.id)
    await _record(actor, Event.OFFERED, entry.id, entry.subject, entry.person_id)


async def close(actor: Actor, entry_id: UUID, state: EntryState, *, reason: str = "") -> Entry:
    """End an entry: accepted, declined, expired, left or ended; gives it as it was.

    Raises:
        NotFound: there is none.
        IllegalMove: it is not in a state from which this is possible.
    """
    before = await _locked(entry_id)
    ENTRY_MOVES.check(before.state, state)
    await OfferEntry.update(
        {
            OfferEntry.state: state,
            OfferEntry.closed_at: clock.now(),
            OfferEntry.reason: reason,
        }
    ).where(OfferEntry.id == entry_id)
    await _record(actor, _EVENTS[state], entry_id, before.subject, before.person_id)
    return before


async def expire(actor: Actor, subject: Subject) -> int:
    """Note the offers on a subject that have run out; gives how many."""
    now = clock.now()
    due = [
        entry
        for entry in await queries.live(subject.type, subject.id)
        if entry.state is not entry.state_at(now)
    ]
    for entry in due:
        await close(actor, entry.id, EntryState.EXPIRED)
    return len(due)


async def end(actor: Actor, subject: Subject, *, reason: str) -> int:
    """End all that waits for a subject; gives how many offers were outstanding."""
    ended = await queries.live(subject.type, subject.id)
    for entry in ended:
        await close(actor, entry.id, EntryState.ENDED, reason=reason)
    return sum(entry.state is EntryState.OFFERED for entry in ended)


async def _queue(subject: Subject) -> UUID:
    """Make the queue of a subject where there is none, and lock it."""
    db.require_transaction()
    await db.execute(
        "INSERT INTO offer_queue (id, subject_type, subject_id, organisation_id, mode)"
        " VALUES ({}, {}, {}, {}, 'first_come') ON CONFLICT DO NOTHING",
        new_id(),
        subject.type,
        subject.id,
        subject.organisation_id,
    )
    return await db.fetch_value(
        "SELECT id FROM offer_queue WHERE subject_type = {} AND subject_id = {} FOR NO KEY UPDATE",
        subject.type,
        subject.id,
    )


async def _locked(entry_id: UUID) -> Entry:
    """Lock the queue of an entry, and read the entry as it is then."""
    db.require_transaction()
    await db.execute(
        "SELECT FROM offer_queue q WHERE q.id ="
        " (SELECT queue_id FROM offer_entry WHERE id = {}) FOR NO KEY UPDATE",
        entry_id,
    )
    found = await queries.entry(entry_id)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


async def _record(
    actor: Actor, event: Event, entry_id: UUID, subject: Subject, person_id: UUID
) -> None:
    await audit.record(
        event,
        "offer",
        entry_id,
        by=actor,
        organisation=subject.organisation_id,
        data={"subject": str(subject.id), "of": subject.type, "person": str(person_id)},
    )
