"""Who gets which unit, against trying everything."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.things.planning import Claim, plan

START = datetime(2027, 1, 1, tzinfo=UTC)
UNITS = [UUID(int=number) for number in range(1, 4)]


def claim(number, first, length, unit=None, pinned=False):
    return Claim(
        UUID(int=100 + number),
        START + timedelta(days=first),
        START + timedelta(days=first + length),
        unit=unit,
        pinned=pinned,
    )


def works(claims, chosen):
    placed = [(c, c.unit if c.pinned else chosen[c.id]) for c in claims]
    return not any(
        one.id < other.id and unit == another and one.overlaps(other)
        for one, unit in placed
        for other, another in placed
    )


def by_trying_everything(units, claims):
    loose = [c for c in claims if not c.pinned]
    return any(
        works(claims, {c.id: unit for c, unit in zip(loose, chosen, strict=True)})
        for chosen in product(units, repeat=len(loose))
    )


loose_claims = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5)), max_size=6).map(
    lambda pairs: [claim(n, first, length) for n, (first, length) in enumerate(pairs)]
)
pinned_ends = st.tuples(*(st.integers(0, 6) for _ in UNITS))


@settings(max_examples=300, deadline=None)
@given(loose=loose_claims, ends=pinned_ends, number=st.integers(1, 3))
def test_a_plan_is_found_exactly_when_there_is_one(loose, ends, number):
    units = UNITS[:number]
    pinned = [
        claim(50 + n, -3, 3 + end, unit=unit, pinned=True)
        for n, (unit, end) in enumerate(zip(units, ends, strict=False))
        if end
    ]
    claims = [*pinned, *loose]
    found = plan(units, claims)
    assert (found is not None) == by_trying_everything(units, claims)
    if found is not None:
        assert set(found) == {c.id for c in loose}
        assert works(claims, found)


def test_what_is_pinned_in_the_future_is_planned_round():
    pinned = claim(1, 5, 5, unit=UNITS[0], pinned=True)
    short, long = claim(2, 0, 3), claim(3, 0, 8)
    found = plan(UNITS[:2], [pinned, long, short])
    assert found == {short.id: UNITS[0], long.id: UNITS[1]}


def test_everybody_keeps_their_unit_where_that_works():
    claims = [claim(n, n * 2, 2, unit=UNITS[n % 3]) for n in range(6)]
    assert plan(UNITS, claims) == {c.id: c.unit for c in claims}


def test_back_to_back_is_no_clash():
    assert plan(UNITS[:1], [claim(1, 0, 2), claim(2, 2, 2)]) is not None


def test_a_thousand_claims_are_planned_quickly():
    claims = [claim(n, n // 20, 1) for n in range(1000)]
    units = [UUID(int=n) for n in range(1, 21)]
    began = datetime.now(UTC)
    assert plan(units, claims) is not None
    assert datetime.now(UTC) - began < timedelta(seconds=5)
