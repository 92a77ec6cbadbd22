"""What a moderator reads before the public does, and who is trusted to publish by themselves."""

from dataclasses import replace

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.organisations.moderation import operations as organisations
from marketplace.permissions import ANONYMOUS, PlatformRole
from marketplace.volunteering.moderation import queries as moderation
from marketplace.volunteering.moderation.queries import Tab
from marketplace.volunteering.opportunities import deciding, operations, queries, steps
from marketplace.volunteering.opportunities.operations import Details
from marketplace.volunteering.roles import operations as roles
from marketplace.volunteering.rules import Timing

pytestmark = pytest.mark.usefixtures("db")

COMPLETE = Details(
    title="Garden helper",
    summary="Weed and plant.",
    postcode="CM1 1AA",
    contact_name="Priya",
    timing=Timing.FLEXIBLE,
    contact_how="01245 000000",
)


@pytest.fixture
async def untrusted(db):
    return await an_organisation(trusted=False)


@pytest.fixture
async def moderator(db):
    return (await a_person(name="Mo", platform=(PlatformRole.MODERATOR,))).actor


async def a_draft(organisation):
    return await operations.draft(organisation.owner.actor, organisation.id, COMPLETE)


async def accept(moderator, id):
    found = await queries.opportunity(moderator, id)
    await deciding.accept(moderator, id, deciding.fingerprint(await steps.text(found)))


async def open_one(organisation, moderator):
    id = await a_draft(organisation)
    await operations.submit(organisation.owner.actor, id)
    await accept(moderator, id)
    return id


async def row(id):
    found = await db.fetch_one(
        "SELECT state, moderator_note, recheck_since IS NOT NULL AS recheck,"
        " EXISTS (SELECT FROM listing l WHERE l.id = o.id) AS listed FROM opportunity o"
        " WHERE id = {}",
        id,
    )
    assert found is not None
    return found


async def queued(moderator, tab):
    return [each.id for each in (await moderation.queue(moderator, tab)).rows]


async def test_an_organisation_not_yet_trusted_cannot_publish_by_itself(untrusted):
    id = await a_draft(untrusted)
    with pytest.raises(Conflict, match="Send this one in instead"):
        await operations.publish(untrusted.owner.actor, id)


async def test_what_is_sent_in_is_public_once_it_is_accepted(untrusted, moderator):
    id = await a_draft(untrusted)
    await operations.submit(untrusted.owner.actor, id)
    assert await queued(moderator, Tab.WAITING) == [id]
    with pytest.raises(NotFound):
        await queries.opportunity(ANONYMOUS, id)
    await accept(moderator, id)
    assert (await row(id))["listed"]
    assert await queued(moderator, Tab.WAITING) == []


async def test_what_is_not_complete_is_not_sent_in(untrusted):
    actor = untrusted.owner.actor
    id = await operations.draft(actor, untrusted.id, replace(COMPLETE, summary=""))
    with pytest.raises(Conflict, match="Say in one or two sentences"):
        await operations.submit(actor, id)


async def test_a_moderator_does_not_accept_words_they_have_not_read(untrusted, moderator):
    id = await a_draft(untrusted)
    await operations.submit(untrusted.owner.actor, id)
    seen = deciding.fingerprint(await steps.text(await queries.opportunity(moderator, id)))
    await operations.change(untrusted.owner.actor, id, replace(COMPLETE, title="Win money"))
    with pytest.raises(Conflict, match="changed while you were reading"):
        await deciding.accept(moderator, id, seen)


async def test_a_draft_is_not_accepted_before_it_is_sent_in(untrusted, moderator):
    with pytest.raises(IllegalMove):
        await accept(moderator, await a_draft(untrusted))


async def test_sent_back_with_a_note_it_can_be_sent_in_again(untrusted, moderator):
    id = await a_draft(untrusted)
    await operations.submit(untrusted.owner.actor, id)
    await deciding.send_back(moderator, id, "Say how old people must be.")
    found = await row(id)
    assert (found["state"], found["moderator_note"]) == (
        "needs_work",
        "Say how old people must be.",
    )
    await operations.submit(untrusted.owner.actor, id)
    assert (await row(id))["state"] == "submitted"


async def test_what_waits_can_be_taken_back(untrusted):
    id = await a_draft(untrusted)
    await operations.submit(untrusted.owner.actor, id)
    await operations.take_back(untrusted.owner.actor, id)
    assert (await row(id))["state"] == "draft"


@pytest.mark.parametrize("verb", ["accept", "send_back"])
async def test_nobody_decides_about_their_own_organisation(untrusted, moderator, verb):
    id = await a_draft(untrusted)
    await operations.submit(untrusted.owner.actor, id)
    insider = replace(moderator, memberships=untrusted.owner.actor.memberships)
    with pytest.raises(NotAllowed):
        await getattr(deciding, verb)(insider, id, "x")


async def test_a_changed_word_is_read_after_it_is_public(untrusted, moderator):
    id = await open_one(untrusted, moderator)
    await operations.change(untrusted.owner.actor, id, replace(COMPLETE, title="Orchard helper"))
    assert await row(id) == {
        "state": "open",
        "moderator_note": "",
        "recheck": True,
        "listed": True,
    }
    (changed,) = (await moderation.reading(moderator, id)).changed
    assert (changed.part, changed.before, changed.now) == (
        "Title",
        "Garden helper",
        "Orchard helper",
    )
    await accept(moderator, id)
    assert await queued(moderator, Tab.CHANGED) == []


async def test_changing_it_back_leaves_nothing_to_read(untrusted, moderator):
    id = await open_one(untrusted, moderator)
    await operations.change(untrusted.owner.actor, id, replace(COMPLETE, title="Orchard helper"))
    await operations.change(untrusted.owner.actor, id, COMPLETE)
    assert await queued(moderator, Tab.CHANGED) == []


