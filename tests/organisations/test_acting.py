"""A broker acts for an organisation while its owner lets them, under both names."""

from typing import Any

import pytest
from tests.factories import PlatformRole, a_person, acting, an_organisation

from marketplace import clock
from marketplace.accounts import operations as accounts
from marketplace.accounts.sessions import hash_of
from marketplace.errors import NotAllowed
from marketplace.organisations.people import acting as consent
from marketplace.organisations.queries import actor_of_session
from marketplace.permissions import Actor, OrgRole, Permission
from marketplace.volunteering.opportunities import operations as opportunities


async def signed_in(person: Any) -> Actor:
    token = await accounts.start_session(person.id, device="A phone")
    actor = await actor_of_session(hash_of(token))
    assert actor is not None
    return actor


async def test_a_broker_may_act_only_while_the_owner_lets_them(db: Any):
    here, other = await an_organisation(), await an_organisation(name="Other")
    broker = await a_person(platform=(PlatformRole.BROKER,))
    moderator = await a_person(platform=(PlatformRole.MODERATOR,))
    may = Permission.WRITE_OPPORTUNITIES
    assert not (await signed_in(broker)).can(may, here.id)
    await consent.allow(here.owner.actor, here.id)
    actor = await signed_in(broker)
    assert actor.can(may, here.id)
    assert actor.where(may) == {here.id}
    assert not actor.can(may, other.id)
    assert not actor.can(Permission.INVITE_PEOPLE, here.id)
    assert not (await signed_in(moderator)).can(may, here.id)
    await consent.end(here.owner.actor, here.id)
    assert not (await signed_in(broker)).can(may, here.id)
    assert await db.fetch_value("SELECT count(*) FROM acting_consent") == 2


async def test_only_an_owner_decides_and_never_the_broker(db: Any):
    here = await an_organisation()
    coordinator = await a_person()
    with pytest.raises(NotAllowed):
        await consent.allow(acting(coordinator, coordinator=here.id), here.id)
    await consent.allow(here.owner.actor, here.id)
    broker = await signed_in(await a_person(platform=(PlatformRole.BROKER,)))
    with pytest.raises(NotAllowed):
        await consent.end(broker, here.id)


async def test_what_a_broker_does_is_recorded_under_both_names(db: Any, browsers: Any):
    here = await an_organisation(name="Here")
    await consent.allow(here.owner.actor, here.id)
    broker = await signed_in(await a_person(name="Bo", platform=(PlatformRole.BROKER,)))
    id = await opportunities.draft(broker, here.id, opportunities.Details(title="Garden"))
    row = await db.fetch_one("SELECT actor_id, on_behalf_of FROM history WHERE subject_id = {}", id)
    assert row == {"actor_id": broker.person_id, "on_behalf_of": here.id}
    await opportunities.draft(here.owner.actor, here.id, opportunities.Details(title="Own"))
    assert await db.fetch_value("SELECT count(on_behalf_of) FROM history") == 1
    browser = browsers()
    admin = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    await browser.sign_in_as(admin.id)
    assert "Bo for Here" in (await browser.get(f"/admin/history?about={id}")).words()


async def test_a_broker_who_is_a_member_acts_as_one(db: Any):
    here = await an_organisation()
    broker = await a_person(platform=(PlatformRole.BROKER,))
    await db.execute(
        "INSERT INTO membership (id, organisation_id, person_id, role, since)"
        " VALUES (gen_random_uuid(), {}, {}, {}, {})",
        here.id,
        broker.id,
        OrgRole.MEMBER.value,
        clock.now(),
    )
    await consent.allow(here.owner.actor, here.id)
    actor = await signed_in(broker)
    assert not actor.can(Permission.WRITE_OPPORTUNITIES, here.id)
    assert actor.acts_for(here.id) is None


async def test_a_broker_finds_those_who_let_them(db: Any, browsers: Any):
    here = await an_organisation(name="Here")
    await consent.allow(here.owner.actor, here.id)
    browser = browsers()
    await browser.sign_in_as((await a_person(platform=(PlatformRole.BROKER,))).id)
    page = await browser.get("/broker/organisations")
    assert f"/manage/{here.id}" in page.links()


async def test_an_owner_says_so_on_the_page_of_people(db: Any, browsers: Any):
    here = await an_organisation()
    browser = browsers()
    await browser.sign_in_as(here.owner.id)
    address = f"/manage/{here.id}/people"
    page = await browser.submit(await browser.get(address), f"/manage/{here.id}/acting")
    assert "may act for you now" in page.words()
    page = await browser.submit(page, f"/manage/{here.id}/acting/removal")
    assert "Let the volunteer centre act for us" in page.words()
