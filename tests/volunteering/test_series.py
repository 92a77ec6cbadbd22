"""Planning recurring shifts, changing and ending them, alone and against those who book."""

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from tests.factories import a_booking, a_person, acting, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import Conflict, NotAllowed
from marketplace.ids import new_id
from marketplace.permissions import OrgRole
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.series import operations, queries, rules
from marketplace.volunteering.series.operations import Undecided
from marketplace.volunteering.series.rules import Decision, Every, Pattern, Terms
from marketplace.volunteering.shifts import operations as shifts
from marketplace.volunteering.shifts.operations import Plan
from marketplace.volunteering.tables import Booking, Shift

pytestmark = pytest.mark.usefixtures("db")


def next_tuesday() -> date:
    day = clock.today() + timedelta(days=7)
    return day + timedelta(days=(1 - day.weekday()) % 7)


TERMS = Terms(pattern=Pattern(Every.WEEK, (1,)), start=time(18, 30), end=time(20), places=4)


@pytest.fixture
async def organisation(db):
    return await an_organisation()


@pytest.fixture
async def coordinator(organisation):
    return organisation.owner.actor


@pytest.fixture
async def opportunity(organisation):
    return await an_opportunity(organisation.id)


@pytest.fixture
async def series(coordinator, opportunity):
    """Give a series on Tuesdays at 18:30, without end."""
    made, _ = await operations.plan(coordinator, opportunity, next_tuesday(), TERMS)
    return made


async def shifts_of(series, state="planned"):
    return await db.fetch(
        "SELECT * FROM shift WHERE series_id = {} AND state = {} ORDER BY starts_at", series, state
    )


async def days_of(series):
    return [row["local_start"].date() for row in await shifts_of(series)]


async def booked(shift):
    """Book a shift, and give the booking."""
    return await a_booking(shift["id"])


async def test_a_series_without_end_is_planned_twelve_weeks_ahead(series):
    first = next_tuesday()
    days = await days_of(series)
    assert days[0] == first
    assert days == [first + timedelta(weeks=week) for week in range(len(days))]
    assert days[-1] <= clock.today() + timedelta(weeks=12) < days[-1] + timedelta(weeks=1)


async def test_planning_ahead_again_adds_what_came_within_reach_only(series):
    before = await days_of(series)
    await db.execute("UPDATE series SET planned_until = planned_until - 14")
    gone = (await shifts_of(series))[-1]["id"]
    await db.execute("DELETE FROM shift WHERE id = {}", gone)
    assert await operations.plan_ahead() == 1
    assert await operations.plan_ahead() == 0
    assert await days_of(series) == before


async def test_a_series_to_a_day_is_over_after_it(coordinator, opportunity):
    first = next_tuesday()
    given = replace(TERMS, until=first + timedelta(days=14))
    made, count = await operations.plan(coordinator, opportunity, first, given)
    assert (count, len(await shifts_of(made))) == (3, 3)


async def test_a_series_with_no_day_at_all_is_refused(coordinator, opportunity):
    given = replace(TERMS, until=next_tuesday() + timedelta(days=2))
    with pytest.raises(Conflict) as conflict:
        await operations.plan(coordinator, opportunity, next_tuesday() + timedelta(days=1), given)
    assert conflict.value.field == "until"


async def test_a_series_that_ends_before_it_starts_is_refused(coordinator, opportunity):
    with pytest.raises(Conflict) as conflict:
        await operations.plan(
            coordinator, opportunity, next_tuesday(), replace(TERMS, end=time(17))
        )
    assert conflict.value.field == "end"


async def test_a_trustee_plans_no_series(organisation, opportunity):
    trustee = acting(await a_person(), **{OrgRole.TRUSTEE.value: organisation.id})
    with pytest.raises(NotAllowed):
        await operations.plan(trustee, opportunity, next_tuesday(), TERMS)


async def test_nothing_is_planned_for_a_cancelled_opportunity(series):
    await db.execute("UPDATE opportunity SET state = 'cancelled'")
    await db.execute("UPDATE series SET planned_until = NULL")
    await db.execute("DELETE FROM shift")
    assert await operations.plan_ahead() == 0


