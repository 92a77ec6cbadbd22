"""Deciding about registrations, with the real database."""

from uuid import uuid4

import pytest
from tests.factories import a_person, acting, an_organisation

from marketplace import listing_index
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.listing_index import Find, Listing
from marketplace.organisations import queries as organisations
from marketplace.organisations.moderation import operations, queries
from marketplace.organisations.rules import Kind, State
from marketplace.permissions import ANONYMOUS, OrgRole, PlatformRole


async def a_moderator():
    return (await a_person(name="Mo", platform=(PlatformRole.MODERATOR,))).actor


async def listed():
    return [row.id for row in (await listing_index.find(Find(["organisation"]))).rows]


async def state(made):
    return (await organisations.workspace(made.owner.actor, made.id)).state


async def test_approval_makes_an_organisation_public(db):
    made = await an_organisation(state=State.SUBMITTED)
    await operations.approve(await a_moderator(), made.id)
    assert await listed() == [made.id]
    assert (await organisations.organisation(ANONYMOUS, made.id)).approved


async def test_what_waits_is_not_public(db):
    made = await an_organisation(state=State.SUBMITTED)
    with pytest.raises(NotFound):
        await organisations.organisation(ANONYMOUS, made.id)


async def test_a_moderator_does_not_approve_an_organisation_they_belong_to(db):
    person = await a_person(platform=(PlatformRole.MODERATOR,))
    made = await an_organisation(state=State.SUBMITTED, members={OrgRole.TRUSTEE: person})
    with pytest.raises(NotAllowed, match="another moderator"):
        await operations.approve(acting(person, trustee=made.id), made.id)


async def test_a_moderator_does_not_approve_what_they_registered_and_left(db):
    person = await a_person(platform=(PlatformRole.MODERATOR,))
    made = await an_organisation(state=State.SUBMITTED, owner=person)
    with pytest.raises(NotAllowed, match="another moderator"):
        await operations.approve(person.actor, made.id)


async def test_an_owner_does_not_approve(db):
    made = await an_organisation(state=State.SUBMITTED)
    with pytest.raises(NotFound):
        await operations.approve(made.owner.actor, made.id)


async def test_an_incomplete_registration_is_not_approved(db):
    made = await an_organisation(state=State.SUBMITTED, summary="")
    with pytest.raises(Conflict, match="not complete"):
        await operations.approve(await a_moderator(), made.id)


@pytest.mark.parametrize(
    "before", [s for s in State if s is not State.SUBMITTED], ids=lambda s: s.value
)
async def test_only_what_waits_is_approved(db, before):
    made = await an_organisation(state=before)
    with pytest.raises(IllegalMove):
        await operations.approve(await a_moderator(), made.id)


async def test_sending_back_leaves_the_note(db):
    made = await an_organisation(state=State.SUBMITTED)
    await operations.send_back(await a_moderator(), made.id, "Say where you meet.")
    found = await organisations.workspace(made.owner.actor, made.id)
    assert (found.state, found.moderator_note) == (State.NEEDS_WORK, "Say where you meet.")


async def test_history_does_not_keep_the_note(db):
    made = await an_organisation(state=State.SUBMITTED)
    await operations.send_back(await a_moderator(), made.id, "Say where Ann lives.")
    row = await db.fetch_one("SELECT * FROM history WHERE subject_id = {}", made.id)
    assert row["event"] == "organisation.returned"
    assert "Ann" not in str(row)


async def test_refusing_is_for_good(db):
    made = await an_organisation(state=State.SUBMITTED)
    moderator = await a_moderator()
    await operations.refuse(moderator, made.id, "Not in this place.")
    with pytest.raises(IllegalMove):
        await operations.approve(moderator, made.id)


async def test_suspending_takes_down_all_that_is_listed(db):
    made = await an_organisation()
    async with db.transaction():
        await listing_index.publish(
            Listing("opportunity", uuid4(), "/o", "Digging", "", organisation_id=made.id)
        )
    await operations.suspend(await a_moderator(), made.id, "Complaints.")
    assert await db.fetch_value("SELECT count(*) FROM listing") == 0


async def test_reinstating_lists_it_again(db):
    made = await an_organisation(state=State.SUSPENDED)
    await operations.reinstate(await a_moderator(), made.id)
    assert await listed() == [made.id]
    event = await db.fetch_value("SELECT event FROM history WHERE subject_id = {}", made.id)
    assert event == "organisation.reinstated"


async def test_only_a_suspended_one_is_reinstated(db):
    made = await an_organisation(state=State.SUBMITTED)
    with pytest.raises(IllegalMove):
        await operations.reinstate(await a_moderator(), made.id)
    assert await state(made) is State.SUBMITTED


async def test_the_queue_is_for_moderators(db):
    made = await an_organisation()
    with pytest.raises(NotFound):
        await queries.queue(made.owner.actor)


async def test_the_longest_waiting_comes_first(db):
    first = await an_organisation(name="First", state=State.SUBMITTED)
    second = await an_organisation(name="Second", state=State.SUBMITTED)
    await db.execute(
        "UPDATE organisation SET submitted_at = submitted_at - interval '1 day' WHERE id = {}",
        second.id,
    )
    await an_organisation(name="Approved")
    queue = await queries.queue(await a_moderator())
    assert [row.id for row in queue.rows] == [second.id, first.id]
    assert queue.counts == {State.SUBMITTED: 2, State.APPROVED: 1}


async def in_register(owner, **changes):
    row = {"name": "WITHAM WHEELERS LTD", "postcode": "CM8 1AA", "status": "Registered"} | changes
    await owner.execute(
        "INSERT INTO register_charity (organisation_number, registered_number, linked_number, name,"
        " search_name, charity_type, status, reporting_status, address, postcode, web,"
        " company_number, activities) VALUES (9900001, 9900001, 0, $1, $1, 'CIO', $2, '',"
        " '{}', $3, '', '', '')",
        row["name"],
        row["status"],
        row["postcode"],
    )


@pytest.mark.parametrize(
    ("official", "name", "postcode"),
    [
        ({}, False, False),
        ({"name": "BRAINTREE WHEELERS"}, True, False),
        ({"postcode": "SS1 1AA"}, False, True),
        ({"postcode": ""}, False, False),
    ],
)
async def test_what_was_typed_is_laid_beside_the_register(db, owner, official, name, postcode):
    await in_register(owner, **official)
    made = await an_organisation(kind=Kind.CHARITY, charity_number="9900001")
    found = await queries.comparison(await organisations.organisation(ANONYMOUS, made.id))
    assert (found.name_differs, found.postcode_differs) == (name, postcode)


async def test_a_number_that_is_not_in_the_register_has_no_entry(db):
    made = await an_organisation(kind=Kind.CHARITY, charity_number="SC012345")
    found = await queries.comparison(await organisations.organisation(ANONYMOUS, made.id))
    assert found.entry is None
