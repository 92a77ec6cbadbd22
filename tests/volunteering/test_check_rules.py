"""Which check a role may lawfully ask for: every combination, before and after the law changed."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.credentials.rules import Check, Rung, Workforce
from marketplace.errors import Conflict
from marketplace.volunteering.safeguarding.rulebook import notes, rules
from marketplace.volunteering.safeguarding.rules import (
    Advice,
    Duty,
    Frequency,
    Nation,
    Question,
    advise,
    allow,
)

NOW = date(2026, 11, 22)
LAST_DAY_OF_THE_EXEMPTION = date(2026, 8, 31)
FIRST_DAY_WITHOUT = date(2026, 9, 1)

questions = st.builds(
    Question,
    nation=st.sampled_from(Nation),
    workforce=st.sampled_from(Workforce),
    duties=st.frozensets(st.sampled_from(Duty), min_size=1),
    frequency=st.sampled_from(Frequency),
    supervised=st.booleans(),
)
days = st.dates(date(2025, 4, 1), date(2030, 1, 1))


def asked(
    *duties: Duty,
    workforce: Workforce = Workforce.CHILDREN,
    frequency: Frequency = Frequency.FREQUENTLY,
    supervised: bool = False,
    nation: Nation = Nation.ENGLAND,
    on: date = NOW,
) -> Advice:
    return advise(
        rules(), Question(nation, workforce, frozenset(duties), frequency, supervised), on
    )


def test_every_combination_of_one_duty_is_answered_with_a_source():
    for nation, workforce, duty, frequency, supervised in product(
        Nation, Workforce, Duty, Frequency, (True, False)
    ):
        advice = asked(
            duty, workforce=workforce, frequency=frequency, supervised=supervised, nation=nation
        )
        assert advice.grounds
        for ground in advice.grounds:
            assert ground.source.startswith("https://") and ground.because


@given(questions, days)
def test_nothing_above_basic_without_a_listed_ground(question: Question, on: date):
    advice = advise(rules(), question, on)
    if advice.rung > Rung.BASIC:
        for ground in advice.grounds:
            assert ground.rung is advice.rung and ground.holds(on)
            assert ground.duties & question.duties and question.nation in ground.nations
            # Only listed professions come to more than basic without children or adults at risk.
            assert question.workforce.parts or Duty.LISTED_PROFESSION in question.duties
    assert bool(advice.lists) is (advice.rung is Rung.BARRED)


@given(questions, days)
def test_several_duties_count_by_the_one_that_asks_for_most(question: Question, on: date):
    each = [
        advise(
            rules(),
            Question(
                question.nation,
                question.workforce,
                frozenset({duty}),
                question.frequency,
                question.supervised,
            ),
            on,
        ).rung
        for duty in question.duties
    ]
    assert advise(rules(), question, on).rung is max(each)


@given(questions, days, st.sampled_from(Check))
def test_what_may_be_recorded_is_never_more_than_the_advice(
    question: Question, on: date, chosen: Check
):
    advice = advise(rules(), question, on)
    lawful = chosen.body is advice.body and chosen.rung <= max(advice.rung, Rung.BASIC)
    if chosen is Check.LEVEL_2:
        lawful = lawful and Duty.LISTED_PROFESSION in question.duties
    if lawful:
        assert allow(advice, chosen) is chosen
    else:
        with pytest.raises(Conflict) as refused:
            allow(advice, chosen)
        assert refused.value.field == "level"


@given(questions, days)
def test_basic_and_no_check_are_always_open(question: Question, on: date):
    advice = advise(rules(), question, on)
    assert allow(advice, None) is None
    assert advice.choices[0].rung is Rung.BASIC


@pytest.mark.parametrize("nation", [Nation.ENGLAND, Nation.WALES])
@pytest.mark.parametrize("duty", [Duty.TEACH, Duty.CARE, Duty.ADVISE, Duty.DRIVE])
def test_the_supervision_exemption_ended_on_1_september_2026(nation: Nation, duty: Duty):
    before = asked(duty, supervised=True, nation=nation, on=LAST_DAY_OF_THE_EXEMPTION)
    after = asked(duty, supervised=True, nation=nation, on=FIRST_DAY_WITHOUT)
    assert (before.rung, after.rung) == (Rung.ENHANCED, Rung.BARRED)
    unsupervised = asked(duty, nation=nation, on=LAST_DAY_OF_THE_EXEMPTION)
    assert unsupervised.rung is Rung.BARRED


def test_northern_ireland_keeps_the_exemption_and_is_told_to_ask():
    advice = asked(Duty.TEACH, supervised=True, nation=Nation.NORTHERN_IRELAND)
    assert advice.check is Check.NI_ENHANCED
    assert not advice.confirmed


def test_once_is_not_regulated_but_overnight_is():
    assert asked(Duty.CARE, frequency=Frequency.ONCE).check is Check.DBS_BASIC
    assert asked(Duty.CARE, frequency=Frequency.OVERNIGHT).check is Check.DBS_BARRED
    assert asked(Duty.PERSONAL_CARE, frequency=Frequency.ONCE).check is Check.DBS_BARRED


def test_the_lists_are_those_of_the_workforces_that_are_regulated():
    both = asked(Duty.TEACH, workforce=Workforce.BOTH)
    assert both.lists == {Workforce.CHILDREN}
    assert both.label == "Enhanced DBS check with the children’s barred list"
    care = asked(Duty.PERSONAL_CARE, workforce=Workforce.BOTH)
    assert care.label == "Enhanced DBS check with the children’s and adults’ barred lists"


def test_scotland_speaks_of_levels_and_the_pvg_scheme():
    teach = asked(Duty.TEACH, nation=Nation.SCOTLAND, supervised=True, frequency=Frequency.ONCE)
    assert teach.label == "PVG scheme membership (children)"
    assert [check.rung for check in teach.choices] == [Rung.BASIC, Rung.BARRED]
    stall = asked(Duty.MONEY, workforce=Workforce.NEITHER, nation=Nation.SCOTLAND)
    assert stall.label == "Level 1 disclosure"


def test_a_gardener_needs_none_and_a_treasurer_basic():
    assert asked(Duty.OTHER, workforce=Workforce.NEITHER).check is None
    assert asked(Duty.MONEY, workforce=Workforce.NEITHER).check is Check.DBS_BASIC


def test_a_day_before_the_rows_is_refused_rather_than_guessed():
    with pytest.raises(Conflict):
        asked(Duty.OTHER, nation=Nation.SCOTLAND, on=date(2025, 3, 31))


def test_rows_are_named_once_and_say_where_and_when_they_were_read():
    keys = [rule.key for rule in rules()]
    assert len(keys) == len(set(keys))
    for rule in rules():
        assert rule.valid_to is None or rule.valid_from < rule.valid_to
        assert rule.checked_on <= NOW and rule.source_name
    assert all(note.source.startswith("https://") for note in notes())


def test_days_elsewhere_are_said_to_count_with_the_words_of_the_act():
    """The page judges a role: nobody is told here what somebody does for others."""
    said = [note for note in notes() if "days elsewhere" in note.text]
    assert [note.nations for note in said] == [frozenset({Nation.ENGLAND, Nation.WALES})]
    assert "legislation.gov.uk/ukpga/2006/47/schedule/4" in said[0].source