async def test_two_workers_make_no_occurrence_twice(series):
    before = len(await shifts_of(series))
    await db.execute("DELETE FROM shift")
    await db.execute("UPDATE series SET planned_until = NULL")
    await asyncio.gather(*(operations.plan_ahead() for _ in range(6)))
    assert len(await shifts_of(series)) == before


async def test_two_workers_without_lock_and_index_would(series):
    """The unguarded twin: looks first, writes later, and says nothing about its slot."""
    row = await queries.series(series)
    await db.execute("DELETE FROM shift")
    both_looked = asyncio.Barrier(2)

    async def unguarded():
        async with db.transaction():
            there = await db.fetch_value("SELECT count(*) FROM shift")
            await both_looked.wait()
            if not there:
                made = rules.occurrence(TERMS, next_tuesday(), row.zone).period
                await Shift(
                    role_id=row.role_id,
                    opportunity_id=row.opportunity_id,
                    starts_at=made.starts_at,
                    ends_at=made.ends_at,
                    local_start=made.local_start,
                    local_end=made.local_end,
                    series_id=series,
                ).save()

    await asyncio.gather(unguarded(), unguarded())
    assert await days_of(series) == [next_tuesday()] * 2


async def test_all_to_come_moves_and_keeps_its_shifts(coordinator, series):
    before = {row["id"] for row in await shifts_of(series)}
    outcome = await operations.change(
        coordinator, series, replace(TERMS, start=time(19), end=time(21), places=6)
    )
    after = await shifts_of(series)
    assert {row["id"] for row in after} == before
    assert {(row["local_start"].time(), row["places"]) for row in after} == {(time(19), 6)}
    assert outcome.changed == len(before)


async def test_another_day_of_the_week_moves_each_within_its_week(coordinator, series):
    before = await days_of(series)
    await operations.change(coordinator, series, replace(TERMS, pattern=Pattern(Every.WEEK, (0,))))
    assert await days_of(series) == [day - timedelta(days=1) for day in before]


async def test_fewer_days_take_shifts_down_and_more_add_some(coordinator, series):
    many = replace(TERMS, pattern=Pattern(Every.WEEK, (1, 3)))
    weeks = len(await days_of(series))
    await operations.change(coordinator, series, many)
    assert len(await days_of(series)) in {2 * weeks, 2 * weeks - 1}
    await operations.change(
        coordinator, series, replace(TERMS, pattern=Pattern(Every.FORTNIGHT, (1,)))
    )
    assert await days_of(series) == [
        next_tuesday() + timedelta(weeks=week) for week in range(0, weeks, 2)
    ]


async def test_this_and_following_splits_the_series(coordinator, series):
    before = await shifts_of(series)
    third = before[2]
    await operations.change(coordinator, series, replace(TERMS, start=time(17)), since=third["id"])
    assert [row["id"] for row in await shifts_of(series)] == [row["id"] for row in before[:2]]
    other = await db.fetch_value("SELECT id FROM series WHERE split_from = {}", series)
    after = await shifts_of(other)
    assert [row["id"] for row in after] == [row["id"] for row in before[2:]]
    assert {row["local_start"].time() for row in after} == {time(17)}
    old = await queries.series(series)
    assert old.terms.until == third["local_start"].date() - timedelta(days=1)
    assert await operations.plan_ahead() == 0


async def test_what_somebody_booked_is_listed_for_a_decision(coordinator, series):
    second = (await shifts_of(series))[1]
    await booked(second)
    with pytest.raises(Undecided) as undecided:
        await operations.change(coordinator, series, replace(TERMS, start=time(19)))
    assert [each.row.id for each in undecided.value.affected] == [second["id"]]
    assert {row["local_start"].time() for row in await shifts_of(series)} == {time(18, 30)}


