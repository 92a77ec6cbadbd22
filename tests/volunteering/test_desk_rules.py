"""Short shifts, and how fast somebody replies, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.organisations.rules import answers_words
from marketplace.volunteering.desk.rules import (
    Leave,
    Question,
    missing,
    short_name,
    speed,
    together,
    waited,
)

NOW = datetime(2027, 3, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
hours = st.integers(0, 2000)
leaves = st.lists(
    st.tuples(hours, st.integers(1, 300)).map(
        lambda pair: Leave(NOW - pair[0] * HOUR, NOW - pair[0] * HOUR + pair[1] * HOUR)
    ),
    max_size=5,
)


@pytest.mark.parametrize(
    ("places", "gone", "least", "expected"),
    [(6, 2, 4, 2), (6, 4, 4, 0), (6, 2, 0, 1), (6, 3, 0, 0), (1, 0, 0, 1), (5, 5, 0, 0)],
)
def test_a_shift_is_short_of_its_least_number_or_else_of_half(places, gone, least, expected):
    assert missing(places, gone, least) == expected


@pytest.mark.parametrize(
    ("name", "short"), [("Amara Okafor", "Amara O."), ("Cher", "Cher"), ("J P van Os", "J O.")]
)
def test_a_name_is_as_short_as_choosing_allows(name, short):
    assert short_name(name) == short


@given(leaves, hours, hours)
def test_time_on_leave_never_makes_anybody_look_slower(away, asked, took):
    start = NOW - asked * HOUR
    end = start + took * HOUR
    assert timedelta(0) <= waited(start, end, together(away)) <= end - start


def test_time_on_leave_does_not_count():
    asked = NOW - 50 * HOUR
    away = [Leave(NOW - 40 * HOUR, NOW - 10 * HOUR), Leave(NOW - 30 * HOUR, NOW - 5 * HOUR)]
    assert waited(asked, NOW, together(away)) == 15 * HOUR


def test_the_median_is_of_first_answers_and_long_silence_counts():
    asked = NOW - 20 * 24 * HOUR
    quick = [Question(asked, asked + HOUR) for _ in range(3)]
    assert speed(quick, [], NOW).minutes == 60
    silent = [Question(asked) for _ in range(4)]
    found = speed(quick + silent, [], NOW)
    assert (found.replies, found.minutes) == (3, 20 * 24 * 60)
    just_asked = [Question(NOW - HOUR) for _ in range(9)]
    assert speed(quick + just_asked, [], NOW).minutes == 60


@pytest.mark.parametrize(
    ("replies", "minutes", "away", "words"),
    [
        (9, 60, None, ""),
        (10, 600, None, "Usually replies within a day"),
        (10, 20_000, None, "Usually takes more than a week to reply"),
        (10, 60, date(2027, 3, 31), "Away until Wednesday 31 March 2027: answers come after that"),
        (10, 60, date(2027, 3, 29), "Usually replies within a few hours"),
    ],
)
def test_it_is_said_from_ten_replies_on_and_not_while_away(replies, minutes, away, words):
    assert answers_words(replies, minutes, away, NOW.date()) == words
