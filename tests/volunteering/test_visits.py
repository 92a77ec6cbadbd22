"""Visits of one volunteer: proposed, agreed, planned, ended; who sees the address when."""

from datetime import time, timedelta

import pytest
from tests.factories import (
    a_booking,
    a_person,
    a_shift,
    a_visit,
    an_opportunity,
    an_organisation,
)

from marketplace import clock, db
from marketplace.errors import Conflict, IllegalMove, NotFound
from marketplace.volunteering.opportunities import operations as opportunities
from marketplace.volunteering.opportunities.operations import Details
from marketplace.volunteering.rules import Timing
from marketplace.volunteering.series.rules import Every, Pattern, Terms
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.visits import operations, queries
from marketplace.volunteering.visits.operations import Proposal
from marketplace.volunteering.visits.rules import VisitState

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def organisation(db):
    return await an_organisation()


@pytest.fixture
async def opportunity(organisation):
    return await an_opportunity(organisation.id, timing="arranged", minimum_age=0)


@pytest.fixture
async def volunteer(organisation):
    """Give somebody whom the organisation knows: they had a place on a shift of it."""
    person = await a_person(name="Vi Volunteer")
    elsewhere = await an_opportunity(organisation.id)
    before = await a_shift(elsewhere, starts_at=clock.now() - timedelta(days=7))
    await a_booking(before, person.id)
    return person


@pytest.fixture
async def visit(opportunity, volunteer):
    return await a_visit(opportunity, volunteer.id)


def a_proposal(volunteer):
    day = clock.today() + timedelta(days=7)
    terms = Terms(
        pattern=Pattern(Every.WEEK, (day.weekday(),)), start=time(14), end=time(15), places=1
    )
    return Proposal(
        volunteer=volunteer, first_day=day, terms=terms, whom="Mrs Bell", address="3 Mill Lane"
    )


async def booked(person):
    return await db.fetch(
        "SELECT s.id, s.places, b.state FROM booking b JOIN shift s ON s.id = b.shift_id"
        " JOIN series r ON r.id = s.series_id WHERE b.person_id = {} ORDER BY s.starts_at",
        person.id,
    )


async def test_only_somebody_the_organisation_knows_is_asked(organisation, opportunity, volunteer):
    actor = organisation.owner.actor
    with pytest.raises(Conflict) as conflict:
        await operations.propose(actor, opportunity, a_proposal((await a_person()).id))
    assert conflict.value.field == "volunteer"
    made = await operations.propose(actor, opportunity, a_proposal(volunteer.id))
    assert (await queries.own(volunteer.actor, made)).state is VisitState.PROPOSED


async def test_the_address_is_shown_once_they_agreed_and_to_nobody_else(
    visit, volunteer, organisation
):
    before = await queries.own(volunteer.actor, visit)
    assert (before.whom, before.address) == ("", "")
    await operations.agree(volunteer.actor, visit)
    assert (await queries.own(volunteer.actor, visit)).address == "3 Mill Lane, Maldon"
    with pytest.raises(NotFound):
        await queries.own((await a_person()).actor, visit)
    assert (await operations.look(organisation.owner.actor, visit)).address
    looked = await db.fetch_value(
        "SELECT count(*) FROM personal_view WHERE subject_type = 'visit' AND subject_id = {}", visit
    )
    assert looked == 1
    await operations.end(volunteer.actor, visit)
    assert (await queries.own(volunteer.actor, visit)).address == ""


async def test_each_agreed_visit_is_a_shift_of_one_place_with_its_booking(visit, volunteer):
    assert await operations.agree(volunteer.actor, visit) == []
    rows = await booked(volunteer)
    assert len(rows) in {11, 12}
    assert {(row["places"], row["state"]) for row in rows} == {(1, "confirmed")}


async def test_a_visit_when_the_volunteer_is_elsewhere_is_not_booked(visit, volunteer):
    first = clock.instant(clock.today() + timedelta(days=14), time(14, 30))
    await a_booking(await a_shift(starts_at=first), volunteer.id)
    left = await operations.agree(volunteer.actor, visit)
    assert len(left) == 1
    short = await db.fetch("SELECT starts_at FROM shift WHERE least_needed > taken")
    assert len(short) == 1


async def test_a_visit_is_planned_ahead_and_booked_once(visit, volunteer):
    await operations.agree(volunteer.actor, visit)
    before = len(await booked(volunteer))
    last = (await booked(volunteer))[-1]["id"]
    await db.execute("DELETE FROM booking WHERE shift_id = {}", last)
    await db.execute("DELETE FROM shift WHERE id = {}", last)
    await db.execute("UPDATE series SET planned_until = NULL")
    assert [await operations.plan_ahead(), await operations.plan_ahead()] == [1, 0]
    assert len(await booked(volunteer)) == before


async def test_nobody_else_knows_when_somebody_is_visited(visit, volunteer, organisation):
    await operations.agree(volunteer.actor, visit)
    shift = (await booked(volunteer))[0]["id"]
    with pytest.raises(NotFound):
        await shifts.shift((await a_person()).actor, shift)
    assert await shifts.shift(volunteer.actor, shift)
    assert await shifts.shift(organisation.owner.actor, shift)


async def test_no_is_an_answer_once(visit, volunteer):
    await operations.decline(volunteer.actor, visit, "Mornings would do")
    with pytest.raises(IllegalMove):
        await operations.agree(volunteer.actor, visit)
    assert await booked(volunteer) == []


async def test_what_is_taken_back_is_gone(visit, volunteer, organisation):
    await operations.withdraw(organisation.owner.actor, visit)
    with pytest.raises(NotFound):
        await operations.agree(volunteer.actor, visit)


async def test_a_role_of_an_age_asks_for_the_volunteers_word(organisation, volunteer):
    grown_up = await an_opportunity(organisation.id, timing="arranged", minimum_age=18)
    visit = await a_visit(grown_up, volunteer.id)
    with pytest.raises(Conflict) as conflict:
        await operations.agree(volunteer.actor, visit)
    assert conflict.value.field == "old_enough"
    assert await operations.agree(volunteer.actor, visit, old_enough=True) == []


@pytest.mark.parametrize("by", ["volunteer", "organisation"])
async def test_ending_cancels_what_lies_ahead(visit, volunteer, organisation, by):
    await operations.agree(volunteer.actor, visit)
    actor = volunteer.actor if by == "volunteer" else organisation.owner.actor
    await operations.end(actor, visit)
    assert {row["state"] for row in await booked(volunteer)} == {"cancelled"}
    assert (
        await db.fetch_value(
            "SELECT DISTINCT cancelled_by FROM booking b JOIN shift s"
            " ON s.id = b.shift_id WHERE s.series_id IS NOT NULL"
        )
        == by
    )
    assert await operations.plan_ahead() == 0


async def test_agreed_visits_never_become_shifts_for_everybody(
    organisation, opportunity, visit, volunteer
):
    await operations.agree(volunteer.actor, visit)
    with pytest.raises(Conflict) as conflict:
        await opportunities.change(
            organisation.owner.actor, opportunity, Details(title="Open", timing=Timing.SHIFTS)
        )
    assert conflict.value.field == "timing"
