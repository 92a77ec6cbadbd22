"""What happens to funds when something happens to their organisation."""

from marketplace.audit import Entry, Reaction
from marketplace.grants import listing
from marketplace.organisations.rules import Event as Organisations


async def refresh_listings_of(entry: Entry) -> None:
    """List or withdraw an organisation's funds, as its state now says."""
    await listing.refresh_organisation(entry.subject_id)


REACTIONS: list[Reaction] = [
    Reaction(event, f"list funds as {event.value} says", refresh_listings_of)
    for event in (
        Organisations.APPROVED,
        Organisations.SUSPENDED,
        Organisations.REINSTATED,
        Organisations.CLOSED,
    )
]
