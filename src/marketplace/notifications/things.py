"""Mail about borrowing: to whoever reserved, has, or gave back a thing."""

from zoneinfo import ZoneInfo

from marketplace import clock, db
from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import tell
from marketplace.things.reminders.rules import Event as Reminders
from marketplace.things.reminders.rules import Kind, still, words
from marketplace.things.reservations.queries import ReservationView, by_id
from marketplace.things.rules import CancelledBy, Event, ReservationState


async def reserved(entry: Entry) -> None:
    """Tell a borrower where and when to collect, and by when to return."""
    found = await by_id(entry.subject_id)
    if found is not None and found.state is ReservationState.RESERVED:
        await _tell(entry, found, "things/reserved")


async def given_back(entry: Entry) -> None:
    """Confirm to a borrower that they cancelled."""
    found = await by_id(entry.subject_id)
    if found is not None and found.cancelled_by is CancelledBy.BORROWER:
        await _tell(entry, found, "things/given_back")


async def called_off(entry: Entry) -> None:
    """Tell a borrower, with the reason, that the lender had to cancel."""
    found = await by_id(entry.subject_id)
    if found is not None and found.cancelled_by is CancelledBy.LENDER:
        await _tell(entry, found, "things/called_off")


async def handed_over(entry: Entry) -> None:
    """Tell a borrower which unit they have and by when to return it."""
    found = await by_id(entry.subject_id)
    if found is not None and found.state is ReservationState.OUT:
        await _tell(entry, found, "things/handed_over")


async def returned(entry: Entry) -> None:
    """Give a borrower a receipt: what came back, and how."""
    found = await by_id(entry.subject_id)
    if found is not None and found.state is ReservationState.RETURNED:
        await _tell(entry, found, "things/returned")


async def lost(entry: Entry) -> None:
    """Tell a borrower that their loan is over as lost, so that they can object."""
    found = await by_id(entry.subject_id)
    if found is not None and found.state is ReservationState.LOST:
        await _tell(entry, found, "things/lost")


async def lost_unit(entry: Entry) -> None:
    """Tell a borrower that none is left for their days, and that the lender decides."""
    found = await by_id(entry.subject_id)
    if found is not None and _waits(found) and found.unplaced:
        await _tell(entry, found, "things/lost_unit")


async def found_unit(entry: Entry) -> None:
    """Tell a borrower who was told the bad news that there is one for them after all."""
    found = await by_id(entry.subject_id)
    if found is None or not _waits(found) or found.unplaced:
        return
    # Where the bad news never went, because it was over before, the good news would only puzzle.
    last = await db.fetch_value(
        "SELECT d.template FROM history h JOIN delivery d ON d.key = h.id::text ||"
        " CASE h.event WHEN {} THEN ':things/lost_unit:' ELSE ':things/found_unit:' END || {}"
        " WHERE h.subject_type = 'reservation' AND h.subject_id = {} AND h.event IN ({}, {})"
        " ORDER BY h.seq DESC LIMIT 1",
        Event.UNIT_LOST.value,
        str(found.person_id),
        entry.subject_id,
        Event.UNIT_LOST.value,
        Event.UNIT_FOUND.value,
    )
    if last == "things/lost_unit":
        await _tell(entry, found, "things/found_unit")


def _waits(found: ReservationView) -> bool:
    return found.state is ReservationState.RESERVED and clock.now() < found.ends_at


async def reminded(entry: Entry) -> None:
    """Remind a borrower to collect, or to bring back, what they still have to."""
    found = await by_id(entry.subject_id)
    kind = Kind(entry.data["kind"])
    if found is None or found.unplaced or not still(kind, found.state):
        return
    said = words(kind, found.first_day, found.last_day, clock.now(), ZoneInfo(found.zone))
    await tell(entry, [found.person_id], "things/reminder", loan=found, kind=kind.value, said=said)


async def _tell(entry: Entry, found: ReservationView, template: str) -> None:
    await tell(entry, [found.person_id], template, loan=found)


REACTIONS = [
    Reaction(Event.RESERVATION_MADE, "mail: you reserved", reserved),
    Reaction(Event.RESERVATION_CANCELLED, "mail: you cancelled your reservation", given_back),
    Reaction(Event.RESERVATION_CANCELLED, "mail: your reservation is cancelled", called_off),
    Reaction(Event.UNIT_LOST, "mail: none is left for your days", lost_unit),
    Reaction(Event.UNIT_FOUND, "mail: there is one for you after all", found_unit),
    Reaction(Reminders.DUE, "mail: collect it, or bring it back", reminded),
    Reaction(Event.LOAN_HANDED_OVER, "mail: you have it", handed_over),
    Reaction(Event.LOAN_RETURNED, "mail: you brought it back", returned),
    Reaction(Event.LOAN_LOST, "mail: it is marked as lost", lost),
]
