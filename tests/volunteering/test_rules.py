"""The rules of volunteering: every state against every move, wall times, clock changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import Conflict, IllegalMove
from marketplace.moves import Moves
from marketplace.volunteering.rules import (
    BOOKING_MOVES,
    HOURS_MOVES,
    OPPORTUNITY_MOVES,
    SHIFT_MOVES,
    BookingState,
    HoursState,
    OpportunityState,
    Readiness,
    ShiftState,
    Timing,
    duration_words,
    missing,
    period,
    places_words,
    proposed_minutes,
    weekly,
)

LONDON = ZoneInfo("Europe/London")
SPRING = date(2027, 3, 28)  # 01:00 to 02:00 does not exist
AUTUMN = date(2027, 10, 31)  # 01:00 to 02:00 happens twice

LEGAL: dict[type[StrEnum], set[tuple[str, str]]] = {
    OpportunityState: {
        ("draft", "submitted"),
        ("draft", "open"),
        ("draft", "cancelled"),
        ("submitted", "open"),
        ("submitted", "needs_work"),
        ("submitted", "draft"),
        ("submitted", "cancelled"),
        ("needs_work", "submitted"),
        ("needs_work", "open"),
        ("needs_work", "cancelled"),
        ("open", "needs_work"),
        ("open", "paused"),
        ("open", "closed"),
        ("open", "expired"),
        ("open", "cancelled"),
        ("paused", "open"),
        ("paused", "closed"),
        ("paused", "cancelled"),
        ("closed", "open"),
        ("closed", "cancelled"),
        ("expired", "open"),
        ("expired", "closed"),
        ("expired", "cancelled"),
    },
    ShiftState: {("planned", "cancelled")},
    BookingState: {
        ("confirmed", "cancelled"),
        ("confirmed", "attended"),
        ("confirmed", "no_show"),
        ("attended", "confirmed"),
        ("attended", "no_show"),
        ("no_show", "confirmed"),
        ("no_show", "attended"),
    },
    HoursState: {
        ("proposed", "confirmed"),
        ("proposed", "disputed"),
        ("proposed", "withdrawn"),
        ("disputed", "proposed"),
        ("disputed", "confirmed"),
        ("disputed", "withdrawn"),
        ("confirmed", "disputed"),
        ("withdrawn", "proposed"),
    },
}
TABLES: dict[type[StrEnum], Moves[Any]] = {
    OpportunityState: OPPORTUNITY_MOVES,
    ShiftState: SHIFT_MOVES,
    BookingState: BOOKING_MOVES,
    HoursState: HOURS_MOVES,
}
EVERY = [
    pytest.param(kind, now, then, id=f"{kind.__name__}-{now}-{then}")
    for kind in LEGAL
    for now, then in product(kind, kind)
]


@pytest.mark.parametrize(("kind", "now", "then"), EVERY)
def test_every_state_against_every_move(kind, now, then):
    moves = TABLES[kind]
    if (now.value, then.value) in LEGAL[kind]:
        assert moves.check(now, then) is then
    else:
        with pytest.raises(IllegalMove):
            moves.check(now, then)


def _period(day=date(2027, 6, 1), start=time(18, 30), end=time(20), **more):
    return period(day, start, end, zone=LONDON, **more)


def test_wall_times_stand_beside_instants():
    found = _period()
    assert found.local_start == datetime(2027, 6, 1, 18, 30)
    assert found.starts_at == datetime(2027, 6, 1, 17, 30, tzinfo=UTC)


def test_an_end_before_the_start_is_refused_beside_the_end():
    with pytest.raises(Conflict) as refused:
        _period(start=time(22), end=time(2))
    assert refused.value.field == "end"
    assert "Ends the next day" in refused.value.message


def test_an_end_like_the_start_is_refused():
    with pytest.raises(Conflict):
        _period(start=time(9), end=time(9))


def test_an_overnight_shift_is_meant_only_when_said():
    found = _period(start=time(22), end=time(2), ends_next_day=True)
    assert found.ends_at - found.starts_at == timedelta(hours=4)


def test_more_than_a_day_is_refused():
    with pytest.raises(Conflict) as refused:
        _period(start=time(9), end=time(10), ends_next_day=True)
    assert refused.value.field == "end"


def test_a_start_in_the_hour_that_is_skipped_is_refused_in_words():
    with pytest.raises(Conflict) as refused:
        _period(SPRING, time(1, 30), time(4))
    assert refused.value.field == "start"
    assert "clocks go forward" in refused.value.message


def test_an_end_in_the_hour_that_is_skipped_is_refused_in_words():
    with pytest.raises(Conflict) as refused:
        _period(SPRING - timedelta(days=1), time(22), time(1, 15), ends_next_day=True)
    assert refused.value.field == "end"


def test_the_hour_that_happens_twice_means_its_first_pass():
    found = _period(AUTUMN, time(1, 30), time(3))
    assert found.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_night_in_spring_is_an_hour_shorter():
    found = _period(SPRING - timedelta(days=1), time(22), time(6), ends_next_day=True)
    assert proposed_minutes(found.starts_at, found.ends_at) == 7 * 60


def test_a_night_in_autumn_is_an_hour_longer():
    found = _period(AUTUMN - timedelta(days=1), time(22), time(6), ends_next_day=True)
    assert proposed_minutes(found.starts_at, found.ends_at) == 9 * 60


def test_a_day_of_25_hours_counts_as_24():
    found = _period(AUTUMN, time(0), time(0), ends_next_day=True)
    assert proposed_minutes(found.starts_at, found.ends_at) == 24 * 60


def test_weekly_shifts_keep_their_wall_time_across_the_clock_change():
    first = _period(date(2027, 3, 23), time(18), time(20))
    second = list(weekly(first, 2))[1]
    assert second.local_start == datetime(2027, 3, 30, 18)
    assert second.starts_at - first.starts_at == timedelta(days=7, hours=-1)


def test_a_weekly_shift_that_meets_the_skipped_hour_is_refused():
    first = _period(SPRING - timedelta(weeks=1), time(1, 30), time(4))
    with pytest.raises(Conflict):
        list(weekly(first, 2))


@given(
    st.dates(date(2026, 1, 1), date(2036, 12, 31)),
    st.times(),
    st.times(),
    st.booleans(),
)
def test_whatever_is_accepted_ends_after_it_starts_and_says_the_same_wall_time(
    day, start, end, next_day
):
    try:
        found = period(day, start, end, ends_next_day=next_day, zone=LONDON)
    except Conflict as refused:
        assert refused.field in {"start", "end"}
        return
    assert found.starts_at < found.ends_at
    assert found.starts_at.astimezone(LONDON).replace(tzinfo=None) == found.local_start
    assert 1 <= proposed_minutes(found.starts_at, found.ends_at) <= 1440


READY = Readiness(
    title="Garden helper",
    summary="Weed and plant.",
    remote=False,
    located=True,
    contact_name="Priya",
    contact_how="",
    timing=Timing.SHIFTS,
    upcoming_shifts=1,
)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"summary": ""}, ["summary"]),
        ({"located": False}, ["postcode"]),
        ({"located": False, "remote": True}, []),
        ({"contact_name": ""}, ["contact_name"]),
        ({"upcoming_shifts": 0}, ["shifts"]),
        ({"timing": Timing.FLEXIBLE, "upcoming_shifts": 0}, ["contact_how"]),
        ({"timing": Timing.FLEXIBLE, "upcoming_shifts": 0, "contact_how": "01245 000000"}, []),
    ],
    ids=lambda value: str(value),
)
def test_what_is_missing_before_publishing_is_named(change, fields):
    assert [field for field, _ in missing(replace(READY, **change))] == fields


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(45, "45 minutes"), (60, "1 hour"), (61, "1 hour 1 minute"), (150, "2 hours 30 minutes")],
)
def test_durations_in_words(minutes, words):
    assert duration_words(minutes) == words


@pytest.mark.parametrize(
    ("places", "taken", "words"),
    [(6, 4, "2 of 6 places left"), (1, 0, "1 of 1 place left"), (6, 6, "Full")],
)
def test_places_in_words(places, taken, words):
    assert places_words(places, taken) == words
