"""Mail about borrowing: to whoever reserved, has, or gave back a thing."""

from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import tell
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


async def _tell(entry: Entry, found: ReservationView, template: str) -> None:
    await tell(entry, [found.person_id], template, loan=found)


REACTIONS = [
    Reaction(Event.RESERVATION_MADE, "mail: you reserved", reserved),
    Reaction(Event.RESERVATION_CANCELLED, "mail: you cancelled your reservation", given_back),
    Reaction(Event.RESERVATION_CANCELLED, "mail: your reservation is cancelled", called_off),
    Reaction(Event.LOAN_HANDED_OVER, "mail: you have it", handed_over),
    Reaction(Event.LOAN_RETURNED, "mail: you brought it back", returned),
]
