"""The parts somebody can have in safeguarding, and what happens to them."""

from enum import StrEnum


class Part(StrEnum):
    """Who hears of a concern in an organisation."""

    LEAD = "lead"
    DEPUTY = "deputy"


class Event(StrEnum):
    """What happens to them."""

    NAMED = "safeguarding_lead.named"
    REMOVED = "safeguarding_lead.removed"
    PLACE_NAMED = "place_lead.named"
    PLACE_REMOVED = "place_lead.removed"
