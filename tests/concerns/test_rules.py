"""Codes, states and addresses of concerns."""

import itertools

import pytest

from marketplace import addresses
from marketplace.concerns.rules import CONCERN_MOVES, State, code_hash, code_of
from marketplace.ids import new_id

LEGAL = {
    (State.NEW, State.SEEN),
    (State.NEW, State.IN_HAND),
    (State.NEW, State.CLOSED),
    (State.SEEN, State.IN_HAND),
    (State.SEEN, State.CLOSED),
    (State.IN_HAND, State.CLOSED),
    (State.CLOSED, State.IN_HAND),
}


@pytest.mark.parametrize("pair", list(itertools.product(State, State)))
def test_every_move(pair):
    assert CONCERN_MOVES.allows(*pair) is (pair in LEGAL)


def test_a_code_is_the_same_for_the_same_form_and_another_for_another():
    assert code_of("a", "secret") == code_of("a", "secret")
    assert len({code_of("a", "secret"), code_of("b", "secret"), code_of("a", "other")}) == 3


def test_a_code_is_known_however_it_is_typed():
    assert code_hash("10ab-cdef-0000-1111") == code_hash(" LOAB cdef oooo IIl1 ")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", "/"),
        ("/opportunities", "/opportunities"),
        ("/bookings/cancel/WyJhIl0.aBc", "/bookings/cancel"),
        ("/invitations/W.x/answer", "/invitations"),
        ("/search?q=Joe", "/search"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_no_token_of_a_link_is_kept(path, kept):
    assert addresses.plain(path) == kept


def test_ids_are_kept():
    id = new_id()
    assert addresses.plain(f"/opportunities/{id}") == f"/opportunities/{id}"
    assert addresses.ids(f"/opportunities/{id}") == [id]
