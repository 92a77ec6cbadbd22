"""What clears what, and on which day: pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.credentials.rules import (
    Body,
    Check,
    Held,
    Kind,
    Need,
    Outcome,
    Rung,
    Standing,
    Workforce,
    answers,
    check_dates,
    check_of,
    standing,
)
from marketplace.errors import Conflict
from marketplace.ids import new_id

TODAY = date(2026, 11, 22)
CHILDREN = Need(Kind.CHECK, Check.DBS_BARRED, Workforce.CHILDREN)


def held(
    check: Check | None = Check.DBS_BARRED,
    *,
    kind: Kind = Kind.CHECK,
    workforce: Workforce = Workforce.CHILDREN,
    until: date | None = TODAY,
    outcome: Outcome = Outcome.SATISFACTORY,
) -> Held:
    return Held(new_id(), kind, outcome, until, check, workforce)


def test_it_holds_through_its_last_day():
    assert standing([held()], CHILDREN, TODAY)[0] is Standing.CLEAR
    assert standing([held()], CHILDREN, TODAY + timedelta(days=1))[0] is Standing.EXPIRED
    assert standing([held(until=None)], CHILDREN, date(2099, 1, 1))[0] is Standing.CLEAR


def test_a_refusal_voids_what_was_seen_before_it_and_not_after():
    refused = held(outcome=Outcome.NOT_SATISFACTORY)
    assert standing([held(), refused], CHILDREN, TODAY)[0] is Standing.REFUSED
    assert standing([refused, held()], CHILDREN, TODAY)[0] is Standing.CLEAR


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (held(Check.DBS_ENHANCED), "no barred list"),
        (held(workforce=Workforce.ADULTS), "another workforce"),
        (held(Check.PVG), "another nation's body"),
        (held(None, kind=Kind.SAFEGUARDING), "training is no check"),
    ],
)
def test_what_does_not_answer(seen: Held, why: str):
    assert standing([seen], CHILDREN, TODAY)[0] is Standing.MISSING, why


def test_both_workforces_answer_one_and_any_check_answers_basic():
    assert answers(held(workforce=Workforce.BOTH), CHILDREN)
    assert not answers(held(), Need(Kind.CHECK, Check.DBS_BARRED, Workforce.BOTH))
    assert answers(held(Check.PVG), Need(Kind.CHECK, Check.DBS_BASIC, Workforce.CHILDREN))


@given(st.sampled_from(Check), st.sampled_from(Check), st.sampled_from(Workforce))
def test_a_lower_check_never_answers_a_higher_need(seen: Check, need: Check, who: Workforce):
    if answers(held(seen, workforce=who), Need(Kind.CHECK, need, who)):
        assert seen.rung >= need.rung
        assert need.rung is Rung.BASIC or seen.body is need.body


def test_each_body_names_each_of_its_rungs_once():
    assert [check_of(check.body, check.rung) for check in Check] == list(Check)
    assert check_of(Body.SCOTLAND, Rung.ENHANCED) is None
    assert check_of(Body.DBS, Rung.NONE) is None


def test_dates_that_cannot_be_are_refused_beside_their_field():
    with pytest.raises(Conflict) as ahead:
        check_dates(TODAY + timedelta(days=1), None, TODAY)
    with pytest.raises(Conflict) as gone:
        check_dates(TODAY, TODAY - timedelta(days=1), TODAY)
    assert (ahead.value.field, gone.value.field) == ("issued_on", "holds_until")
    check_dates(TODAY, TODAY, TODAY)
