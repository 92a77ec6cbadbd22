"""Who hears of a concern, and what happens where nobody looks; with the real database."""

import asyncio
from datetime import timedelta

import pytest
from tests.factories import a_person, acting, an_organisation
from tests.factories_safety import CODE, a_concern, a_lead, a_place_lead

from marketplace import audit, clock
from marketplace.concerns import operations, queries
from marketplace.concerns.operations import Worry
from marketplace.concerns.rules import AboutLeads, Event, NoteKind, State
from marketplace.errors import Conflict, NotFound
from marketplace.organisations.people import operations as people
from marketplace.organisations.safeguarding_leads import operations as naming
from marketplace.organisations.safeguarding_leads.rules import Part
from marketplace.permissions import SYSTEM, OrgRole, PlatformRole


async def a_place():
    """Give an organisation with a lead and a deputy, and the place's lead."""
    lead, deputy = await a_person(name="Lena Lead"), await a_person(name="Dev Deputy")
    made = await an_organisation(members={OrgRole.MEMBER: lead, OrgRole.COORDINATOR: deputy})
    await a_lead(made.id, lead.id)
    await a_lead(made.id, deputy.id, Part.DEPUTY)
    place = await a_person(name="Pia Place")
    await a_place_lead(place.id)
    return made, lead, deputy, place


async def raised(made, **said):
    worry = Worry(text="She is afraid of him.", organisation_id=made.id, **said)
    return await operations.raise_concern(worry, CODE, client="10.0.0.1")


async def test_only_the_lead_and_the_deputy_hear_of_it(db):
    made, lead, deputy, place = await a_place()
    id = await raised(made)
    assert set(await queries.readers(id)) == {lead.id, deputy.id}
    administrator = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    for nobody in (made.owner, place, administrator):
        with pytest.raises(NotFound):
            await operations.look(nobody.actor, id)


@pytest.mark.parametrize("about", [AboutLeads.YES, AboutLeads.UNSURE])
async def test_what_may_be_about_the_leads_goes_past_them(db, about):
    made, lead, _, place = await a_place()
    # Also past one of them who looks after the place.
    await a_place_lead(lead.id)
    id = await raised(made, about_leads=about)
    assert await queries.readers(id) == [place.id]


async def test_without_a_lead_it_goes_to_the_place(db):
    made, place = await an_organisation(), await a_person()
    await a_place_lead(place.id)
    id = await raised(made)
    assert await queries.readers(id) == [place.id]


async def test_when_the_last_lead_leaves_the_place_hears_of_it(db):
    lead, place = await a_person(), await a_person()
    made = await an_organisation(members={OrgRole.MEMBER: lead})
    await a_place_lead(place.id)
    id = await a_concern(made.id, lead.id)
    assert await queries.readers(id) == [lead.id]
    await people.remove(made.owner.actor, made.id, lead.id)
    assert await queries.readers(id) == [place.id]


async def test_nobody_who_raised_it_is_in_history(db):
    made, *_ = await a_place()
    id = await raised(made)
    row = await db.fetch_one("SELECT * FROM history WHERE subject_id = {}", id)
    assert (row["actor_id"], row["organisation_id"], row["data"]) == (None, None, {})


async def test_a_look_is_written_down_and_makes_it_seen(db):
    made, lead, *_ = await a_place()
    id = await raised(made)
    assert (await queries.by_code(CODE)).state is State.NEW
    assert (await operations.look(lead.actor, id)).state is State.SEEN
    assert [name for name, _ in await queries.looks(id)] == ["Lena Lead"]


async def test_answers_are_read_by_code_and_notes_are_not(db):
    made, lead, *_ = await a_place()
    id = await raised(made)
    await operations.note(lead.actor, id, "Rang the council.")
    await operations.note(lead.actor, id, "We are on it.", answer=True)
    await operations.add(CODE, "It was on Monday.", client="10.0.0.1")
    found = await queries.by_code(CODE)
    assert [(note.kind, note.text) for note in found.notes] == [
        (NoteKind.ANSWER, "We are on it."),
        (NoteKind.ADDITION, "It was on Monday."),
    ]
    with pytest.raises(NotFound):
        await operations.read_by_code("0000-0000-0000-0000", client="10.0.0.1")


async def test_it_is_closed_with_an_outcome_and_can_be_opened_again(db):
    made, lead, *_ = await a_place()
    id = await raised(made)
    await operations.take_in_hand(lead.actor, id)
    await operations.close(lead.actor, id, "Told social care.")
    assert (await queries.concern(lead.actor, id)).closed
    await operations.take_in_hand(lead.actor, id)
    assert (await queries.concern(lead.actor, id)).state is State.IN_HAND


