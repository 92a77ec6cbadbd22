"""The rules of funding: every state against every move, who may apply, deadlines. No database."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from marketplace import clock
from marketplace.errors import Conflict, IllegalMove
from marketplace.grants import rules
from marketplace.grants.rules import (
    APPLICATION_MOVES,
    FUND_MOVES,
    ROUND_MOVES,
    Applicant,
    ApplicationState,
    FundState,
    Need,
    Phase,
    Readiness,
    RoundState,
    Rules,
    eligibility,
)
from marketplace.organisations.rules import Kind

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
CHELMSFORD, MALDON = {"E07000070": "Chelmsford"}, {"E07000074": "Maldon"}

LEGAL = {
    FundState: {("draft", "open"), ("draft", "closed"), ("open", "closed"), ("closed", "open")},
    RoundState: {
        ("draft", "published"),
        ("draft", "cancelled"),
        ("published", "assessing"),
        ("published", "cancelled"),
        ("assessing", "decided"),
        ("assessing", "published"),
    },
    ApplicationState: {
        ("draft", "submitted"),
        ("draft", "withdrawn"),
        ("submitted", "withdrawn"),
        ("submitted", "awarded"),
        ("submitted", "declined"),
    },
}


@pytest.mark.parametrize(
    ("moves", "now", "then"),
    [
        (moves, now, then)
        for moves, states in (
            (FUND_MOVES, FundState),
            (ROUND_MOVES, RoundState),
            (APPLICATION_MOVES, ApplicationState),
        )
        for now in states
        for then in states
    ],
)
def test_every_state_against_every_move(moves, now, then):
    if (now.value, then.value) in LEGAL[type(now)]:
        assert moves.check(now, then) is then
    else:
        with pytest.raises(IllegalMove):
            moves.check(now, then)


# --- phases and deadlines


@pytest.mark.parametrize(
    ("state", "after_opening", "phase"),
    [
        (RoundState.DRAFT, 0, Phase.DRAFT),
        (RoundState.CANCELLED, 0, Phase.CANCELLED),
        (RoundState.ASSESSING, 0, Phase.CLOSED),
        (RoundState.DECIDED, 0, Phase.DECIDED),
        (RoundState.PUBLISHED, -1, Phase.UPCOMING),
        (RoundState.PUBLISHED, 0, Phase.OPEN),
        (RoundState.PUBLISHED, 3599, Phase.OPEN),
        (RoundState.PUBLISHED, 3600, Phase.CLOSED),
        (RoundState.PUBLISHED, 3601, Phase.CLOSED),
    ],
)
def test_a_round_is_open_from_its_opening_until_just_before_its_deadline(
    state, after_opening, phase
):
    now = NOW + timedelta(seconds=after_opening)
    assert rules.phase(state, NOW, NOW + timedelta(hours=1), now) is phase


def test_a_deadline_is_said_with_weekday_and_clock():
    at = datetime(2031, 3, 4, 12, tzinfo=UTC)
    assert rules.deadline_words(at) == "noon, Tuesday 4 March 2031, UK time"


def test_of_a_deadline_at_midnight_it_is_said_which_one():
    at = datetime(2031, 3, 4, tzinfo=UTC)
    said = rules.deadline_words(at)
    assert said == "midnight at the start of Tuesday 4 March 2031, UK time"


def test_the_same_wall_time_on_both_sides_of_the_clock_changes():
    def noon(day):
        return rules.instant(day, time(12), clock.LONDON, field="deadline_time")

    # The clocks go forward on 28 March 2027 and back on 31 October 2027.
    assert noon(date(2027, 3, 27)) == datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert noon(date(2027, 3, 28)) == datetime(2027, 3, 28, 11, tzinfo=UTC)
    assert noon(date(2027, 10, 30)) == datetime(2027, 10, 30, 11, tzinfo=UTC)
    assert noon(date(2027, 10, 31)) == datetime(2027, 10, 31, 12, tzinfo=UTC)
    for day in (date(2027, 3, 27), date(2027, 3, 28), date(2027, 10, 30), date(2027, 10, 31)):
        assert rules.deadline_words(noon(day)).startswith("noon, ")


def test_a_deadline_in_the_skipped_hour_is_refused_beside_its_field():
    with pytest.raises(Conflict) as refused:
        rules.instant(date(2027, 3, 28), time(1, 30), clock.LONDON, field="deadline_time")
    assert refused.value.field == "deadline_time"


def test_a_deadline_in_the_hour_that_happens_twice_is_its_second_pass():
    at = rules.instant(date(2027, 10, 31), time(1, 30), clock.LONDON, field="deadline_time")
    assert at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert rules.deadline_words(at).startswith("1:30am, Sunday 31 October")


# --- amounts


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (50_000, 500_000, "£500 to £5,000"),
        (0, 500_000, "up to £5,000"),
        (500_000, 500_000, "£5,000 exactly"),
    ],
)
def test_amounts_are_said_in_pounds(least, most, words):
    assert rules.amounts_words(least, most) == words


@pytest.mark.parametrize(
    ("amount", "refused"), [(49_999, True), (50_000, False), (500_000, False), (500_001, True)]
)
def test_an_amount_is_within_its_bounds(amount, refused):
    assert bool(rules.amount_problem(amount, 50_000, 500_000)) is refused


# --- who may apply

EVERY = Rules(
    kinds=(Kind.CHARITY, Kind.COMMUNITY_INTEREST_COMPANY),
    districts=CHELMSFORD,
    income_at_most=10_000_000,
    years_registered=1,
)
FITS = Applicant(
    kind=Kind.CHARITY,
    approved=True,
    districts=CHELMSFORD,
    income=10_000_000,
    registered_on=date(2026, 3, 1),
)


def test_who_fits_every_rule_has_no_reason_against():
    found = eligibility(EVERY, FITS, date(2027, 3, 1))
    assert found.fits and not found.unchecked


def test_all_reasons_are_given_at_once_with_what_would_mend_them():
    nobody = Applicant(
        kind=Kind.FAITH_GROUP,
        approved=False,
        districts=MALDON,
        income=10_000_001,
        registered_on=date(2026, 3, 2),
    )
    found = eligibility(EVERY, nobody, date(2027, 3, 1))
    assert {reason.need for reason in found.reasons} == set(Need)
    for reason in found.reasons:
        assert reason.rule.endswith(".") and reason.standing.endswith(".") and reason.mend
    said = " ".join(reason.standing + reason.mend for reason in found.reasons)
    for words in ("faith group", "Maldon", "£100,000.01", "2 March 2026", "2 March 2027"):
        assert words in said


@pytest.mark.parametrize("kind", list(Kind))
def test_no_rule_excludes_nobody(kind):
    free = Rules(approved_only=False)
    assert eligibility(free, Applicant(kind=kind, approved=False), date(2027, 3, 1)).fits
    assert free.sentences == []


def test_what_no_register_tells_is_said_and_speaks_against_nobody():
    found = eligibility(EVERY, Applicant(kind=Kind.CHARITY, approved=True), date(2027, 3, 1))
    assert found.fits
    assert len(found.unchecked) == 3


def test_a_postcode_at_a_boundary_counts_for_both_districts():
    both = Applicant(kind=Kind.CHARITY, approved=True, districts=CHELMSFORD | MALDON)
    assert eligibility(Rules(districts=MALDON), both, date(2027, 3, 1)).fits


def test_a_postcode_outside_all_districts_is_refused():
    outside = Applicant(kind=Kind.CHARITY, approved=True, districts={})
    (reason,) = eligibility(Rules(districts=MALDON), outside, date(2027, 3, 1)).reasons
    assert reason.need is Need.DISTRICT


def test_rules_are_sentences():
    assert EVERY.sentences == [
        "Registered charities and community interest companies may apply.",
        "The organisation is based in Chelmsford.",
        "Its income is £100,000 a year or less.",
        "It has been on the register of charities for at least 1 year.",
        "It is registered and approved here.",
    ]


def test_years_of_a_leap_day_are_full_on_the_first_of_march():
    assert rules.anniversary(date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert rules.anniversary(date(2024, 2, 29), 4) == date(2028, 2, 29)


# --- publishing


def test_what_a_round_lacks_is_all_said():
    empty = Readiness(fund_summary="", questions=0, criteria=0, deadline=NOW)
    assert [what for what, _ in rules.missing(empty, NOW)] == [
        "fund",
        "dates",
        "questions",
        "criteria",
    ]
    whole = Readiness("For gardens.", 1, 1, NOW + timedelta(days=1))
    assert rules.missing(whole, NOW) == []


def test_shares_count_points_and_weight():
    assert rules.shares([(1, 5), (3, 5)]) == [25, 75]
    assert rules.shares([]) == []
