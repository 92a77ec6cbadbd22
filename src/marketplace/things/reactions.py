"""What happens to things when something happens to their organisation."""

from marketplace.audit import Entry, Reaction
from marketplace.organisations.rules import Event as Organisations
from marketplace.things import listing


async def refresh_listings_of(entry: Entry) -> None:
    """List or withdraw an organisation's things, as its state now says."""
    await listing.refresh_organisation(entry.subject_id)


REACTIONS: list[Reaction] = [
    Reaction(event, f"list things as {event.value} says", refresh_listings_of)
    for event in (
        Organisations.APPROVED,
        Organisations.SUSPENDED,
        Organisations.REINSTATED,
        Organisations.CLOSED,
    )
]
