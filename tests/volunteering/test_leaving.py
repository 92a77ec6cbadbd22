"""What somebody who leaves had arranged, asked for and answered for in volunteering."""

from datetime import timedelta

import pytest
from tests import factories, factories_credentials, factories_minors, factories_screening
from tests.factories import PASSWORD

from marketplace import clock, db
from marketplace.accounts.leaving import operations as leaving
from marketplace.volunteering.applications.rules import ApplicationState
from marketplace.volunteering.attendance.tables import ShiftLeader
from marketplace.volunteering.expenses import operations as expenses
from marketplace.volunteering.expenses.operations import Spent
from marketplace.volunteering.expenses.rules import Kind
from marketplace.volunteering.hours import claims
from marketplace.volunteering.visits import operations as visits

pytestmark = pytest.mark.usefixtures("app", "db")


@pytest.fixture
async def here(db):
    return await factories.an_organisation()


@pytest.fixture
async def vi(here):
    """Give somebody whom the organisation knows: they had a place on a shift of it."""
    person = await factories.a_person()
    shift = await factories.a_shift(
        await factories.an_opportunity(here.id), starts_at=clock.now() - timedelta(days=7)
    )
    await factories.a_booking(shift, person.id, state="attended")
    return person


async def leave(person):
    await leaving.leave(person.actor, password=PASSWORD)


async def test_visits_end_and_those_that_were_asked_for_are_declined(here, vi):
    arranged = await factories.an_opportunity(here.id, timing="arranged", minimum_age=0)
    agreed = await factories.a_visit(arranged, vi.id)
    asked = await factories.a_visit(arranged, vi.id)
    await visits.agree(vi.actor, agreed)
    await leave(vi)
    states = {row["id"]: row["state"] for row in await db.fetch("SELECT id, state FROM visit")}
    assert states == {agreed: "ended", asked: "declined"}
    ahead = await db.fetch(
        "SELECT DISTINCT state FROM shift WHERE series_id IS NOT NULL AND starts_at > now()"
    )
    assert ahead == [{"state": "cancelled"}]


async def test_an_application_is_withdrawn_and_a_draft_deleted(here, vi):
    roles = [
        await factories_screening.the_role(await factories.an_opportunity(here.id)) for _ in "ab"
    ]
    sent = await factories_screening.an_application(roles[0], vi.id)
    await factories_screening.an_application(roles[1], vi.id, ApplicationState.DRAFT)
    await leave(vi)
    assert await db.fetch("SELECT id, state FROM role_application") == [
        {"id": sent, "state": "withdrawn"}
    ]


async def test_a_claim_of_expenses_is_taken_back(here, vi):
    spent = Spent(here.id, on=clock.today(), kind=Kind.RECEIPT, what="Bus", pence=450)
    await expenses.submit(vi.actor, spent)
    await leave(vi)
    assert await db.fetch_value("SELECT state FROM expense") == "withdrawn"


async def test_hours_that_were_claimed_can_still_be_agreed(here, vi):
    role = await db.fetch_value("SELECT id FROM role")
    id = await claims.claim(vi.actor, role, clock.today(), 90, "")
    await leave(vi)
    await claims.agree(here.owner.actor, id)
    assert await db.fetch_value("SELECT state FROM hours WHERE id = {}", id) == "confirmed"


async def test_what_somebody_was_trusted_or_asked_with_ends(here, vi):
    role = await db.fetch_value("SELECT id FROM role")
    await ShiftLeader(person_id=vi.id, organisation_id=here.id, role_id=role).save()
    await factories_minors.a_named_adult(role, here.id, vi.id)
    await factories_credentials.a_request(role, vi.id, here.id)
    await leave(vi)
    for table, ended in (
        ("shift_leader", "ended_at"),
        ("named_adult", "ended_at"),
        ("check_request", "closed_at"),
    ):
        assert await db.fetch_value(f"SELECT {ended} IS NOT NULL FROM {table}"), table
