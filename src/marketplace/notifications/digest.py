"""The weekly mail of what is new or short of people: only to those who agreed, with a way out."""

from datetime import date

from marketplace import clock, settings
from marketplace.accounts.consents.rules import Purpose
from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import tell_agreed
from marketplace.volunteering.digest.queries import letter
from marketplace.volunteering.digest.rules import Event

# Words for what would make the next one fit better, and where that is said.
ASKS = {
    "": ("", ""),
    "where": ("Tell us where you are, and the next mail starts with what is near", "profile"),
    "when": ("Tell us when you are free, and the next mail starts with that", "availability"),
    "what": ("Tell us what matters to you, and the next mail starts with that", "profile"),
}


async def weekly(entry: Entry) -> None:
    """Send one digest, unless its day is over or nothing of it stands any more."""
    day = date.fromisoformat(entry.data["day"])
    if day != clock.today(settings.current().zone):
        return
    found = await letter(entry.subject_id, day)
    if found is None:
        return
    words, page = ASKS[found.ask]
    await tell_agreed(
        entry,
        None,
        Purpose.DIGEST,
        [found.person_id],
        "digest/week",
        items=found.items,
        day=day,
        ask=words,
        ask_path=f"/account/{page}",
    )


REACTIONS = [Reaction(Event.DUE, "mail: what is new near you", weekly)]
