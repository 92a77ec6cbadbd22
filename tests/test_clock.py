"""Wall times and instants, on both days the clocks change."""

from datetime import UTC, date, datetime, time

import pytest

from marketplace import clock
from marketplace.errors import Conflict


def test_a_summer_wall_time_is_an_hour_ahead_of_utc():
    assert clock.instant(date(2027, 7, 6), time(18, 30)) == datetime(2027, 7, 6, 17, 30, tzinfo=UTC)


def test_the_hour_the_clocks_skip_is_refused_in_words():
    with pytest.raises(Conflict, match="clocks go forward"):
        clock.instant(date(2027, 3, 28), time(1, 30))


def test_the_hour_that_happens_twice_means_its_first_pass():
    at = clock.instant(date(2027, 10, 31), time(1, 30))
    assert at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2027, 3, 28), 23), (date(2027, 6, 1), 24), (date(2027, 10, 31), 25)],
)
def test_a_calendar_day_is_as_long_as_the_clock_makes_it(day: date, hours: int):
    start, end = clock.day_bounds(day)
    assert (end - start).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(18, 30), "6:30pm"),
        (time(9), "9am"),
        (time(12), "noon"),
        (time(0), "midnight"),
        (time(0, 5), "12:05am"),
        (time(12, 45), "12:45pm"),
    ],
)
def test_times_are_written_as_people_say_them(at: time, words: str):
    assert clock.time_words(at) == words


def test_a_date_of_another_year_names_the_year():
    assert clock.date_words(date(2031, 3, 4)) == "Tuesday 4 March 2031"


def test_a_night_shift_names_both_days():
    start = clock.instant(date(2031, 3, 4), time(22))
    end = clock.instant(date(2031, 3, 5), time(6))
    assert (
        clock.period_words(start, end)
        == "Tuesday 4 March 2031, 10pm to Wednesday 5 March 2031, 6am"
    )


def test_periods_that_touch_do_not_overlap():
    first = (datetime(2027, 1, 1, 9, tzinfo=UTC), datetime(2027, 1, 1, 10, tzinfo=UTC))
    second = (datetime(2027, 1, 1, 10, tzinfo=UTC), datetime(2027, 1, 1, 11, tzinfo=UTC))
    assert not clock.overlaps(first, second)
    assert clock.overlaps(first, (first[0], second[1]))