async def test_what_is_ticked_needs_no_second_look(untrusted, moderator):
    id = await open_one(untrusted, moderator)
    await operations.change(untrusted.owner.actor, id, replace(COMPLETE, access=["step-free"]))
    assert not (await row(id))["recheck"]


async def test_the_words_of_a_new_role_are_read_too(untrusted, moderator):
    id = await open_one(untrusted, moderator)
    await roles.add(untrusted.owner.actor, id, roles.Details(title="Driver"))
    assert await queued(moderator, Tab.CHANGED) == [id]


async def test_a_change_that_is_returned_is_taken_down(untrusted, moderator):
    id = await open_one(untrusted, moderator)
    await operations.change(untrusted.owner.actor, id, replace(COMPLETE, title="Win money"))
    await deciding.send_back(moderator, id, "We list volunteering only.")
    found = await row(id)
    assert (found["state"], found["listed"]) == ("needs_work", False)
    with pytest.raises(NotFound):
        await queries.opportunity(ANONYMOUS, id)


async def test_whoever_has_a_place_still_reads_what_was_taken_down(untrusted, moderator):
    id = await an_opportunity(untrusted.id)
    person = await a_person()
    await a_booking(await a_shift(id), person.id)
    await deciding.send_back(moderator, id, "Which gate?")
    assert (await queries.opportunity(person.actor, id)).id == id
    with pytest.raises(NotFound):
        await queries.opportunity((await a_person()).actor, id)


async def test_what_was_paused_comes_back_without_a_moderator(untrusted, moderator):
    id = await open_one(untrusted, moderator)
    await operations.pause(untrusted.owner.actor, id)
    assert not (await row(id))["listed"]
    await operations.publish(untrusted.owner.actor, id)
    assert (await row(id))["listed"]


async def test_a_trusted_organisation_publishes_by_itself(untrusted, moderator):
    await organisations.trust(moderator, untrusted.id)
    id = await a_draft(untrusted)
    await operations.publish(untrusted.owner.actor, id)
    assert (await row(id))["listed"]
    await operations.change(untrusted.owner.actor, id, replace(COMPLETE, title="Orchard helper"))
    assert await queued(moderator, Tab.CHANGED) == []
    await organisations.end_trust(moderator, untrusted.id)
    with pytest.raises(Conflict):
        await operations.publish(untrusted.owner.actor, await a_draft(untrusted))


async def test_trust_is_written_down(untrusted, moderator):
    await organisations.trust(moderator, untrusted.id)
    found = await db.fetch_one(
        "SELECT actor_id, organisation_id FROM history WHERE event = 'organisation.trusted'"
    )
    assert found == {"actor_id": moderator.person_id, "organisation_id": untrusted.id}


async def test_an_owner_does_not_trust_themselves(untrusted):
    both = replace(acting(await a_person(platform=(PlatformRole.MODERATOR,)), owner=untrusted.id))
    with pytest.raises(NotAllowed):
        await organisations.trust(both, untrusted.id)


async def test_suspension_ends_trust(moderator):
    trusted = await an_organisation()
    await organisations.suspend(moderator, trusted.id, "Complaints.")
    assert await db.fetch_value("SELECT trusted_at FROM organisation") is None


async def test_after_three_accepted_a_moderator_is_offered_to_trust(untrusted, moderator):
    for number in range(3):
        assert (await moderation.queue(moderator)).earned == [], number
        await open_one(untrusted, moderator)
    (earned,) = (await moderation.queue(moderator)).earned
    assert (earned.id, earned.accepted) == (untrusted.id, 3)


async def test_a_draft_that_is_nowhere_yet_can_be_thrown_away(untrusted):
    id = await operations.draft(untrusted.owner.actor, untrusted.id, Details(title="Nowhere"))
    await operations.cancel(untrusted.owner.actor, id)
    assert (await row(id))["state"] == "cancelled"


# --- the pages


async def test_from_sending_in_to_accepted_in_the_browser(untrusted, moderator, browsers):
    id = await a_draft(untrusted)
    home = f"/manage/opportunities/{id}"
    owner = await browsers().sign_in_as(untrusted.owner.id)
    page = await owner.submit(await owner.get(home), f"{home}/submission")
    assert "Waiting for a moderator" in page.words()
    mo = await browsers().sign_in_as(moderator.person_id)
    address = f"/moderation/opportunities/{id}"
    assert "Garden helper" in (await mo.get("/moderation/opportunities")).words()
    page = await mo.submit(await mo.get(address), f"{address}/return", note="")
    assert page.status == 422
    page = await mo.submit(page, f"{address}/return", note="Which garden?")
    assert "Sent back with your note" in page.words()
    page = await owner.get(home)
    assert "Which garden?" in page.words()
    await owner.submit(page, f"{home}/submission")
    page = await mo.submit(await mo.get(address), f"{address}/acceptance")
    assert "Accepted" in page.words()
    assert "Garden helper" in (await browsers().get("/opportunities")).words()


async def test_the_list_of_an_organisation_says_what_is_full(browsers):
    organisation = await an_organisation()
    await a_booking(await a_shift(await an_opportunity(organisation.id), places=1))
    page = await (await browsers().sign_in_as(organisation.owner.id)).get(
        f"/manage/{organisation.id}/opportunities"
    )
    assert "Garden helperFull" in page.words()


async def test_the_queue_shows_the_longest_waiting_first(untrusted, moderator):
    later = await an_opportunity(untrusted.id, state="submitted", submitted_at=clock.now())
    first = await an_opportunity(
        untrusted.id, state="submitted", submitted_at=clock.now().replace(year=2025)
    )
    assert await queued(moderator, Tab.WAITING) == [first, later]