async def test_a_shift_that_somebody_waits_for_is_listed_too(coordinator, organisation, series):
    second = (await shifts_of(series))[1]
    queue, person = new_id(), await a_person()
    await db.execute(
        "INSERT INTO offer_queue (id, subject_type, subject_id, organisation_id, mode)"
        " VALUES ({}, 'shift', {}, {}, 'first_come')",
        queue,
        second["id"],
        organisation.id,
    )
    await db.execute(
        "INSERT INTO offer_entry (id, queue_id, person_id, place, state)"
        " VALUES ({}, {}, {}, 1, 'waiting')",
        new_id(),
        queue,
        person.id,
    )
    with pytest.raises(Undecided):
        await operations.change(coordinator, series, replace(TERMS, start=time(19)))


async def decided(coordinator, series, decision, **changes):
    """Change a series of which the second shift is booked, with that decision about it."""
    second = (await shifts_of(series))[1]
    booking = await booked(second)
    await operations.change(
        coordinator, series, replace(TERMS, **changes), decisions={second["id"]: decision}
    )
    after = await db.fetch_one("SELECT * FROM shift WHERE id = {}", second["id"])
    row = await Booking.select().where(Booking.id == booking).first()
    assert after
    assert row
    return second, after, row


async def test_a_booked_shift_stays_as_it_is_where_that_is_decided(coordinator, series):
    before, after, booking = await decided(coordinator, series, Decision.KEEP, start=time(19))
    assert (after["starts_at"], booking["state"]) == (before["starts_at"], "confirmed")
    # It stands for its week: no other one is added.
    assert len(set(await days_of(series))) == len(await days_of(series))
    await db.execute("UPDATE series SET planned_until = NULL")
    assert await operations.plan_ahead() == 0


async def test_a_booked_shift_moves_with_its_people_where_that_is_decided(coordinator, series):
    _, after, booking = await decided(coordinator, series, Decision.MOVE, start=time(19))
    assert after["local_start"].time() == time(19)
    assert booking["period"].lower == after["starts_at"]
    told = await db.fetch("SELECT subject_id FROM history WHERE event = 'shift.changed'")
    assert [row["subject_id"] for row in told] == [after["id"]]


async def test_a_booked_shift_is_cancelled_where_that_is_decided(coordinator, series):
    _, after, booking = await decided(coordinator, series, Decision.CANCEL, start=time(19))
    assert (after["state"], booking["cancelled_by"]) == ("cancelled", "organisation")
    await db.execute("UPDATE series SET planned_until = NULL")
    assert await operations.plan_ahead() == 0


async def test_a_series_never_takes_a_place_away(coordinator, series):
    second = (await shifts_of(series))[1]
    await booked(second)
    await booked(second)
    await operations.change(
        coordinator, series, replace(TERMS, places=1), decisions={second["id"]: Decision.MOVE}
    )
    assert [row["places"] for row in await shifts_of(series)][:3] == [1, 2, 1]


async def test_a_booked_shift_without_a_day_in_the_new_pattern_cannot_move(coordinator, series):
    second = (await shifts_of(series))[1]
    await booked(second)
    given = replace(TERMS, pattern=Pattern(Every.FORTNIGHT, (1,)))
    with pytest.raises(Undecided) as undecided:
        await operations.change(coordinator, series, given, decisions={second["id"]: Decision.MOVE})
    assert undecided.value.affected[0].target is None
    await operations.change(coordinator, series, given, decisions={second["id"]: Decision.KEEP})
    row = await Shift.select().where(Shift.id == second["id"]).first()
    assert row
    assert (row["series_id"], row["state"]) == (None, "planned")


async def test_somebody_with_another_booking_then_is_not_moved(coordinator, opportunity, series):
    second = (await shifts_of(series))[1]
    person = await a_person()
    await a_booking(second["id"], person.id)
    (other,) = await shifts.plan(
        coordinator,
        opportunity,
        Plan(day=second["local_start"].date(), start=time(20), end=time(22), places=1),
    )
    await a_booking(other, person.id)
    with pytest.raises(Undecided, match="has another booking at the new time") as undecided:
        await operations.change(
            coordinator,
            series,
            replace(TERMS, start=time(19, 30), end=time(21)),
            decisions={second["id"]: Decision.MOVE},
        )
    assert undecided.value.refused
    assert undecided.value.refused.field == f"decision-{second['id']}"


