"""A table of legal transitions: the one place that says when something may change state."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from marketplace.errors import IllegalMove

State = TypeVar("State", bound=StrEnum)


class Moves(Generic[State]):
    """Hold which state may follow which; a state without an entry is final."""

    def __init__(self, noun: str, table: Mapping[State, frozenset[State]]) -> None:
        self.noun = noun
        self.table = table

    def allows(self, now: State, then: State) -> bool:
        """Tell whether `then` may follow `now`; staying put is not a move."""
        return then in self.table.get(now, frozenset())

    def check(self, now: State, then: State) -> State:
        """Return `then`, or refuse.

        Raises:
            IllegalMove: `then` may not follow `now`.
        """
        if not self.allows(now, then):
            raise IllegalMove(
                f"This {self.noun} is {words(now)} and cannot become {words(then)}."
                " Somebody may have changed it while this page was open."
            )
        return then

    def final(self, state: State) -> bool:
        """Tell whether nothing follows `state`."""
        return not self.table.get(state)


def words(state: StrEnum) -> str:
    """Write a state as people say it."""
    return state.value.replace("_", " ")
