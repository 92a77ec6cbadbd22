"""What recurs when, over clock changes, months and bank holidays."""

from datetime import UTC, date, datetime, time

import pytest

from marketplace.clock import LONDON
from marketplace.errors import Conflict
from marketplace.volunteering.series import rules
from marketplace.volunteering.series.rules import Every, Pattern, Terms

TUESDAYS = Pattern(Every.WEEK, (1,))


def terms(**changes):
    given = {"pattern": TUESDAYS, "start": time(18, 30), "end": time(20), "places": 4} | changes
    return Terms(**given)


@pytest.mark.parametrize("every", Every)
def test_a_pattern_is_read_back_from_its_rule(every):
    pattern = Pattern(every, (1, 3))
    assert Pattern.of_rule(pattern.rule) == pattern


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (Pattern(Every.WEEK, (3, 1)), "every Tuesday and Thursday"),
        (Pattern(Every.FORTNIGHT, (0,)), "every 2 weeks on Monday"),
        (Pattern(Every.FIRST, (1,)), "every month on the first Tuesday"),
        (Pattern(Every.WEEK, tuple(range(7))), "every day"),
    ],
)
def test_a_pattern_is_said_in_words(pattern, words):
    assert pattern.words == words


def test_the_last_friday_of_each_month():
    found = rules.days(
        Pattern(Every.LAST, (4,)), date(2027, 1, 1), date(2027, 1, 1), date(2027, 4, 1)
    )
    assert found == [date(2027, 1, 29), date(2027, 2, 26), date(2027, 3, 26)]


def test_every_second_week_is_counted_from_the_first_day():
    found = rules.days(
        Pattern(Every.FORTNIGHT, (1, 3)), date(2027, 1, 7), date(2027, 1, 8), date(2027, 2, 5)
    )
    assert found == [date(2027, 1, 19), date(2027, 1, 21), date(2027, 2, 2), date(2027, 2, 4)]


@pytest.mark.parametrize("day", [date(2027, 3, 23), date(2027, 3, 30), date(2027, 11, 2)])
def test_half_past_six_stays_half_past_six(day):
    made = rules.occurrence(terms(), day, LONDON)
    assert made.period.starts_at.astimezone(LONDON).time() == time(18, 30)
    assert not made.clocks


def test_an_overnight_shift_is_an_hour_shorter_when_the_clocks_go_forward():
    night = terms(start=time(22), end=time(6), ends_next_day=True)
    made = rules.occurrence(night, date(2027, 3, 27), LONDON)
    assert (made.period.ends_at - made.period.starts_at).total_seconds() == 7 * 3600
    assert made.period.local_end == datetime(2027, 3, 28, 6)


def test_an_overnight_shift_is_an_hour_longer_when_the_clocks_go_back():
    night = terms(start=time(22), end=time(6), ends_next_day=True)
    made = rules.occurrence(night, date(2027, 10, 30), LONDON)
    assert (made.period.ends_at - made.period.starts_at).total_seconds() == 9 * 3600


def test_a_start_the_clocks_skip_is_an_hour_later_and_says_so():
    early = terms(start=time(1, 30), end=time(5))
    made = rules.occurrence(early, date(2027, 3, 28), LONDON)
    assert made.period.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert made.slot == datetime(2027, 3, 28, 1, 30)
    assert "it starts at 2:30am" in made.clocks


def test_an_end_the_clocks_skip_is_an_hour_later_and_says_so():
    late = terms(start=time(22), end=time(1, 30), ends_next_day=True)
    made = rules.occurrence(late, date(2027, 3, 27), LONDON)
    assert made.period.local_end == datetime(2027, 3, 28, 2, 30)
    assert "it ends at 2:30am" in made.clocks


def test_a_shift_inside_the_skipped_hour_keeps_its_length():
    short = terms(start=time(1, 15), end=time(2))
    made = rules.occurrence(short, date(2027, 3, 28), LONDON)
    assert (made.period.ends_at - made.period.starts_at).total_seconds() == 45 * 60


def planned(given, first_day, last):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        each.slot.date() for each in rules.planned(given, first_day, LONDON, now=now, last=last)
    ]


def test_bank_holidays_of_england_are_skipped_by_choice():
    mondays = {"pattern": Pattern(Every.WEEK, (0,))}
    first, last = date(2027, 3, 22), date(2027, 4, 5)
    assert date(2027, 3, 29) in planned(terms(**mondays), first, last)
    assert planned(terms(**mondays, skip_holidays=True), first, last) == [first, last]


def test_st_patricks_day_is_no_holiday_in_england():
    assert rules.bank_holiday(date(2027, 12, 27))
    assert not rules.bank_holiday(date(2027, 3, 17))


def test_a_series_without_end_is_planned_ahead_only():
    last = rules.horizon(date(2027, 1, 5))
    assert len(planned(terms(), date(2027, 1, 5), last)) == 13


def test_a_series_ends_with_its_last_day():
    given = terms(until=date(2027, 1, 19))
    assert planned(given, date(2027, 1, 5), date(2027, 6, 1))[-1] == date(2027, 1, 19)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pattern": Pattern(Every.WEEK, ())}, "weekdays"),
        ({"end": time(17)}, "end"),
        ({"until": date(2027, 1, 1)}, "until"),
        ({"until": date(2067, 1, 1)}, "until"),
        ({"places": 0}, "places"),
        ({"least_needed": 5}, "least_needed"),
    ],
)
def test_terms_of_which_no_series_can_be_made_are_refused_beside_their_field(changes, field):
    with pytest.raises(Conflict) as conflict:
        rules.check(terms(**changes), date(2027, 1, 5))
    assert conflict.value.field == field


def test_an_occurrence_moves_within_its_week():
    tuesdays, mondays = [date(2027, 1, 5), date(2027, 1, 12)], [date(2027, 1, 4), date(2027, 1, 11)]
    found = rules.pair(tuesdays, mondays, TUESDAYS, Pattern(Every.WEEK, (0,)))
    assert found == dict(zip(tuesdays, mondays, strict=True))


def test_the_same_day_comes_first_when_days_are_fewer():
    old = [date(2027, 1, 5), date(2027, 1, 7)]
    found = rules.pair(
        old, [date(2027, 1, 7)], Pattern(Every.WEEK, (1, 3)), Pattern(Every.WEEK, (3,))
    )
    assert found == {date(2027, 1, 7): date(2027, 1, 7)}


def test_an_occurrence_moves_within_its_month():
    found = rules.pair(
        [date(2027, 1, 5)],
        [date(2027, 1, 26)],
        Pattern(Every.FIRST, (1,)),
        Pattern(Every.LAST, (1,)),
    )
    assert found == {date(2027, 1, 5): date(2027, 1, 26)}
