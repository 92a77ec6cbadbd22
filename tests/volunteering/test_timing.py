"""Other shapes than shifts: by a last day, arranged, logged afterwards."""

from datetime import timedelta

import pytest
from tests.factories import a_shift, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.volunteering.opportunities import queries, still_open
from marketplace.volunteering.rules import OpportunityState, Timing

pytestmark = pytest.mark.usefixtures("db")


async def listed(opportunity):
    return await db.fetch_value("SELECT count(*) FROM listing WHERE id = {}", opportunity)


async def test_what_has_a_last_day_is_taken_down_after_it():
    today = clock.today()
    kept = await an_opportunity(timing="flexible", deadline=today)
    over = await an_opportunity(timing="flexible", deadline=today - timedelta(days=1))
    assert (await listed(kept), await listed(over)) == (1, 0)
    assert await still_open.expire_after_deadline() == 1
    assert await still_open.expire_after_deadline() == 0
    states = await db.fetch("SELECT id, state FROM opportunity")
    assert {row["id"]: row["state"] for row in states} == {kept: "open", over: "expired"}


async def test_what_is_over_opens_again_with_a_later_last_day_only():
    organisation = await an_organisation()
    actor = organisation.owner.actor
    over = await an_opportunity(
        organisation.id,
        timing="flexible",
        contact_how="01621 000000",
        deadline=clock.today() - timedelta(days=1),
    )
    await still_open.expire_after_deadline()
    view = await queries.opportunity(actor, over)
    assert view.state is OpportunityState.EXPIRED
    assert [field for field, _ in view.lacks(0)] == ["deadline"]


@pytest.mark.parametrize("timing", [Timing.ARRANGED, Timing.LOGGED])
async def test_what_has_no_shifts_is_found_without_any(timing):
    assert await listed(await an_opportunity(timing=timing.value)) == 1


async def test_when_somebody_is_visited_is_in_no_list():
    arranged = await an_opportunity(timing="arranged")
    await a_shift(arranged)
    row = await db.fetch_one("SELECT starts_at, tags FROM listing WHERE id = {}", arranged)
    assert row
    assert row["starts_at"] is None
    assert not [tag for tag in row["tags"] if tag.startswith("on:")]
    assert await queries.upcoming([arranged]) == {}
