"""What happens to opportunities when something happens to their organisation."""

from marketplace.audit import Entry, Reaction
from marketplace.organisations.rules import Event as Organisations
from marketplace.volunteering import listing
from marketplace.volunteering.moving_in import reactions as moving_in


async def refresh_listings_of(entry: Entry) -> None:
    """List or withdraw an organisation's opportunities, as its state now says."""
    await listing.refresh_organisation(entry.subject_id)


REACTIONS: list[Reaction] = [
    *moving_in.REACTIONS,
    *[
        Reaction(event, f"list opportunities as {event.value} says", refresh_listings_of)
        for event in (
            Organisations.APPROVED,
            Organisations.SUSPENDED,
            Organisations.REINSTATED,
            Organisations.CLOSED,
        )
    ],
]
