"""What the worker can do: the reactions and schedules that the features declare."""

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from marketplace.audit import Reaction
from marketplace.schedules import Schedule
from marketplace.worker.housekeeping import SCHEDULES

_FEATURES = ("accounts", "organisations", "volunteering", "search")


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
    reactions: list[Reaction] = []
    schedules: list[Schedule] = [*SCHEDULES]
    for module in (_module("notifications"), *(_module(f, "reactions") for f in _FEATURES)):
        reactions += getattr(module, "REACTIONS", [])
    for feature in _FEATURES:
        schedules += getattr(_module(feature, "schedules"), "SCHEDULES", [])
    return Registry(reactions, schedules)


def _module(feature: str, room: str | None = None) -> Any:
    name = f"marketplace.{feature}"
    if find_spec(name) is None:
        return None
    if room is None:
        return import_module(name)
    return import_module(f"{name}.{room}") if find_spec(f"{name}.{room}") else None