async def test_a_shift_changed_by_itself_keeps_its_own_terms(coordinator, series):
    second = (await shifts_of(series))[1]
    day = second["local_start"].date()
    await shifts.change(
        coordinator, second["id"], Plan(day=day, start=time(9), end=time(10), places=2)
    )
    await operations.change(coordinator, series, replace(TERMS, start=time(19)))
    row = await Shift.select().where(Shift.id == second["id"]).first()
    assert row
    assert row["local_start"].time() == time(9)
    assert len(set(await days_of(series))) == len(await days_of(series))


async def test_a_shift_cancelled_by_itself_stays_cancelled(coordinator, series):
    second = (await shifts_of(series))[1]
    await shifts.cancel(coordinator, second["id"])
    await operations.change(coordinator, series, replace(TERMS, start=time(19)))
    await db.execute("UPDATE series SET planned_until = NULL")
    await operations.plan_ahead()
    assert second["local_start"].date() not in await days_of(series)


async def test_ending_takes_down_what_nobody_booked_and_asks_about_the_rest(coordinator, series):
    first, second, *_ = await shifts_of(series)
    await booked(first)
    await booked(second)
    with pytest.raises(Undecided):
        await operations.end(coordinator, series)
    outcome = await operations.end(
        coordinator,
        series,
        decisions={first["id"]: Decision.KEEP, second["id"]: Decision.CANCEL},
    )
    left = await db.fetch("SELECT id, state FROM shift ORDER BY starts_at")
    assert left == [
        {"id": first["id"], "state": "planned"},
        {"id": second["id"], "state": "cancelled"},
    ]
    assert (outcome.kept, outcome.told) == (1, 1)
    assert await operations.plan_ahead() == 0


async def test_ending_from_a_shift_on_leaves_the_earlier_ones(coordinator, series):
    days = await days_of(series)
    third = (await shifts_of(series))[2]
    await operations.end(coordinator, series, since=third["id"])
    assert await days_of(series) == days[:2]
    await db.execute("UPDATE series SET planned_until = NULL")
    assert await operations.plan_ahead() == 0


async def told_of_their_time():
    """Tell whether everybody who has a place has it at the time their shift is."""
    return await db.fetch_value(
        "SELECT coalesce(bool_and(lower(b.period) = s.starts_at), true) FROM booking b"
        " JOIN shift s ON s.id = b.shift_id WHERE b.state = 'confirmed'"
    )


async def test_changing_what_follows_while_people_book_moves_nobody_unasked(coordinator, series):
    rows = await shifts_of(series)
    people = [await a_person() for _ in range(6)]
    results = await asyncio.gather(
        *(bookings.book(person.actor, rows[3]["id"], old_enough=True) for person in people[:3]),
        operations.change(coordinator, series, replace(TERMS, start=time(12)), since=rows[2]["id"]),
        *(bookings.book(person.actor, rows[3]["id"], old_enough=True) for person in people[3:]),
        return_exceptions=True,
    )
    changed = results[3]
    assert isinstance(changed, Undecided) or not isinstance(changed, BaseException)
    assert await told_of_their_time()
    if isinstance(changed, Undecided):
        assert {row["local_start"].time() for row in await shifts_of(series)} == {time(18, 30)}


async def test_changing_without_the_lock_would(series):
    """The unguarded twin: asks who booked, then moves what nobody had."""
    row, person = (await shifts_of(series))[3], await a_person()
    asked, has_booked = asyncio.Event(), asyncio.Event()

    async def unguarded():
        async with db.transaction():
            free = not (await queries.ahead(series, None))[3].booked
            asked.set()
            await has_booked.wait()
            assert free
            await db.execute(
                "UPDATE shift SET starts_at = starts_at - interval '6 hours',"
                " ends_at = ends_at - interval '6 hours' WHERE id = {}",
                row["id"],
            )

    async def books():
        await asked.wait()
        await bookings.book(person.actor, row["id"], old_enough=True)
        has_booked.set()

    await asyncio.gather(unguarded(), books())
    assert not await told_of_their_time()
