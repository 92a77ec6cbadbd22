"""Mail about places that come free: to those who wait, and to those who choose among them."""

from typing import Any

from marketplace.accounts.queries import names
from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import coordinators, tell
from marketplace.offers import queries as offers
from marketplace.offers.rules import EntryState, Event, Mode
from marketplace.permissions import Actor
from marketplace.signing import sign
from marketplace.volunteering.waitlist import queries
from marketplace.volunteering.waitlist.operations import LINK_PURPOSE
from marketplace.volunteering.waitlist.queries import WaitingView
from marketplace.volunteering.waitlist.steps import SHIFT


async def _waiting(entry: Entry) -> WaitingView | None:
    """Read what an event is about, as things stand now; None where it is about no shift."""
    found = await offers.entry(entry.subject_id)
    if found is None or found.subject.type != SHIFT:
        return None
    return await queries.waiting(Actor(person_id=found.person_id), found.id)


async def offered(entry: Entry) -> None:
    """Ask somebody whether they take the place, by a link that needs no signing in."""
    waiting = await _waiting(entry)
    if waiting is not None and waiting.offered:
        path = f"/shift-offers/{sign(LINK_PURPOSE, waiting.id)}"
        await _tell(entry, waiting, "volunteering/place_offered", path=path)


async def run_out(entry: Entry) -> None:
    """Tell somebody who did not answer that the next is asked."""
    waiting = await _waiting(entry)
    if waiting is not None and waiting.state is EntryState.EXPIRED:
        await _tell(entry, waiting, "volunteering/offer_run_out")


async def over(entry: Entry) -> None:
    """Tell those who wait that the shift is called off; that it began they see themselves."""
    waiting = await _waiting(entry)
    if waiting is not None and waiting.entry.reason == "cancelled":
        await _tell(entry, waiting, "volunteering/waiting_over")


async def came_back(entry: Entry) -> None:
    """Tell those who chose somebody that they have to choose again."""
    waiting = await _waiting(entry)
    if waiting is None or waiting.entry.mode is not Mode.CHOOSE:
        return
    person = waiting.entry.person_id
    await tell(
        entry,
        await coordinators(waiting.entry.subject.organisation_id),
        "volunteering/offer_came_back",
        waiting=waiting,
        name=(await names([person]))[person],
        declined=waiting.state is EntryState.DECLINED,
        path=f"/manage/shifts/{waiting.shift_id}/waitlist",
    )


async def _tell(entry: Entry, waiting: WaitingView, template: str, **context: Any) -> None:
    await tell(entry, [waiting.entry.person_id], template, waiting=waiting, **context)


REACTIONS = [
    Reaction(Event.OFFERED, "mail: a place is free for you", offered),
    Reaction(Event.EXPIRED, "mail: the offer has run out", run_out),
    Reaction(Event.ENDED, "mail: the shift you wait for is called off", over),
    Reaction(Event.EXPIRED, "mail: whom you chose did not answer", came_back),
    Reaction(Event.DECLINED, "mail: whom you chose let it go", came_back),
]
