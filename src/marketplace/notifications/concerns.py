"""Mail about concerns says that one waits, and nothing of what it says or whom it is about."""

from uuid import UUID

from marketplace.audit import Entry, Reaction
from marketplace.concerns.queries import readers
from marketplace.concerns.rules import Event
from marketplace.notifications.telling import tell
from marketplace.organisations.safeguarding_leads.queries import administrators
from marketplace.organisations.safeguarding_leads.rules import Event as Leads


async def waits(entry: Entry) -> None:
    """Tell its readers; where nobody may read it, ask the administrators to name somebody."""
    people = await readers(entry.subject_id)
    if people:
        await tell(entry, people, "concerns/waits", path=f"/concerns/{entry.subject_id}")
    else:
        await tell(entry, await administrators(), "concerns/nobody", path="/admin/safeguarding")


async def named(entry: Entry) -> None:
    """Tell somebody that they hear of concerns from now on."""
    person = entry.data.get("person")
    await tell(entry, [UUID(person) if person else entry.subject_id], "concerns/named")


REACTIONS = [
    Reaction(Event.RAISED, "mail: a concern waits", waits),
    Reaction(Event.ADDED_TO, "mail: a concern was added to", waits),
    Reaction(Event.ESCALATED, "mail: nobody looked at a concern", waits),
    Reaction(Leads.NAMED, "mail: you are a safeguarding lead", named),
    Reaction(Leads.PLACE_NAMED, "mail: you are a safeguarding lead of the place", named),
]
