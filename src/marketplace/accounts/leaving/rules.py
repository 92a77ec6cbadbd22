"""What stands in the way of leaving, in words, and how long the last address is kept."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# If mail cannot be sent for as long, nobody waits for the last message any more.
FAREWELL_KEPT = timedelta(days=7)
SEALED = "farewell"


class Event(StrEnum):
    """What happens when somebody leaves; the subject is the person."""

    LEFT = "person.left"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something to mend before: `link` leads there, "" where only others can do it."""

    sentence: str
    link: str = ""
    link_label: str = ""
