"""Days of the calendar and loans that fit, against counting them one by one."""

from datetime import date, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories_things import (
    LIBRARY,
    a_day,
    a_loan,
    a_reservation,
    a_site,
    a_thing,
    a_unit,
    at,
)

from marketplace import clock, db
from marketplace.ids import new_id
from marketplace.things.availability import DayState, availability, loans, next_loans
from marketplace.things.rules import loan_days

pytestmark = pytest.mark.usefixtures("db")


async def states(thing, first, days=1):
    return [day.state.value for day in (await availability([thing], first, days))[thing]]


async def test_a_day_is_free_partly_taken_taken_or_closed():
    site = await a_site(week=LIBRARY)
    thing = await a_thing(site, units=2)
    saturday = a_day(5)
    assert await states(thing, saturday, 2) == ["free", "closed"]
    await a_reservation(thing, first=saturday)
    assert await states(thing, saturday) == ["some"]
    await a_reservation(thing, first=saturday)
    assert await states(thing, saturday) == ["none"]
    assert await states(thing, saturday + timedelta(days=2)) == ["free"]


async def test_hours_of_a_day_are_shown_the_dated_ones_before_the_week():
    day = a_day(2)
    site = await a_site(closed=[day])
    thing = await a_thing(site)
    await db.execute(
        "INSERT INTO site_day (id, site_id, day, opens, closes) VALUES ({}, {}, {}, '18:00',"
        " '20:00')",
        new_id(),
        site,
        day + timedelta(days=1),
    )
    found = (await availability([thing], day, 3))[thing]
    assert [each.hours for each in found] == [
        (),
        ((time(18), time(20)),),
        ((time(10), time(16)),),
    ]


async def test_several_things_at_several_sites_are_one_statement(queries_run):
    closed = await a_site(week={}, name="Never open")
    here, there = await a_thing(units=1), await a_thing(closed, units=1)
    with queries_run() as counted:
        found = await availability([here, there], a_day(), 7)
    assert counted.count == 1
    assert {day.state for day in found[here]} == {DayState.FREE}
    assert {day.state for day in found[there]} == {DayState.CLOSED}
    assert await availability([], a_day(), 7) == {}


async def test_units_in_repair_count_among_all_and_retired_ones_do_not():
    thing = await a_thing(units=1)
    for number, state in ((1, "in_repair"), (2, "retired")):
        unit = await a_unit(thing, number=number, state=state)
        await db.execute(
            "INSERT INTO occupancy (id, thing_id, unit_id, reason, state, blocked_from,"
            " blocked_until) VALUES ({}, {}, {}, 'repair', 'blocked', now(), 'infinity')",
            new_id(),
            thing,
            unit,
        )
    (day,) = (await availability([thing], a_day(), 1))[thing]
    assert (day.free, day.units) == (1, 2)


async def test_turnaround_takes_the_day_after():
    thing = await a_thing(units=1, hours_after=24)
    day = a_day()
    id = await a_reservation(thing, first=day)
    await db.execute(
        "UPDATE occupancy SET blocked_until = {} WHERE reservation_id = {}",
        at(day + timedelta(days=1), 16),
        id,
    )
    assert await states(thing, day, 3) == ["none", "none", "free"]


@pytest.mark.parametrize("saturday", [date(2027, 3, 27), date(2027, 10, 30)])
async def test_days_round_a_clock_change_are_whole_days(saturday):
    thing = await a_thing(units=1, ahead_days=366)
    await a_reservation(thing, first=saturday, last=saturday + timedelta(days=1))
    days = saturday - timedelta(days=1)
    assert await states(thing, days, 4) == ["free", "none", "none", "free"]
    (found,) = await next_loans(thing, 2, saturday, saturday + timedelta(days=9), limit=1)
    assert (found.first, loan_days(found.first, found.last)) == (saturday + timedelta(days=2), 2)


async def test_a_loan_fits_although_no_single_unit_is_free_all_the_time():
    thing = await a_thing(units=2)
    day = a_day()
    # Unit A is held on the first day and Unit B on the second: one may move to the other's.
    for offset, label in ((0, "Unit A"), (2, "Unit B")):
        id = await a_reservation(thing, first=day + timedelta(days=offset))
        await db.execute(
            "UPDATE occupancy SET unit_id = (SELECT id FROM unit WHERE label = {})"
            " WHERE reservation_id = {}",
            label,
            id,
        )
    (loan,) = await loans(thing, [(day, day + timedelta(days=2))])
    assert loan.fits


async def test_a_loan_begins_and_ends_on_open_days_but_may_span_closed_ones():
    thing = await a_thing(await a_site(week=LIBRARY))
    saturday = a_day(5)
    sunday, monday = saturday + timedelta(days=1), saturday + timedelta(days=2)
    found = await loans(thing, [(saturday, sunday), (saturday, monday), (sunday, monday)])
    assert [loan.possible for loan in found] == [False, True, False]


async def test_nothing_can_be_judged_without_units():
    thing = await a_thing(units=0)
    (loan,) = await loans(thing, [(a_day(), a_day())])
    assert not loan.fits


async def test_an_overdue_loan_is_not_stretched():
    thing = await a_thing(units=1)
    yesterday = clock.today() - timedelta(days=1)
    await a_loan(thing, first=yesterday - timedelta(days=1), last=yesterday)
    assert await states(thing, clock.today() + timedelta(days=1)) == ["free"]


# --- against a brute force

DAYS = 16
made = st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(1, 4)), max_size=9)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    reservations=made,
    units=st.integers(1, 3),
    length=st.integers(1, 4),
    open_days=st.sets(st.integers(1, 7), min_size=2),
    turnaround=st.sampled_from([0, 24]),
)
async def test_the_next_free_days_are_those_that_counting_gives(
    reservations, units, length, open_days, turnaround
):
    week = {day: ((time(10), time(16)),) for day in open_days}
    site = await a_site(week=week)
    thing = await a_thing(site, units=units, hours_after=turnaround)
    start = a_day()
    taken: list[set[int]] = []
    unit_ids = [
        row["id"] for row in await db.fetch("SELECT id FROM unit WHERE thing_id = {}", thing)
    ]
    for first, days in reservations:
        # Whatever fits on some unit, first come first served; held as whole days of turnaround.
        occupied = set(range(first, first + days + turnaround // 24))
        for number, unit in enumerate(unit_ids):
            while len(taken) <= number:
                taken.append(set())
            if not taken[number] & occupied:
                taken[number] |= occupied
                await db.execute(
                    "INSERT INTO occupancy (id, thing_id, unit_id, reason, state, blocked_from,"
                    " blocked_until) VALUES ({}, {}, {}, 'repair', 'held', {}, {})",
                    new_id(),
                    thing,
                    unit,
                    at(start + timedelta(days=first), 10),
                    at(start + timedelta(days=max(occupied)), 16),
                )
                break

    def is_open(day):
        return (start + timedelta(days=day)).isoweekday() in open_days

    def free(day):
        needed = range(day, day + length + turnaround // 24)
        return all(sum(each in one for one in taken) < units for each in needed)

    expected = [
        start + timedelta(days=day)
        for day in range(DAYS)
        if is_open(day) and is_open(day + length - 1) and free(day)
    ]
    found = await next_loans(thing, length, start, start + timedelta(days=DAYS - 1), limit=DAYS)
    assert [loan.first for loan in found] == expected
    assert all(loan.possible for loan in found)