async def test_what_nobody_looked_at_for_a_day_goes_to_the_place_once(db):
    made, lead, deputy, place = await a_place()
    yesterday = clock.now() - timedelta(hours=25)
    id = await raised(made)
    assert await operations.escalate() == 0
    await db.execute("UPDATE concern SET raised_at = {} WHERE id = {}", yesterday, id)
    assert sum(await asyncio.gather(operations.escalate(), operations.escalate())) == 1
    assert set(await queries.readers(id)) == {lead.id, deputy.id, place.id}


async def test_two_workers_escalate_twice_without_the_guard(db):
    """The control: both list what nobody has seen, and each gives it to the place."""
    made, *_ = await a_place()
    id = await raised(made)
    await db.execute("UPDATE concern SET raised_at = now() - interval '2 days'")
    both_have_listed = asyncio.Barrier(2)

    async def unguarded():
        due = await queries.unseen(clock.now())
        await both_have_listed.wait()
        for each in due:
            async with db.transaction():
                await db.execute("UPDATE concern SET escalated_at = now() WHERE id = {}", each)
                await audit.record(Event.ESCALATED, "concern", each, by=SYSTEM)

    await asyncio.gather(unguarded(), unguarded())
    told = "SELECT count(*) FROM history WHERE event = 'concern.escalated' AND subject_id = {}"
    assert await db.fetch_value(told, id) == 2


async def test_what_a_lead_has_looked_at_stays_with_them(db):
    made, lead, *_ = await a_place()
    id = await raised(made)
    await operations.look(lead.actor, id)
    await db.execute("UPDATE concern SET raised_at = now() - interval '2 days'")
    assert await operations.escalate() == 0


async def test_it_is_kept_when_somebody_leaves(db):
    made, lead, *_ = await a_place()
    id = await raised(made)
    await operations.note(lead.actor, id, "Rang the council.")
    await db.execute("UPDATE person SET anonymised_at = now(), name = ''")
    assert await db.fetch_value("SELECT text FROM concern WHERE id = {}", id)
    assert await db.fetch_value("SELECT count(*) FROM concern_note") == 1


# Naming


async def test_lead_and_deputy_are_two_members(db):
    other = await a_person()
    made = await an_organisation(members={OrgRole.MEMBER: other})
    owner = made.owner
    for lead, deputy, field in (
        (owner.id, owner.id, "deputy"),
        ((await a_person()).id, None, "lead"),
    ):
        with pytest.raises(Conflict) as refused:
            await naming.name(owner.actor, made.id, lead, deputy)
        assert refused.value.field == field
    await naming.name(owner.actor, made.id, owner.id, other.id)
    await naming.name(owner.actor, made.id, other.id, owner.id)


async def both_leads_go(db, remove):
    """Let two people take the two leads of the place away at once; say how many are left."""
    administrators = [
        (await a_person(platform=(PlatformRole.ADMINISTRATOR,))).actor for _ in range(2)
    ]
    await db.execute("DELETE FROM place_lead")
    for _ in administrators:
        await naming.name_for_place(administrators[0], (await a_person()).email)
    leads = [row["person_id"] for row in await db.fetch("SELECT person_id FROM place_lead")]
    both = (remove(actor, lead) for actor, lead in zip(administrators, leads, strict=True))
    await asyncio.gather(*both, return_exceptions=True)
    return await db.fetch_value("SELECT count(*) FROM place_lead")


async def test_of_two_leads_of_the_place_taken_away_at_once_one_stays(db):
    for _ in range(5):
        assert await both_leads_go(db, naming.remove_from_place) == 1


async def test_the_place_is_left_without_a_lead_without_the_lock(db):
    both_have_counted = asyncio.Barrier(2)

    async def unguarded(actor, person):
        async with db.transaction():
            others = await db.fetch_value(
                "SELECT count(*) FROM place_lead WHERE person_id <> {}", person
            )
            await both_have_counted.wait()
            if others:
                await db.execute("DELETE FROM place_lead WHERE person_id = {}", person)

    assert await both_leads_go(db, unguarded) == 0


async def test_a_concern_has_a_reader_when_lead_and_deputy_leave_at_once(db):
    made, lead, deputy, place = await a_place()
    id = await raised(made)
    await asyncio.gather(
        people.remove(acting(lead, member=made.id), made.id, lead.id),
        people.remove(acting(deputy, coordinator=made.id), made.id, deputy.id),
    )
    assert await queries.readers(id) == [place.id]


async def test_the_place_always_has_a_lead_once_it_has_one(db):
    administrator = (await a_person(platform=(PlatformRole.ADMINISTRATOR,))).actor
    one, two = await a_person(), await a_person()
    await naming.name_for_place(administrator, one.email)
    with pytest.raises(Conflict):
        await naming.remove_from_place(administrator, one.id)
    await naming.name_for_place(administrator, two.email)
    both = (
        naming.remove_from_place(administrator, one.id),
        naming.remove_from_place(administrator, two.id),
    )
    ended = await asyncio.gather(*both, return_exceptions=True)
    assert [type(each) for each in ended].count(Conflict) == 1
    with pytest.raises(NotFound):
        await naming.name_for_place(acting(one), two.email)
