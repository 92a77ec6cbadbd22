"""Mail about somebody who is out on their own and has not checked out."""

from typing import Any

from marketplace import clock
from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import coordinators, tell
from marketplace.signing import sign
from marketplace.volunteering.lone.operations import SAFE_LINK
from marketplace.volunteering.lone.queries import Out, out, place_leads, told
from marketplace.volunteering.lone.rules import Event


async def ask(entry: Entry) -> None:
    """Ask the volunteer whether they are safe."""
    found = await out(entry.subject_id)
    if found is not None and not found.settled:
        link = f"/lone/safe/{sign(SAFE_LINK, found.id)}"
        await tell(entry, [found.person_id], "lone/asked", out=found, link_safe=link)


async def missed(entry: Entry) -> None:
    """Tell the leader of the shift and the safeguarding leads, or else the coordinators."""
    found = await out(entry.subject_id)
    if found is not None and not found.settled:
        people = await told(found) or await coordinators(found.organisation_id)
        await tell(entry, people, "lone/missed", **_facts(found))


async def still_missed(entry: Entry) -> None:
    """Tell the place's leads."""
    found = await out(entry.subject_id)
    if found is not None and not found.settled:
        await tell(entry, await place_leads(), "lone/missed", **_facts(found))


async def safe(entry: Entry) -> None:
    """Tell those who were told before that all is well."""
    found = await out(entry.subject_id)
    if found is None or found.alerted_at is None:
        return
    people = await told(found) or await coordinators(found.organisation_id)
    more = await place_leads() if found.place_alerted_at else []
    await tell(entry, [*people, *more], "lone/safe", **_facts(found))


def _facts(found: Out) -> dict[str, Any]:
    came = f"checked in at {clock.time_words(found.in_at)}" if found.in_at else "never checked in"
    return {"out": found, "came": came, "path": f"/manage/lone/{found.id}"}


REACTIONS = [
    Reaction(Event.ASKED, "mail: are you safe", ask),
    Reaction(Event.MISSED, "mail: somebody has not checked out", missed),
    Reaction(Event.STILL_MISSED, "mail: somebody has still not checked out", still_missed),
    Reaction(Event.SAFE, "mail: somebody is safe", safe),
]
