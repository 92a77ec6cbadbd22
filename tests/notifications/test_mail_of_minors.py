"""Mail about consents and groups: each thing once, links in it, and never a birth date."""

from datetime import time, timedelta
from typing import Any

from tests.factories import a_person, a_shift, acting, an_opportunity, an_organisation
from tests.factories_minors import a_doubt, a_group, a_named_adult, a_young_person, born
from tests.mail.sink import Sink, html_of, text_of

from marketplace import audit, clock, signing
from marketplace.notifications import REACTIONS
from marketplace.permissions import OrgRole
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.groups import operations as groups
from marketplace.volunteering.guardians import doubts, operations
from marketplace.volunteering.roles import operations as roles
from marketplace.volunteering.shifts import operations as shifts


async def told(db: Any, sink: Sink) -> list[tuple[str, str]]:
    """Run every reaction to everything that happened, twice, as a worker may."""
    for row in await db.fetch("SELECT id FROM history ORDER BY seq"):
        entry = await audit.entry(row["id"])
        assert entry is not None
        for _ in range(2):
            for reaction in REACTIONS:
                if reaction.event.value == entry.event:
                    await reaction.run(entry)
    for message in sink.messages.values():
        assert str(born(16).year) not in text_of(message) + html_of(message)
    return sorted(
        (message["To"].addresses[0].username, message["Subject"].strip().split(":")[0])
        for message in sink.messages.values()
    )


async def test_a_consent_is_asked_told_and_withdrawn(db: Any, sink: Sink):
    cora = await a_person(name="Cora", email="cora@example.org")
    organisation = await an_organisation(members={OrgRole.COORDINATOR: cora})
    shift = await a_shift(await an_opportunity(organisation.id, minimum_age=14))
    role = await db.fetch_value("SELECT role_id FROM shift")
    await a_named_adult(role, organisation.id, cora.id)
    yara, gita = await a_young_person(), await a_person(name="Gita", email="gita@example.org")
    await db.execute(
        "UPDATE person SET email = 'yara@example.org', email_typed = 'yara@example.org'"
        " WHERE id = {}",
        yara.id,
    )
    consent = await operations.name_guardian(yara.actor, role, "Gita", "gita@example.org")
    assert await told(db, sink) == [("gita", "May Yara Young volunteer?")]
    (asked,) = sink.to("gita@example.org")
    token = signing.sign("guardian-consent", consent, 1)
    assert "/guardians/" in text_of(asked)
    await operations.give(gita.actor, token, all_roles=False, months=12)
    await bookings.book(yara.actor, shift)
    sent = await told(db, sink)
    assert ("yara", "You can book now") in sent and ("gita", "You agreed") in sent
    assert ("gita", "Yara Young has a place") in sent
    await operations.withdraw(gita.actor, consent)
    sent = await told(db, sink)
    assert ("yara", "You need consent again") in sent
    assert ("yara", "You have no place any more") in sent
    assert ("gita", "Your consent is over") in sent
    assert ("gita", "Yara Young has no place any more") in sent
    assert ("cora", "Consent over") in sent
    assert len(sent) == len(sink.messages)


async def test_a_place_in_question_is_told_to_all_who_answer_for_it(db: Any, sink: Sink):
    organisation = await an_organisation(owner=await a_person(name="Olga"))
    await a_doubt(await an_opportunity(organisation.id), organisation.owner.id)
    row = await db.fetch_one(
        "SELECT b.shift_id, s.role_id, s.opportunity_id FROM booking b JOIN shift s"
        " ON s.id = b.shift_id JOIN place_doubt d ON d.booking_id = b.id"
    )
    assert row is not None
    await db.execute("DELETE FROM place_doubt")
    owner = acting(organisation.owner, owner=organisation.id)
    await roles.change(owner, row["role_id"], roles.Details(title="Cook", minimum_age=19))
    sent = await told(db, sink)
    assert sorted(said for _, said in sent) == [
        "The place of Yan Younger is in question",
        "The place of Yan Younger is in question",
        "Your place is in question",
    ]
    doubt = await db.fetch_value("SELECT id FROM place_doubt")
    await doubts.keep(owner, doubt, "She knows the kitchen.")
    said = [said for _, said in await told(db, sink)]
    assert said.count("Yan Younger keeps their place") == 2 and "You keep your place" in said
    assert all("knows the kitchen" not in text_of(each) for each in sink.messages.values())


async def test_a_guardian_reads_of_a_new_time(db: Any, sink: Sink):
    organisation = await an_organisation()
    await a_doubt(await an_opportunity(organisation.id), organisation.owner.id)
    await db.execute("UPDATE role SET minimum_age = 14")
    shift = await db.fetch_value("SELECT shift_id FROM booking")
    plan = shifts.Plan(
        day=clock.today() + timedelta(days=62), start=time(22), end=time(23), places=4
    )
    await shifts.change(acting(organisation.owner, owner=organisation.id), shift, plan)
    said = [said for _, said in await told(db, sink)]
    assert "New time for Yan Younger" in said


async def test_a_group_is_told_to_each_in_turn(db: Any, sink: Sink):
    owner = await a_person(email="olga@example.org")
    organisation = await an_organisation(owner=owner)
    captain = await a_person(name="Cap", email="cap@example.org")
    group, _ = await a_group(captain, await an_opportunity(organisation.id))
    assert await told(db, sink) == [
        ("olga", "A group comes"),
        ("sam", "Cap keeps a place for you"),
    ]
    (named,) = sink.to("sam@example.org")
    assert "/seats/" in text_of(named)
    await db.execute(
        "UPDATE volunteer_group SET lapses_at = {} WHERE id = {}",
        clock.now() + timedelta(days=6),
        group,
    )
    await groups.lapse()
    assert ("cap", "Name who comes by") in [(who, said[:17]) for who, said in await told(db, sink)]
    await db.execute("UPDATE volunteer_group SET lapses_at = now()")
    await groups.lapse()
    assert ("cap", "2 places given back") in await told(db, sink)
