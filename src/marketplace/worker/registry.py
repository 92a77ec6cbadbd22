"""What the worker can do: the reactions and schedules that the features declare."""

from collections.abc import Iterable

from marketplace import notifications
from marketplace.audit import Reaction
from marketplace.concerns import schedules as concerns
from marketplace.credentials import schedules as credentials
from marketplace.files import schedules as files
from marketplace.grants import reactions as grants
from marketplace.grants import schedules as grants_schedules
from marketplace.messages.operations import set_copies
from marketplace.schedules import Schedule
from marketplace.things import reactions as things
from marketplace.things import schedules as things_schedules
from marketplace.volunteering import reactions as volunteering
from marketplace.volunteering import schedules as volunteering_schedules
from marketplace.volunteering.guardians.adults import copies
from marketplace.worker import housekeeping


class Registry:
    """Reactions and schedules, found by name; a name is used once, because jobs carry it."""

    def __init__(self, reactions: Iterable[Reaction], schedules: Iterable[Schedule]) -> None:
        self.reactions: dict[str, Reaction] = {}
        self.schedules: dict[str, Schedule] = {}
        for reaction in reactions:
            if reaction.name in self.reactions:
                raise ValueError(f"Two reactions are called {reaction.name!r}.")
            self.reactions[reaction.name] = reaction
        for schedule in schedules:
            if schedule.name in self.schedules:
                raise ValueError(f"Two schedules are called {schedule.name!r}.")
            self.schedules[schedule.name] = schedule

    def caused_by(self, event: str) -> list[str]:
        """Name the reactions to an event."""
        return [name for name, found in self.reactions.items() if found.event.value == event]


def gather() -> Registry:
    """Gather what notifications and the features declare, and our own housekeeping."""
    set_copies(copies)
    return Registry(
        reactions=[
            *notifications.REACTIONS,
            *volunteering.REACTIONS,
            *things.REACTIONS,
            *grants.REACTIONS,
        ],
        schedules=[
            *housekeeping.SCHEDULES,
            *files.SCHEDULES,
            *credentials.SCHEDULES,
            *concerns.SCHEDULES,
            *volunteering_schedules.SCHEDULES,
            *things_schedules.SCHEDULES,
            *grants_schedules.SCHEDULES,
        ],
    )
