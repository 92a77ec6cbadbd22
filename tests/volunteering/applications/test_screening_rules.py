"""What a rule may decide by, how the rules decide, and what stands in the way: pure."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest

from marketplace.questions.rules import Asked, Kind
from marketplace.volunteering.applications.rules import (
    MOVES,
    ApplicationState,
    Compare,
    Effect,
    Outcome,
    References,
    Rule,
    Standing,
    holds,
    judge,
    may_rule,
    misnamed,
    months_later,
    protected,
    why_not,
)

NOW = datetime(2027, 3, 4, 12, tzinfo=UTC)
LIFT = Asked(uuid4(), Kind.YES_NO, "Can you lift 10 kg?")
YEARS = Asked(uuid4(), Kind.NUMBER, "How many years have you driven?")
DAYS = Asked(uuid4(), Kind.CHOICES, "Which days?", options=("Saturday", "Sunday"))
ASKED = {each.id: each for each in (LIFT, YEARS, DAYS)}


def a_rule(
    asked: Asked, effect: Effect, value: str, test: Compare = Compare.IS, reason: str = ""
) -> Rule:
    return Rule(uuid4(), asked.id, effect, test, value, reason)


@pytest.mark.parametrize(
    ("now", "then"), list(product(ApplicationState, ApplicationState)), ids=str
)
def test_moves(now: ApplicationState, then: ApplicationState):
    state = ApplicationState
    legal = {
        (state.DRAFT, state.SUBMITTED),
        (state.SUBMITTED, state.APPROVED),
        (state.SUBMITTED, state.DECLINED),
        (state.SUBMITTED, state.WITHDRAWN),
        (state.APPROVED, state.DECLINED),
        (state.DECLINED, state.SUBMITTED),
        (state.DECLINED, state.APPROVED),
    }
    assert MOVES.allows(now, then) is ((now, then) in legal)


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.LINE, Kind.DATE, Kind.MONEY])
def test_no_rule_reads_what_somebody_wrote(kind: Kind):
    assert may_rule(Asked(uuid4(), kind, "Why do you want to help?"))


@pytest.mark.parametrize(
    "label",
    [
        "How old are you?",
        "What is your date of birth?",
        "Are you disabled?",
        "Do you have a health condition?",
        "What is your religion?",
        "Your nationality",
        "Are you pregnant?",
        "Are you married?",
        "Your ETHNICITY",
        "Sexual orientation",
        "Are you a man or a woman?",
    ],
)
def test_no_rule_decides_by_what_the_equality_act_protects(label: str):
    assert protected(Asked(uuid4(), Kind.YES_NO, label))
    assert "No rule may decide" in (may_rule(Asked(uuid4(), Kind.YES_NO, label)) or "")


def test_an_option_may_name_a_protected_characteristic_too():
    asked = Asked(uuid4(), Kind.CHOICE, "Which group?", options=("Women", "Muslim", "Other"))
    assert protected(asked) == "Women"


@pytest.mark.parametrize(
    ("asked", "test", "value", "answer", "held"),
    [
        (LIFT, Compare.IS, "no", "no", True),
        (LIFT, Compare.IS, "no", "yes", False),
        (LIFT, Compare.IS, "no", "", False),
        (YEARS, Compare.AT_LEAST, "2", "2", True),
        (YEARS, Compare.AT_LEAST, "2", "1", False),
        (YEARS, Compare.AT_MOST, "2", "3", False),
        (YEARS, Compare.AT_MOST, "2", "", False),
        (YEARS, Compare.AT_LEAST, "1000", "1,000", True),
        (DAYS, Compare.CONTAINS, "Sunday", "Saturday\nSunday", True),
        (DAYS, Compare.CONTAINS, "Sun", "Saturday\nSunday", False),
    ],
)
def test_a_rule_reads_an_answer(asked: Asked, test: Compare, value: str, answer: str, held: bool):
    assert holds(a_rule(asked, Effect.BLOCK, value, test), answer) is held


def test_one_rule_that_blocks_is_enough_and_says_why():
    rules = [
        a_rule(LIFT, Effect.BLOCK, "no", reason="You would carry boxes."),
        a_rule(YEARS, Effect.APPROVE, "2", Compare.AT_LEAST),
    ]
    verdict = judge(rules, ASKED, {LIFT.id: "no", YEARS.id: "9"}, References())
    assert verdict.outcome is Outcome.DECLINED
    assert verdict.reason == "You would carry boxes."
    assert [(step.rule, step.held) for step in verdict.trace] == [
        ("“Can you lift 10 kg?” is “No”", True),
        ("“How many years have you driven?” is 2 or more", True),
    ]


def test_all_rules_that_approve_have_to_hold_and_references_to_be_good():
    rules = [
        a_rule(LIFT, Effect.APPROVE, "yes"),
        a_rule(YEARS, Effect.APPROVE, "2", Compare.AT_LEAST),
    ]
    good = {LIFT.id: "yes", YEARS.id: "2"}
    assert judge(rules, ASKED, good, References()).outcome is Outcome.APPROVED
    assert judge(rules, ASKED, good | {YEARS.id: "1"}, References()).outcome is None
    assert judge(rules, ASKED, good, References(2, 1, 1)).outcome is None
    assert judge(rules, ASKED, good, References(2, 2, 1)).outcome is None
    assert judge(rules, ASKED, good, References(2, 2, 2)).outcome is Outcome.APPROVED


def test_without_a_rule_that_approves_a_person_decides():
    assert judge([], ASKED, {}, References()).outcome is None
    blocks = [a_rule(LIFT, Effect.BLOCK, "no", reason="Boxes.")]
    assert judge(blocks, ASKED, {LIFT.id: "yes"}, References()).outcome is None


def test_a_rule_that_no_longer_fits_its_question_does_nothing():
    gone = a_rule(DAYS, Effect.BLOCK, "Monday", Compare.CONTAINS, "Not on Mondays.")
    assert judge([gone], ASKED, {DAYS.id: "Monday"}, References()).outcome is None
    aged = Asked(LIFT.id, Kind.YES_NO, "Are you over 70 years old?")
    rule = a_rule(LIFT, Effect.BLOCK, "yes", reason="No.")
    assert judge([rule], {aged.id: aged}, {aged.id: "yes"}, References()).outcome is None
    approve = a_rule(LIFT, Effect.APPROVE, "yes")
    assert judge([approve], {}, {LIFT.id: "yes"}, References()).outcome is None


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (None, "application_needed"),
        (Standing(uuid4(), ApplicationState.WITHDRAWN, None, ""), "application_needed"),
        (Standing(uuid4(), ApplicationState.DRAFT, None, ""), "application_unfinished"),
        (Standing(uuid4(), ApplicationState.SUBMITTED, None, ""), "application_waits"),
        (Standing(uuid4(), ApplicationState.APPROVED, None, ""), ""),
        (Standing(uuid4(), ApplicationState.APPROVED, NOW + timedelta(days=1), ""), ""),
        (Standing(uuid4(), ApplicationState.APPROVED, NOW, ""), "approval_expired"),
        (Standing(uuid4(), ApplicationState.DECLINED, None, "No car."), "application_declined"),
    ],
)
def test_what_stands_in_the_way_leads_on(standing: Standing | None, code: str):
    found = why_not(standing, "/apply", "The Hall", NOW)
    assert [reason.code for reason in found] == [code] * bool(code)
    assert all(reason.link and reason.link_label for reason in found)
    assert all(reason.waits is (code == "application_waits") for reason in found)


def test_a_referee_is_somebody_else_each_time():
    named = [
        ("Rae", "me@example.org", "my teacher"),
        ("Bo", "bo@example.org", ""),
        ("Bo", "BO@example.org", "my boss"),
    ]
    wrong = misnamed(named, "Me@example.org")
    assert set(wrong) == {(1, "email"), (2, "relationship"), (3, "email")}


def test_months_end_where_a_month_is_shorter():
    assert months_later(datetime(2026, 1, 31, 9, tzinfo=UTC), 1).date().isoformat() == "2026-02-28"
    assert months_later(datetime(2026, 11, 5, tzinfo=UTC), 14).date().isoformat() == "2028-01-05"
