"""Mail about checks and training: what was seen, what runs out, and who asks to be looked at."""

from uuid import UUID

from marketplace.audit import Entry, Reaction
from marketplace.credentials.queries import CredentialView, by_id
from marketplace.credentials.rules import Event
from marketplace.notifications.telling import coordinators, tell
from marketplace.organisations.queries import organisation
from marketplace.permissions import SYSTEM
from marketplace.volunteering.safeguarding.clearance import not_clear
from marketplace.volunteering.safeguarding.queries import request
from marketplace.volunteering.safeguarding.rules import Event as Safeguarding


async def seen(entry: Entry) -> None:
    """Tell somebody what was written down about them, and where they see all of it."""
    found = await _standing(entry)
    if found is not None:
        await tell(entry, [found.person_id], "credentials/seen", held=found)


async def taken_back(entry: Entry) -> None:
    """Tell somebody that something does not count any more."""
    found = await by_id(entry.subject_id)
    if found is not None and found.revoked_at is not None:
        await tell(entry, [found.person_id], "credentials/taken_back", held=found)


async def running_out(entry: Entry) -> None:
    """Tell somebody that what they showed runs out."""
    found = await _standing(entry)
    if found is not None:
        await tell(entry, [found.person_id], "credentials/running_out", held=found)


async def running_out_here(entry: Entry) -> None:
    """Tell the coordinators whose credential runs out."""
    found = await _standing(entry)
    if found is not None:
        people = await _coordinators(found.organisation_id, but=found.person_id)
        await tell(entry, people, "credentials/running_out_here", held=found)


async def asked(entry: Entry) -> None:
    """Tell the coordinators that somebody waits to be looked at."""
    found = await request(entry.subject_id)
    if found is not None:
        people = await _coordinators(found.organisation_id, but=found.person_id)
        await tell(entry, people, "credentials/asked", request=found)


async def lapsing(entry: Entry) -> None:
    """Tell the coordinators which places are of people who will not be clear."""
    told = set(entry.data.get("bookings", []))
    places = [each for each in await not_clear(entry.subject_id) if str(each.booking_id) in told]
    if places:
        host = await organisation(SYSTEM, entry.subject_id)
        people = await _coordinators(entry.subject_id)
        await tell(
            entry,
            people,
            "credentials/lapsing",
            who="1 person has" if len(places) == 1 else f"{len(places)} people have",
            said="; ".join(
                f"{each.name}, {each.opportunity_title}, {each.period} ({each.lacks})"
                for each in places
            )
            + ".",
            organisation=host,
        )


async def _standing(entry: Entry) -> CredentialView | None:
    found = await by_id(entry.subject_id)
    return found if found is not None and found.revoked_at is None else None


async def _coordinators(organisation_id: UUID, *, but: UUID | None = None) -> list[UUID]:
    return [person for person in await coordinators(organisation_id) if person != but]


REACTIONS = [
    Reaction(Event.RECORDED, "mail: something of yours was seen", seen),
    Reaction(Event.REVOKED, "mail: something of yours was taken back", taken_back),
    Reaction(Event.EXPIRING, "mail: what you showed runs out", running_out),
    Reaction(Event.EXPIRING, "mail: what somebody showed runs out", running_out_here),
    Reaction(Safeguarding.ASKED, "mail: somebody asks to be looked at", asked),
    Reaction(Safeguarding.LAPSING, "mail: people who will not be clear", lapsing),
]
