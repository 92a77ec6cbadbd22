"""Registering, editing, sending and closing, with the real database."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.factories import a_person, acting, an_organisation

from marketplace import listing_index
from marketplace.db import Once, Replayed
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound, SignInRequired
from marketplace.listing_index import Find
from marketplace.organisations import operations, queries
from marketplace.organisations.rules import Details, Kind, State
from marketplace.permissions import ANONYMOUS, OrgRole

DETAILS = Details(
    name="Maldon Menders",
    summary="Mends what others throw away",
    causes=("environment",),
    postcode="CM9 5AA",
    contact_email="hello@example.org",
)


async def events(db, subject):
    rows = await db.fetch("SELECT event FROM history WHERE subject_id = {} ORDER BY seq", subject)
    return [row["event"] for row in rows]


async def in_register(owner, number, status="Registered"):
    await owner.execute(
        "INSERT INTO register_charity (organisation_number, registered_number, linked_number, name,"
        " search_name, charity_type, status, reporting_status, address, postcode, web,"
        " company_number, activities) VALUES ($1, $1, 0, 'MALDON MENDERS', 'maldon menders', 'CIO',"
        " $2, '', '{1 High Street,Maldon}', 'CM9 5AA', '', '', '')",
        number,
        status,
    )


async def register(person, details=DETAILS, **changes):
    return await operations.register_organisation(
        person.actor, details, **{"kind": Kind.COMMUNITY_GROUP, **changes}
    )


async def test_whoever_registers_becomes_the_owner(db):
    person = await a_person()
    id = await register(person)
    assert await queries.owners(id) == [person.id]


async def test_a_registration_is_sent_at_once_and_recorded(db):
    person = await a_person()
    id = await register(person)
    assert await events(db, id) == ["organisation.registered", "organisation.submitted"]


async def test_a_draft_waits_and_may_lack_everything_but_a_name(db):
    person = await a_person()
    id = await register(person, Details(name="Maldon Menders"), send=False)
    owner = acting(person, owner=id)
    assert (await queries.workspace(owner, id)).state is State.DRAFT


async def test_what_is_missing_is_asked_for_beside_its_field(db):
    person = await a_person()
    with pytest.raises(Conflict) as refused:
        await register(person, replace(DETAILS, summary=""))
    assert refused.value.field == "summary"


async def test_the_postcode_gives_point_and_town(db):
    person = await a_person()
    id = await register(person)
    found = await queries.workspace(acting(person, owner=id), id)
    assert found.town == "Maldon"
    assert found.point is not None


async def test_an_unconfirmed_address_may_not_register(db):
    person = await a_person(confirmed=False)
    with pytest.raises(NotAllowed):
        await register(person)


async def test_somebody_unknown_may_not_register(db):
    with pytest.raises(SignInRequired):
        await operations.register_organisation(ANONYMOUS, DETAILS, kind=Kind.OTHER)


async def test_the_same_form_twice_registers_once(db):
    person = await a_person()
    key = str(uuid4())
    id = await register(person, once=Once(key, "same", "/"))
    with pytest.raises(Replayed) as replayed:
        await register(person, once=Once(key, "same", "/"))
    assert replayed.value.address == f"/manage/{id}"
    assert await db.fetch_value("SELECT count(*) FROM organisation") == 1


async def test_a_charity_number_is_registered_once(db):
    await register(await a_person(), kind=Kind.CHARITY, charity_number="9900001")
    with pytest.raises(Conflict, match="registered here already"):
        await register(await a_person(), kind=Kind.CHARITY, charity_number="9900001")


async def test_of_two_who_register_a_number_at_once_one_wins(db):
    people = [await a_person(), await a_person()]
    results = await asyncio.gather(
        *(register(person, kind=Kind.CHARITY, charity_number="9900001") for person in people),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "UUID"]


async def test_a_closed_organisation_frees_its_number(db):
    first = await an_organisation(charity_number="9900001")
    await operations.close(first.owner.actor, first.id)
    assert await register(await a_person(), kind=Kind.CHARITY, charity_number="9900001")


async def test_a_charity_removed_from_the_register_is_refused(db, owner):
    await in_register(owner, 9900002, "Removed")
    with pytest.raises(Conflict, match="removed"):
        await register(await a_person(), kind=Kind.CHARITY, charity_number="9900002")


async def test_a_charity_needs_its_number(db):
    with pytest.raises(Conflict) as refused:
        await register(await a_person(), kind=Kind.CHARITY, charity_number="")
    assert refused.value.field == "number"


async def test_an_edit_of_an_approved_organisation_is_listed_at_once(db):
    made = await an_organisation()
    await operations.edit(made.owner.actor, made.id, replace(DETAILS, name="Witham Spokes"))
    found = await listing_index.find(Find(["organisation"], "spokes"))
    assert [row.title for row in found.rows] == ["Witham Spokes"]


async def test_an_edit_of_a_draft_lists_nothing(db):
    made = await an_organisation(state=State.DRAFT)
    await operations.edit(made.owner.actor, made.id, DETAILS)
    assert (await listing_index.find(Find(["organisation"]))).total == 0


async def test_a_new_name_reaches_everything_listed(db):
    made = await an_organisation()
    async with db.transaction():
        await listing_index.publish(
            listing_index.Listing(
                "opportunity",
                uuid4(),
                "/opportunities/1",
                "Digging",
                "",
                organisation_id=made.id,
                organisation_name=made.name,
            )
        )
    await operations.edit(made.owner.actor, made.id, DETAILS)
    (row,) = (await queries.offers(made.id)).opportunities
    assert row.organisation_name == "Maldon Menders"


async def test_an_approved_organisation_stays_complete(db):
    made = await an_organisation()
    with pytest.raises(Conflict) as refused:
        await operations.edit(made.owner.actor, made.id, replace(DETAILS, causes=()))
    assert refused.value.field == "causes"


async def test_an_edit_that_changes_nothing_records_nothing(db):
    made = await an_organisation()
    found = await queries.workspace(made.owner.actor, made.id)
    await operations.edit(made.owner.actor, made.id, found.details)
    assert await events(db, made.id) == []


async def test_history_names_the_changed_fields_and_not_their_values(db):
    made = await an_organisation()
    found = await queries.workspace(made.owner.actor, made.id)
    changed = replace(found.details, contact_phone="01245 000000")
    await operations.edit(made.owner.actor, made.id, changed)
    data = await db.fetch_value("SELECT data FROM history WHERE subject_id = {}", made.id)
    assert data == {"fields": ["contact_phone"]}


@pytest.mark.parametrize("state", [State.REFUSED, State.CLOSED])
async def test_what_has_ended_cannot_be_edited(db, state):
    made = await an_organisation(state=state)
    with pytest.raises(Conflict):
        await operations.edit(made.owner.actor, made.id, DETAILS)


async def test_a_coordinator_may_not_edit(db):
    person = await a_person()
    made = await an_organisation(members={OrgRole.COORDINATOR: person})
    with pytest.raises(NotAllowed):
        await operations.edit(acting(person, coordinator=made.id), made.id, DETAILS)


async def test_a_stranger_finds_no_workspace_to_edit(db):
    made = await an_organisation()
    with pytest.raises(NotFound):
        await operations.edit((await a_person()).actor, made.id, DETAILS)


@pytest.mark.parametrize("state", [State.DRAFT, State.NEEDS_WORK])
async def test_a_draft_or_mended_registration_is_sent(db, state):
    made = await an_organisation(state=state)
    await operations.submit(made.owner.actor, made.id)
    assert (await queries.workspace(made.owner.actor, made.id)).state is State.SUBMITTED


@pytest.mark.parametrize("state", [State.SUBMITTED, State.APPROVED, State.SUSPENDED])
async def test_nothing_else_is_sent(db, state):
    made = await an_organisation(state=state)
    with pytest.raises(IllegalMove):
        await operations.submit(made.owner.actor, made.id)


async def test_closing_takes_the_organisation_off_the_public_pages(db):
    made = await an_organisation()
    await operations.close(made.owner.actor, made.id)
    assert (await listing_index.find(Find(["organisation"]))).total == 0
    with pytest.raises(NotFound):
        await queries.organisation(ANONYMOUS, made.id)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("opportunity", "opportunities first"), ("thing", "things out"), ("fund", "funds first")],
)
async def test_an_organisation_that_offers_something_is_not_closed(db, kind, said):
    made = await an_organisation()
    async with db.transaction():
        await listing_index.publish(
            listing_index.Listing(
                kind, uuid4(), "/opportunities/1", "Digging", "", organisation_id=made.id
            )
        )
    with pytest.raises(Conflict, match=said):
        await operations.close(made.owner.actor, made.id)
