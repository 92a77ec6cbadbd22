"""Points, means, places and ties: no database."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import Conflict, IllegalMove
from marketplace.grants.assessment import rules
from marketplace.grants.assessment.rules import Criterion, Nature, Points
from marketplace.grants.rules import AssessmentState, RoundState
from marketplace.ids import new_id

NEED = Criterion(new_id(), "Need", "", 1, 5)
PLAN = Criterion(new_id(), "Plan", "", 2, 5)
BOTH = [NEED, PLAN]


def sheet(need: int | None, plan: int | None):
    return {
        NEED.id: Points(need, need is None, "why"),
        PLAN.id: Points(plan, plan is None, "why"),
    }


def test_a_share_counts_each_criterion_by_its_weight():
    assert rules.share(BOTH, sheet(5, 0)) == Fraction(5, 15)
    assert rules.share(BOTH, sheet(0, 5)) == Fraction(10, 15)


def test_what_somebody_abstains_from_counts_neither_for_nor_against():
    assert rules.share(BOTH, sheet(None, 4)) == Fraction(8, 10)
    assert rules.share(BOTH, sheet(0, 4)) == Fraction(8, 15)
    assert rules.share(BOTH, sheet(None, None)) is None


def test_nought_is_a_judgement():
    assert rules.share(BOTH, sheet(0, 0)) == 0


def test_a_mean_leaves_out_those_who_gave_no_points():
    assert rules.mean([Fraction(1, 2), None, Fraction(1)]) == Fraction(3, 4)
    assert rules.mean([None]) is None
    assert rules.mean([]) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=8))
def test_a_mean_lies_between_the_least_and_the_most(points):
    shares = [rules.share(BOTH, sheet(*each)) for each in points]
    found = rules.mean(shares)
    assert found is not None
    assert min(shares) <= found <= max(shares)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (Fraction(0), "0%"),
        (Fraction(1), "100%"),
        (Fraction(1, 3), "33.3%"),
        (Fraction(2, 3), "66.7%"),
        (Fraction(1, 2000), "0.1%"),
        (Fraction(725, 1000), "72.5%"),
    ],
)
def test_shares_are_written_with_one_decimal(value, words):
    assert rules.percent(value) == words


def test_equals_share_a_place_and_the_next_is_after_both():
    a, b, c, d = (new_id() for _ in range(4))
    half, third = Fraction(1, 2), Fraction(1, 3)
    assert rules.places({a: half, b: half, c: third, d: None}) == {a: 1, b: 1, c: 3, d: None}


def test_assessors_who_agree_raise_no_flag():
    assert rules.divergence(BOTH, [sheet(3, 3), sheet(4, 3)]) == []
    assert rules.divergence(BOTH, [sheet(5, 5)]) == []
    assert rules.divergence(BOTH, [sheet(5, 5), sheet(None, None)]) == []


def test_assessors_far_apart_are_flagged_overall_and_where():
    flags = rules.divergence(BOTH, [sheet(0, 1), sheet(5, 5)])
    assert flags == [
        "From 13.3% to 100% overall",
        "Need: from 0 to 5 of 5",
        "Plan: from 1 to 5 of 5",
    ]


def test_finishing_needs_points_or_an_abstention_everywhere_and_a_reason_for_points():
    assert rules.unfinished(BOTH, sheet(3, None)) == {}
    lacks = rules.unfinished(BOTH, {NEED.id: Points(3)})
    assert list(lacks) == [f"reason-{NEED.id}", f"points-{PLAN.id}"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (Points(0), True),
        (Points(5), True),
        (Points(6), False),
        (Points(-1), False),
        (Points(None, True), True),
        (Points(3, True), False),
        (Points(3, False, "x" * 2001), False),
    ],
)
def test_points_lie_between_nought_and_most(given, kept):
    assert (rules.points_problem(NEED, given) is None) is kept


def test_a_round_opens_to_its_assessors_after_the_deadline_and_a_moment():
    now = datetime(2027, 3, 4, 12, tzinfo=UTC)
    assert not rules.may_start(RoundState.PUBLISHED, now, now)
    assert rules.may_start(RoundState.PUBLISHED, now - rules.SETTLING, now)
    assert not rules.may_start(RoundState.PUBLISHED, now + timedelta(days=1), now)
    for state in RoundState:
        if state is not RoundState.PUBLISHED:
            assert not rules.may_start(state, now - timedelta(days=1), now)


def test_a_tie_is_one_of_those_we_offer_or_none():
    assert rules.nature_of("none") is None
    assert rules.nature_of("family") is Nature.FAMILY
    for text in ("", "yes", "NONE"):
        with pytest.raises(Conflict) as refused:
            rules.nature_of(text)
        assert refused.value.field == "tie"


@pytest.mark.parametrize("now", AssessmentState)
@pytest.mark.parametrize("then", AssessmentState)
def test_assessments_go_back_and_forth_and_never_stay(now, then):
    if now is then:
        with pytest.raises(IllegalMove):
            rules.ASSESSMENT_MOVES.check(now, then)
    else:
        assert rules.ASSESSMENT_MOVES.check(now, then) is then
