"""How long an offer stands, over nights and both changes of the clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import IllegalMove
from marketplace.offers.rules import (
    DOORSTEP,
    ENTRY_MOVES,
    LEAST,
    LIFE,
    EntryState,
    add_day_time,
    day_time,
    expiry,
)

LONDON = ZoneInfo("Europe/London")
ZONES = st.sampled_from([LONDON, ZoneInfo("UTC"), ZoneInfo("America/New_York")])
# Whole minutes of 2027, both changes of the clocks among them.
INSTANTS = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
AHEAD = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def london(*when):
    return datetime(*when, tzinfo=LONDON)


def wall(at):
    return at.astimezone(LONDON).replace(tzinfo=None)


@pytest.mark.parametrize("state", EntryState)
@pytest.mark.parametrize("then", EntryState)
def test_each_move_of_an_entry(state, then):
    legal = {
        ("waiting", "offered"),
        ("waiting", "left"),
        ("waiting", "ended"),
        ("offered", "accepted"),
        ("offered", "declined"),
        ("offered", "expired"),
        ("offered", "ended"),
    }
    if (state.value, then.value) in legal:
        assert ENTRY_MOVES.check(state, then) is then
    else:
        with pytest.raises(IllegalMove):
            ENTRY_MOVES.check(state, then)


def test_nights_do_not_count():
    # 11 hours of Monday, 13 of Tuesday.
    assert wall(add_day_time(london(2027, 1, 4, 10), LIFE, LONDON)) == datetime(2027, 1, 5, 21)


def test_an_offer_made_at_night_starts_in_the_morning():
    for hour, minute in ((23, 0), (3, 30), (7, 59)):
        made = london(2027, 1, 5, hour, minute)
        day = 6 if hour == 23 else 5
        ends = add_day_time(made, timedelta(hours=1), LONDON)
        assert wall(ends) == datetime(2027, 1, day, 9)


@pytest.mark.parametrize(
    ("made", "ends", "passed"),
    [
        # The clocks go forward in the night to Sunday 28 March: the night is an hour shorter.
        (london(2027, 3, 27, 20), datetime(2027, 3, 29, 18), timedelta(hours=45)),
        # And back in the night to Sunday 31 October: it is an hour longer.
        (london(2027, 10, 30, 20), datetime(2027, 11, 1, 18), timedelta(hours=47)),
        # Made inside the hour that is skipped or happens twice: it starts at 8am all the same.
        (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), datetime(2027, 3, 29, 19), None),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 11, 1, 19), None),
        (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), datetime(2027, 11, 1, 19), None),
    ],
)
def test_a_night_with_a_change_of_the_clocks(made, ends, passed):
    found = expiry(made, None, LONDON)
    assert found is not None
    assert wall(found) == ends
    if passed:
        assert found - made.astimezone(UTC) == passed


def test_the_nearer_the_beginning_the_shorter():
    made = london(2027, 1, 4, 10)
    # 24 hours of day time are left until Tuesday 9pm: a quarter of them.
    near = expiry(made, london(2027, 1, 5, 21), LONDON)
    assert near is not None
    assert wall(near) == datetime(2027, 1, 4, 16)


def test_nobody_answers_on_the_doorstep():
    # A night lies between: its end would come after the shift's beginning.
    ends = expiry(london(2027, 1, 4, 23), london(2027, 1, 5, 8, 30), LONDON)
    assert ends is not None
    assert wall(ends) == datetime(2027, 1, 5, 6, 30)


def test_everybody_has_half_an_hour():
    made = london(2027, 1, 4, 12)
    assert expiry(made, made + timedelta(hours=1), LONDON) == made + LEAST


def test_what_begins_at_once_is_offered_to_nobody():
    made = london(2027, 1, 4, 12)
    assert expiry(made, made + LEAST - timedelta(seconds=1), LONDON) is None


@given(now=INSTANTS, ahead=AHEAD, zone=ZONES)
def test_an_offer_ends_in_time(now, ahead, zone):
    begins = now + ahead
    ends = expiry(now, begins, zone)
    if ends is None:
        assert ahead < LEAST
        return
    assert now + LEAST <= ends <= begins
    assert ends <= max(begins - DOORSTEP, now + LEAST)
    assert day_time(now, ends, zone) <= LIFE


@given(now=INSTANTS, minutes=st.integers(1, 3000), zone=ZONES)
def test_time_added_is_time_measured(now, minutes, zone):
    span = timedelta(minutes=minutes)
    assert day_time(now, add_day_time(now, span, zone), zone) == span


@given(now=INSTANTS, zone=ZONES)
def test_a_full_offer_never_ends_at_night(now, zone):
    ends = expiry(now, None, zone)
    assert ends is not None
    hour = ends.astimezone(zone)
    assert (8, 0) <= (hour.hour, hour.minute) <= (21, 0)
