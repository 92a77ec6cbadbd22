"""Writing, publishing and ending opportunities; what the public index knows of them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock, db, listing_index
from marketplace.audit import entry
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.organisations.rules import State
from marketplace.permissions import ANONYMOUS, Actor, OrgRole
from marketplace.volunteering import listing, reactions
from marketplace.volunteering.opportunities import operations, own, queries
from marketplace.volunteering.opportunities.operations import Details
from marketplace.volunteering.rules import OpportunityState, Timing
from marketplace.volunteering.tables import Opportunity, Shift

pytestmark = pytest.mark.usefixtures("db")

COMPLETE = Details(
    title="Garden helper",
    summary="Weed and plant.",
    causes=["environment"],
    postcode="CM1 1AA",
    contact_name="Priya",
    timing=Timing.FLEXIBLE,
    contact_how="01245 000000",
)


async def listed(id):
    return await db.fetch_one("SELECT * FROM listing WHERE kind = 'opportunity' AND id = {}", id)


async def state(id):
    return await db.fetch_value("SELECT state FROM opportunity WHERE id = {}", id)


async def a_draft(organisation, details=COMPLETE):
    return await operations.draft(organisation.owner.actor, organisation.id, details)


async def test_a_title_is_enough_for_a_draft():
    organisation = await an_organisation()
    id = await a_draft(organisation, Details(title="Garden helper"))
    assert (await state(id), await listed(id)) == ("draft", None)


async def test_a_postcode_places_it():
    organisation = await an_organisation()
    id = await a_draft(organisation)
    found = await queries.opportunity(organisation.owner.actor, id)
    assert (found.town, found.postcode) == ("Chelmsford", "CM1 1AA")
    assert found.point is not None


async def test_an_unknown_postcode_is_refused_beside_its_field():
    organisation = await an_organisation()
    with pytest.raises(Conflict) as refused:
        await a_draft(organisation, Details(title="x", postcode="ZZ99 9ZZ"))
    assert refused.value.field == "postcode"


@pytest.mark.parametrize("role", [OrgRole.TRUSTEE, OrgRole.MEMBER, OrgRole.FINANCE])
async def test_only_owners_and_coordinators_write(role):
    organisation = await an_organisation()
    person = acting(await a_person(), **{role.value: organisation.id})
    with pytest.raises(NotAllowed):
        await operations.draft(person, organisation.id, COMPLETE)


async def test_a_draft_is_not_found_by_others():
    id = await a_draft(await an_organisation())
    for actor in (ANONYMOUS, (await a_person()).actor):
        with pytest.raises(NotFound):
            await queries.opportunity(actor, id)


async def test_publishing_lists_it():
    organisation = await an_organisation()
    id = await a_draft(organisation)
    await operations.publish(organisation.owner.actor, id)
    row = await listed(id)
    assert row["url"] == f"/opportunities/{id}"
    assert "cause:environment" in row["tags"]


async def test_nothing_is_published_before_the_organisation_is_approved():
    organisation = await an_organisation(state=State.DRAFT)
    id = await a_draft(organisation)
    with pytest.raises(Conflict, match="not approved yet"):
        await operations.publish(organisation.owner.actor, id)
    assert await state(id) == "draft"


async def test_what_is_missing_is_said_when_publishing():
    organisation = await an_organisation()
    id = await a_draft(organisation, Details(title="Garden helper", postcode="CM1 1AA"))
    with pytest.raises(Conflict, match="Say in one or two sentences"):
        await operations.publish(organisation.owner.actor, id)


async def test_a_published_one_must_stay_complete():
    organisation = await an_organisation()
    id = await a_draft(organisation)
    await operations.publish(organisation.owner.actor, id)
    with pytest.raises(Conflict) as refused:
        await operations.change(organisation.owner.actor, id, Details(title="Garden helper"))
    assert refused.value.field == "summary"


async def test_a_change_reaches_the_index():
    organisation = await an_organisation()
    id = await a_draft(organisation)
    await operations.publish(organisation.owner.actor, id)
    changed = Details(**{**_fields(COMPLETE), "title": "Orchard helper"})
    await operations.change(organisation.owner.actor, id, changed)
    assert (await listed(id))["title"] == "Orchard helper"


def _fields(details):
    return {name: getattr(details, name) for name in Details.__dataclass_fields__}


async def test_closing_withdraws_and_keeps_bookings():
    organisation = await an_organisation()
    id = await an_opportunity(organisation.id)
    booking = await a_booking(await a_shift(id))
    await operations.close(organisation.owner.actor, id)
    assert await listed(id) is None
    found = await db.fetch_value("SELECT state FROM booking WHERE id = {}", booking)
    assert found == "confirmed"


async def test_a_closed_one_opens_again():
    organisation = await an_organisation()
    id = await an_opportunity(organisation.id)
    await a_shift(id)
    await operations.close(organisation.owner.actor, id)
    await operations.publish(organisation.owner.actor, id)
    assert await listed(id) is not None


async def test_a_cancelled_one_is_the_end():
    organisation = await an_organisation()
    id = await an_opportunity(organisation.id)
    await operations.cancel(organisation.owner.actor, id)
    with pytest.raises(IllegalMove):
        await operations.publish(organisation.owner.actor, id)


async def test_cancelling_leaves_shifts_that_took_place():
    organisation = await an_organisation()
    id = await an_opportunity(organisation.id)
    past = await a_shift(id, starts_at=clock.now() - timedelta(days=1))
    await operations.cancel(organisation.owner.actor, id)
    row = await Shift.select(Shift.state).where(Shift.id == past).first()
    assert row == {"state": "planned"}


async def test_somebody_elses_opportunity_cannot_be_closed():
    id = await an_opportunity((await an_organisation()).id)
    other = await an_organisation(name="Others")
    with pytest.raises(NotAllowed):
        await operations.close(other.owner.actor, id)


async def test_an_unknown_opportunity_is_not_found():
    with pytest.raises(NotFound):
        await operations.close(Actor(person_id=uuid4()), uuid4())


async def test_suspending_the_organisation_withdraws_its_opportunities():
    organisation = await an_organisation()
    id = await an_opportunity(organisation.id)
    await a_shift(id)
    await db.execute("UPDATE organisation SET state = 'suspended' WHERE id = {}", organisation.id)
    await _react(organisation)
    assert await listed(id) is None


async def test_reinstating_it_lists_them_again():
    organisation = await an_organisation(state=State.SUSPENDED)
    id = await an_opportunity(organisation.id)
    await a_shift(id)
    await db.execute("UPDATE organisation SET state = 'approved' WHERE id = {}", organisation.id)
    await _react(organisation)
    assert await listed(id) is not None


async def _react(organisation):
    from marketplace import audit
    from marketplace.organisations.rules import Event

    async with db.transaction():
        id = await audit.record(
            Event.SUSPENDED, "organisation", organisation.id, by=organisation.owner.actor
        )
    found = await entry(id)
    assert found is not None
    await reactions.refresh_listings_of(found)


async def test_the_index_shows_the_next_shift_and_ends_with_the_last():
    id = await an_opportunity()
    first, last = clock.now() + timedelta(days=1), clock.now() + timedelta(days=8)
    await a_shift(id, starts_at=last)
    await a_shift(id, starts_at=first)
    row = await listed(id)
    assert (row["starts_at"], row["until"]) == (first, last)


async def test_each_day_of_a_shift_can_be_filtered_by():
    id = await an_opportunity()
    starts = clock.now() + timedelta(days=1)
    await a_shift(id, starts_at=starts)
    day = clock.local(starts).date()
    found = await listing_index.find(
        listing_index.Find(kinds=["opportunity"], any_tags=[f"on:{day}"])
    )
    assert [row.id for row in found.rows] == [id]


async def test_the_hourly_refresh_moves_on_to_the_next_shift():
    id = await an_opportunity()
    first = await a_shift(id, starts_at=clock.now() + timedelta(hours=1))
    later = clock.now() + timedelta(days=3)
    await a_shift(id, starts_at=later)
    await _an_hour_passes(id, first)
    assert await listing.refresh_listings() == 1
    assert (await listed(id))["starts_at"] == later


async def test_the_hourly_refresh_withdraws_what_is_over():
    id = await an_opportunity()
    only = await a_shift(id, starts_at=clock.now() + timedelta(hours=1))
    await _an_hour_passes(id, only)
    await listing.refresh_listings()
    assert await listed(id) is None


async def _an_hour_passes(id, shift):
    for table, column, key in (("listing", "id", id), ("shift", "id", shift)):
        await db.execute(
            f"UPDATE {table} SET starts_at = starts_at - interval '2 hours' WHERE {column} = {{}}",
            key,
        )


async def test_ones_own_list_says_how_full_the_shifts_to_come_are():
    organisation = await an_organisation()
    id = await an_opportunity(organisation.id)
    await a_booking(await a_shift(id, places=3))
    (row,) = (await own.of_organisation(organisation.owner.actor, organisation.id)).rows
    assert (row.shifts, row.places, row.taken) == (1, 3, 1)


async def test_ones_own_list_counts_what_waits_to_be_confirmed():
    organisation = await an_organisation()
    id = await an_opportunity(organisation.id)
    await a_booking(await a_shift(id, starts_at=clock.now() - timedelta(days=1)))
    (row,) = (await own.of_organisation(organisation.owner.actor, organisation.id)).rows
    assert row.to_confirm == 1


async def test_ones_own_list_is_turned_page_by_page_and_asked_by_state(monkeypatch):
    monkeypatch.setattr(own, "PAGE", 2)
    organisation = await an_organisation()
    drafts = {await an_opportunity(organisation.id, state="draft") for _ in range(2)}
    running = await an_opportunity(organisation.id)
    actor = organisation.owner.actor

    first = await own.of_organisation(actor, organisation.id)
    assert {row.id for row in first.rows} == drafts
    assert (first.total, first.pages) == (3, 2)
    # An address of yesterday may ask for a page that is gone: the last one stands there.
    assert [row.id for row in (await own.of_organisation(actor, organisation.id, page=9)).rows] == [
        running
    ]
    asked = await own.of_organisation(actor, organisation.id, OpportunityState.OPEN)
    assert ([row.id for row in asked.rows], asked.total) == ([running], 1)


async def test_an_opportunity_that_is_open_is_somewhere(owner):
    id = await an_opportunity(state="draft")
    with pytest.raises(Exception, match="opportunity_somewhere"):
        await Opportunity.update({Opportunity.state: "open", Opportunity.point: None}).where(
            Opportunity.id == id
        )
