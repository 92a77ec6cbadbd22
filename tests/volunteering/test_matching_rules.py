"""How well something suits somebody, without a database."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.volunteering.matching.rules import (
    METRES_A_MILE,
    SLOTS,
    Offering,
    Term,
    Wish,
    score,
    sentence,
    slots,
    terms,
)
from marketplace.volunteering.opportunities.rules import NEEDS

_skills = st.frozensets(st.sampled_from(["first-aid", "driving", "cooking", "web"]))
_causes = st.frozensets(st.sampled_from(["animal-welfare", "health", "heritage"]))
_tags = st.frozensets(st.sampled_from(["skill:first-aid", "skill:cooking", "cause:health", *NEEDS]))
wishes = st.builds(
    Wish,
    miles=st.integers(1, 50),
    free=st.frozensets(st.sampled_from(SLOTS)),
    skills=_skills,
    causes=_causes,
    needs=st.frozensets(st.sampled_from(list(NEEDS))),
)
offerings = st.builds(
    Offering,
    metres=st.none() | st.floats(0, 100_000),
    remote=st.booleans(),
    own_time=st.booleans(),
    tags=_tags,
    shifts=st.lists(st.frozensets(st.sampled_from(SLOTS), min_size=1, max_size=2), max_size=3),
    connections=st.integers(0, 50),
)


def points(wish, offering):
    return score(terms(wish, offering))


@given(wishes, offerings, st.floats(0, 100_000), st.floats(0, 100_000))
def test_nearer_is_never_worse(wish, offering, one, other):
    near, far = sorted((one, other))
    assert points(wish, replace(offering, metres=near)) >= points(
        wish, replace(offering, metres=far)
    )


@given(wishes, offerings, st.integers(0, 50), st.integers(0, 50))
def test_whoever_more_came_forward_for_is_never_higher(wish, offering, one, other):
    few, many = sorted((one, other))
    assert points(wish, replace(offering, connections=few)) >= points(
        wish, replace(offering, connections=many)
    )


@given(wishes, offerings, st.sampled_from(SLOTS))
def test_being_free_more_often_never_lowers_anything(wish, offering, slot):
    assert points(replace(wish, free=wish.free | {slot}), offering) >= points(wish, offering)


@given(wishes, offerings, st.sampled_from(["skill:first-aid", "cause:health", *NEEDS]))
def test_saying_more_about_itself_never_lowers_an_opportunity(wish, offering, tag):
    assert points(wish, replace(offering, tags=offering.tags | {tag})) >= points(wish, offering)


@given(wishes, offerings)
def test_no_point_is_without_words(wish, offering):
    found = terms(wish, offering)
    assert all(term.words for term in found if term.points)
    said = sentence(found)
    assert all(term.words.casefold() in said.casefold() for term in found)


def test_the_sentence_is_made_of_the_terms():
    wish = Wish(free=frozenset({"tue-evening"}), skills=frozenset({"first-aid"}), needs=frozenset())
    offering = Offering(
        metres=1.2 * METRES_A_MILE,
        tags=frozenset({"skill:first-aid"}),
        shifts=[frozenset({"tue-evening"})],
        connections=1,
    )
    assert sentence(terms(wish, offering)) == (
        "1.2 miles away, on your free Tuesdays, wants first aid, one person has come forward lately"
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2027-03-02 18:30", "2027-03-02 20:00", {"tue-evening"}),
        ("2027-03-02 10:00", "2027-03-02 13:00", {"tue-morning", "tue-afternoon"}),
        ("2027-03-02 09:00", "2027-03-02 12:15", {"tue-morning"}),
        ("2027-03-02 11:50", "2027-03-02 12:10", {"tue-morning"}),
        ("2027-03-06 22:00", "2027-03-07 06:00", {"sat-evening", "sun-morning"}),
    ],
)
def test_a_shift_takes_the_parts_of_the_days_it_lies_in(start, end, expected):
    assert slots(datetime.fromisoformat(start), datetime.fromisoformat(end)) == expected


def test_terms_that_say_and_weigh_nothing_are_left_out():
    assert Term(0.0, "") not in terms(Wish(), Offering())
