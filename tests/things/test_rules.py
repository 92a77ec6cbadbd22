"""States, days, hours and obstacles: every state against every move, both clock changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest

from marketplace.clock import LONDON
from marketplace.errors import IllegalMove
from marketplace.things import hours, rules
from marketplace.things.categories import CATEGORIES
from marketplace.things.rules import (
    RESERVATION_MOVES,
    THING_MOVES,
    UNIT_MOVES,
    Asked,
    Obstacle,
    Readiness,
    ReservationState,
    ThingState,
    UnitState,
    missing,
    obstacles,
)

R, T, U = ReservationState, ThingState, UnitState
LEGAL = {
    (R.RESERVED, R.OUT),
    (R.RESERVED, R.CANCELLED),
    (R.RESERVED, R.NOT_COLLECTED),
    (R.OUT, R.RETURNED),
    (R.OUT, R.LOST),
    (T.DRAFT, T.PUBLISHED),
    (T.PUBLISHED, T.WITHDRAWN),
    (T.WITHDRAWN, T.PUBLISHED),
    (U.AVAILABLE, U.IN_REPAIR),
    (U.AVAILABLE, U.RETIRED),
    (U.IN_REPAIR, U.AVAILABLE),
    (U.IN_REPAIR, U.RETIRED),
}
EVERY = [
    (moves, now, then)
    for moves, states in ((RESERVATION_MOVES, R), (THING_MOVES, T), (UNIT_MOVES, U))
    for now, then in product(states, states)
]


@pytest.mark.parametrize(("moves", "now", "then"), EVERY)
def test_only_the_moves_of_the_table_are_legal(moves, now, then):
    if (now, then) in LEGAL:
        assert moves.check(now, then) is then
    else:
        with pytest.raises(IllegalMove):
            moves.check(now, then)


@pytest.mark.parametrize("state", [R.RETURNED, R.LOST, R.CANCELLED, R.NOT_COLLECTED])
def test_what_is_over_stays_over(state):
    assert RESERVATION_MOVES.final(state)


# --- days and instants

TEN_TO_FOUR = ((time(10), time(16)),)
SPRING, AUTUMN = date(2027, 3, 27), date(2027, 10, 30)  # Saturdays before the clocks change


@pytest.mark.parametrize(("saturday", "elapsed"), [(SPRING, 29), (AUTUMN, 31)])
def test_a_two_day_loan_over_a_clock_change_is_two_days(saturday, elapsed):
    sunday = saturday + timedelta(days=1)
    assert rules.loan_days(saturday, sunday) == 2
    found = rules.period(saturday, TEN_TO_FOUR, sunday, TEN_TO_FOUR, zone=LONDON)
    assert found.ends_at - found.starts_at == timedelta(hours=elapsed)
    for at, hour in ((found.starts_at, 10), (found.ends_at, 16)):
        assert at.tzinfo is UTC
        assert at.astimezone(LONDON).hour == hour


@pytest.mark.parametrize("saturday", [SPRING, AUTUMN])
def test_turnaround_is_hours_really_passed_outside_the_loan(saturday):
    found = rules.period(
        saturday, TEN_TO_FOUR, saturday, TEN_TO_FOUR, zone=LONDON, hours_before=3, hours_after=24
    )
    assert found.starts_at - found.blocked_from == timedelta(hours=3)
    assert found.blocked_until - found.ends_at == timedelta(hours=24)


def test_a_day_with_a_lunch_break_counts_from_its_first_opening_to_its_last_closing():
    day = ((time(9), time(12)), (time(14), time(17)))
    found = rules.period(date(2027, 1, 4), day, date(2027, 1, 4), day, zone=LONDON)
    assert (found.starts_at.hour, found.ends_at.hour) == (9, 17)


def test_overdue_begins_at_the_closing_time_of_the_return_day():
    ends = datetime(2027, 1, 4, 16, tzinfo=UTC)
    assert not rules.overdue(R.OUT, ends, ends - timedelta(seconds=1))
    assert rules.overdue(R.OUT, ends, ends)
    assert not any(rules.overdue(state, ends, ends) for state in R if state is not R.OUT)


@pytest.mark.parametrize(
    ("notice", "closed", "first"), [(0, False, 1), (0, True, 2), (2, False, 3), (2, True, 3)]
)
def test_the_first_day_follows_notice_and_closing_time(notice, closed, first):
    found = rules.bookable(
        date(2026, 12, 1), notice_days=notice, ahead_days=30, closed_for_today=closed
    )
    assert found == (date(2026, 12, first), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ((2026, 12, 5), (2026, 12, 5), "Saturday 5 December"),
        ((2026, 12, 5), (2026, 12, 6), "Saturday 5 to Sunday 6 December"),
        ((2026, 11, 28), (2026, 12, 1), "Saturday 28 November to Tuesday 1 December"),
        ((2030, 12, 31), (2031, 1, 1), "Tuesday 31 December 2030 to Wednesday 1 January 2031"),
    ],
)
def test_days_are_written_without_repeating_the_month(first, last, words):
    assert rules.days_words(date(*first), date(*last)).removesuffix(" 2026") == words


# --- opening hours


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("10am to 4pm", "10am to 4pm"),
        ("10-16", "10am to 4pm"),
        ("10:00–13:00, 14:00–17:30", "10am to 1pm, 2pm to 5:30pm"),
        ("2pm to 5pm and 9.30am to noon", "9:30am to noon, 2pm to 5pm"),
        ("", "Closed"),
        (" closed ", "Closed"),
    ],
)
def test_hours_are_read_as_people_write_them(text, written):
    parsed = hours.parse(text)
    assert hours.words(parsed) == written
    assert hours.parse(hours.words(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sometimes", "Write the hours such as"),
        ("10", "Write the hours such as"),
        ("4pm to 10am", "Enter a closing time after 4pm"),
        ("10 to 10", "Enter a closing time after 10am"),
        ("10 to 14, 13 to 17", "do not overlap"),
        ("25 to 26", "Write times such as"),
        ("13pm to 14pm", "Write times such as"),
        ("9-10, 10-11, 11-12, 12-13, 13-14", "at most"),
        ("9 to 10\x00", "Write the hours such as"),
        ("٣ to ٤", "Write"),
    ],
)
def test_what_cannot_be_read_is_said(text, said):
    with pytest.raises(hours.NotHours, match=said):
        hours.parse(text)


def test_days_with_the_same_hours_are_written_together():
    week = [TEN_TO_FOUR] * 5 + [(), ()]
    assert hours.week_words(week) == [
        ("Monday to Friday", "10am to 4pm"),
        ("Saturday and Sunday", "Closed"),
    ]


# --- publishing and reserving


def test_everything_missing_is_named_in_the_order_of_the_form():
    lacks = missing(Readiness(summary="", site=False, open_days=False, units=0))
    assert [field for field, _ in lacks] == ["summary", "site_id", "units"]
    assert missing(Readiness("s", True, False, 1))[0][0] == "hours"
    assert missing(Readiness("s", True, True, 1)) == []


FINE = Asked(
    published=True,
    units=2,
    email_confirmed=True,
    first=date(2026, 12, 5),
    last=date(2026, 12, 6),
    earliest=date(2026, 12, 1),
    latest=date(2026, 12, 31),
    max_days=7,
    first_open=True,
    last_open=True,
    fits=True,
)


def test_nothing_is_in_the_way_of_what_is_fine():
    assert obstacles(FINE) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"published": False}, [Obstacle.NOT_PUBLISHED]),
        ({"units": 0, "fits": False}, [Obstacle.NO_UNITS]),
        ({"email_confirmed": False}, [Obstacle.EMAIL_UNCONFIRMED]),
        ({"last": date(2026, 12, 4)}, [Obstacle.BACKWARDS]),
        ({"earliest": date(2026, 12, 6)}, [Obstacle.TOO_SOON]),
        ({"latest": date(2026, 12, 4)}, [Obstacle.TOO_FAR]),
        ({"max_days": 1}, [Obstacle.TOO_LONG]),
        ({"first_open": False}, [Obstacle.COLLECTION_CLOSED]),
        ({"last_open": False}, [Obstacle.RETURN_CLOSED]),
        ({"fits": False}, [Obstacle.TAKEN]),
        ({"last": date(2026, 12, 11)}, []),
        (
            {"email_confirmed": False, "max_days": 1, "last_open": False, "fits": False},
            [Obstacle.EMAIL_UNCONFIRMED, Obstacle.TOO_LONG, Obstacle.RETURN_CLOSED],
        ),
    ],
)
def test_every_reason_is_given_worst_first(changed, found):
    assert obstacles(replace(FINE, **changed)) == found


def test_there_are_twelve_categories():
    assert len(CATEGORIES) == 12
