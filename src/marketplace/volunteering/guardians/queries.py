"""Reading what speaks against a booking."""

from marketplace.volunteering.eligibility.rules import Asking, Reason


async def reasons(asking: Asking) -> list[Reason]:
    """Give what stands in the way of this booking; empty when nothing does."""
    return []
