"""Transitions: only what the table names."""

from enum import StrEnum

import pytest

from marketplace.errors import IllegalMove
from marketplace.moves import Moves


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    BRICKED_UP = "bricked_up"


MOVES = Moves(
    "door",
    {
        Door.OPEN: frozenset({Door.SHUT}),
        Door.SHUT: frozenset({Door.OPEN, Door.BRICKED_UP}),
    },
)


def test_a_listed_move_gives_the_new_state():
    assert MOVES.check(Door.OPEN, Door.SHUT) is Door.SHUT


@pytest.mark.parametrize("then", list(Door))
def test_nothing_follows_a_final_state(then: Door):
    with pytest.raises(IllegalMove):
        MOVES.check(Door.BRICKED_UP, then)


def test_staying_put_is_no_move():
    assert not MOVES.allows(Door.OPEN, Door.OPEN)


def test_the_refusal_speaks_of_the_thing_in_words():
    with pytest.raises(IllegalMove, match="This door is open and cannot become bricked up"):
        MOVES.check(Door.OPEN, Door.BRICKED_UP)
