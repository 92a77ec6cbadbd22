"""Each side hears what it is asked for about hours, expenses and thanks."""

from typing import Any

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation
from tests.mail.sink import Sink, text_of

from marketplace import audit, clock, db
from marketplace.notifications.on_the_day import REACTIONS
from marketplace.permissions import OrgRole
from marketplace.volunteering.attendance import leaders, walk_ins
from marketplace.volunteering.expenses import operations as expenses
from marketplace.volunteering.expenses.operations import Spent
from marketplace.volunteering.expenses.rules import Kind
from marketplace.volunteering.hours import claims
from marketplace.volunteering.recognition import operations as recognition

pytestmark = pytest.mark.usefixtures("chosen")


async def told(sink: Sink) -> dict[str, list[str]]:
    """Run every reaction to what happened, twice, and give the messages by address."""
    for row in await db.fetch("SELECT id FROM history ORDER BY id"):
        entry = await audit.entry(row["id"])
        assert entry is not None
        for reaction in REACTIONS:
            if reaction.event.value == entry.event:
                for _ in range(2):
                    await reaction.run(entry)
    found: dict[str, list[str]] = {}
    for message in sink.messages.values():
        found.setdefault(message["To"], []).append(text_of(message))
    assert all(count == 1 for count in sink.copies.values())
    return found


async def test_each_side_is_asked_in_its_turn(db: Any, sink: Sink) -> None:
    cora = await a_person(name="Cora", email="cora@example.org")
    organisation = await an_organisation(
        owner=await a_person(name="Olga", email="olga@example.org"),
        members={OrgRole.COORDINATOR: cora},
    )
    vera = await a_person(name="Vera", email="vera@example.org")
    shift = await a_shift(await an_opportunity(organisation.id), starts_at=clock.now())
    booking = await a_booking(shift, vera.id)
    role = await db.fetch_value("SELECT role_id FROM shift")
    other = await an_opportunity(organisation.id, title="Van driver", timing="flexible")
    flexible = await db.fetch_value("SELECT id FROM role WHERE opportunity_id = {}", other)
    coordinator = acting(cora, coordinator=organisation.id)
    assert role != flexible

    id = await claims.claim(vera.actor, flexible, clock.today(), 90)
    spent = Spent(organisation.id, clock.today(), Kind.RECEIPT, "Bus", 450)
    await expenses.submit(vera.actor, spent)
    said = await told(sink)
    assert "Vera says to have given 1 hour 30 minutes" in said.pop("Cora <cora@example.org>")[0]
    assert "Vera claims £4.50" in said.pop("Olga <olga@example.org>")[0]
    assert said == {}

    sink.messages.clear()
    await claims.dispute(coordinator, id, 60, "It rained at noon.")
    await recognition.thank(coordinator, booking, "You saved the day.")
    await leaders.name_leader(coordinator, shift, vera.id, all_shifts=False)
    wanda = await a_person(name="Wanda", email="wanda@example.org")
    await walk_ins.add_known(coordinator, shift, wanda.email, old_enough=True)
    said = await told(sink)
    to_vera = " ".join(" ".join(said["Vera <vera@example.org>"]).split())
    for words in ("It rained at noon.", f"/my/hours/{id}", "You saved the day.", "/my/leading"):
        assert words in to_vera
    assert "If that was not you" in " ".join(said["Wanda <wanda@example.org>"][0].split())


async def test_the_volunteer_is_asked_about_hours_that_the_organisation_says(
    db: Any, sink: Sink
) -> None:
    organisation = await an_organisation(name="Shed")
    owner = organisation.owner.actor
    vera = await a_person(name="Vera", email="vera@example.org")
    await a_booking(await a_shift(await an_opportunity(organisation.id)), vera.id)
    flexible = await an_opportunity(organisation.id, title="Van driver", timing="flexible")
    role = await db.fetch_value("SELECT id FROM role WHERE opportunity_id = {}", flexible)
    id = await claims.propose(owner, organisation.id, vera.id, role, clock.today(), 90)
    words = " ".join((await told(sink))["Vera <vera@example.org>"][0].split())
    assert "Shed wants to know whether you agree: it says that you gave 1 hour 30 min" in words
    assert f"/my/hours/{id}" in words
    sink.messages.clear()
    await claims.withdraw(owner, id)
    (words,) = (await told(sink)).values()
    assert "Shed took back what it said about Van driver" in " ".join(words[0].split())
