"""What borrowers are told by mail, once each, through a real mail server."""

from datetime import timedelta

import pytest
from tests.factories import a_person, an_organisation
from tests.factories_things import a_loan, a_reservation, a_site, a_thing
from tests.mail.fixtures import chosen, sink
from tests.mail.sink import html_of, text_of

from marketplace import audit, clock, db
from marketplace.organisations.rules import Event as Organisations
from marketplace.permissions import SYSTEM
from marketplace.things.catalogue import units
from marketplace.things.desk import operations as desk
from marketplace.things.reminders.rules import Event as Reminders
from marketplace.things.reminders.rules import Kind
from marketplace.things.reservations import operations
from marketplace.things.rules import UnitState
from marketplace.worker.registry import gather

__all__ = ["chosen", "sink"]
TODAY = clock.today()
DAY = timedelta(days=1)


async def react():
    """Run every reaction to everything that happened, twice, as a worker may."""
    registry = gather()
    rows = await db.fetch("SELECT id, event FROM history ORDER BY at")
    for row in rows * 2:
        entry = await audit.entry(row["id"])
        assert entry is not None
        for name in registry.caused_by(row["event"]):
            await registry.reactions[name].run(entry)


@pytest.fixture
async def lender(db, sink):
    return await an_organisation(name="Library <b>of</b> Things")


@pytest.fixture
async def thing(lender):
    site = await a_site(lender.id, getting_there="Ring at the side door.")
    return await a_thing(site, title="Tent <b>")


@pytest.fixture
async def vera(db):
    return await a_person(name="Vera <i>", email="vera@example.org")


async def only(sink):
    await react()
    (message,) = sink.to("vera@example.org")
    html = html_of(message)
    assert "<b>of</b>" not in html and "Tent <b>" not in html and "Vera <i>" not in html
    return str(message["Subject"]), text_of(message)


async def test_a_reservation_is_confirmed_with_where_and_when(thing, vera, sink):
    first = TODAY + 3 * DAY
    await operations.reserve(vera.actor, thing, first, first + DAY)
    subject, text = await only(sink)
    assert subject.startswith("Reserved: Tent <b>, ")
    assert f"Collect from:  {clock.date_words(first)}, 10am" in text
    assert f"Bring back by: {clock.date_words(first + DAY)}, 4pm" in text
    assert "Ring at the side door." in text
    assert "https://marketplace.test/my/borrowing" in text


async def test_cancelling_is_confirmed(thing, vera, sink):
    await operations.cancel(vera.actor, await a_reservation(thing, vera.id))
    subject, _ = await only(sink)
    assert subject.startswith("You cancelled: Tent <b>, ")


async def test_the_reason_of_a_lender_is_told(thing, vera, sink, lender):
    id = await a_reservation(thing, vera.id)
    await desk.cancel(lender.owner.actor, id, reason="It tore, sorry.")
    subject, text = await only(sink)
    assert subject.startswith("Cancelled: Tent <b>, ")
    assert "It tore, sorry." in text


async def test_what_was_handed_over_is_told_with_its_unit_and_its_end(thing, vera, sink, lender):
    id = await a_reservation(thing, vera.id, first=TODAY, last=TODAY + DAY)
    unit = await db.fetch_value("SELECT id FROM unit WHERE label = 'Unit A'")
    await desk.hand_over(lender.owner.actor, id, unit_id=unit, condition="A peg is missing")
    subject, text = await only(sink)
    assert f"back by {clock.date_words(TODAY + DAY)}, 4pm" in subject
    assert "Unit A" in text and "A peg is missing" in text


async def test_a_return_gives_a_receipt(thing, vera, sink, lender):
    id = await a_loan(thing, vera.id)
    await desk.take_back(lender.owner.actor, id, needs_repair=True, condition="Torn")
    subject, text = await only(sink)
    assert subject == "Brought back: Tent <b>"
    assert "Needs repair" in text and "Torn" in text


async def test_whoever_had_what_is_lost_is_told_and_can_object(thing, vera, sink, lender):
    await desk.lose(lender.owner.actor, await a_loan(thing, vera.id), condition="Not seen again")
    subject, text = await only(sink)
    assert subject == "Marked as lost: Tent <b>"
    assert "Not seen again" in text and f"/organisations/{lender.id}" in text


async def test_what_changed_meanwhile_is_not_told_any_more(thing, vera, sink):
    id = await operations.reserve(vera.actor, thing, TODAY + DAY, TODAY + DAY)
    await operations.cancel(vera.actor, id)
    subject, _ = await only(sink)
    assert subject.startswith("You cancelled")


async def test_whose_unit_broke_is_told_and_told_again_when_there_is_one(vera, sink, lender):
    thing = await a_thing(await a_site(lender.id), units=1, title="Tent <b>")
    unit = await db.fetch_value("SELECT id FROM unit")
    await a_reservation(thing, vera.id)
    await units.set_state(lender.owner.actor, unit, UnitState.IN_REPAIR)
    subject, text = await only(sink)
    assert subject.startswith("None left for your days: Tent <b>, ")
    assert "you have it, and we" in text and f"/things/{thing}" in text
    sink.messages.clear()
    await units.set_state(lender.owner.actor, unit, UnitState.AVAILABLE)
    subject, text = await only(sink)
    assert subject.startswith("Yours after all: Tent <b>, ")


async def test_who_moves_to_another_unit_hears_nothing(thing, vera, sink, lender):
    await a_reservation(thing, vera.id)
    held = await db.fetch_value("SELECT unit_id FROM occupancy")
    await units.set_state(lender.owner.actor, held, UnitState.IN_REPAIR)
    await react()
    assert not sink.messages


async def test_a_unit_that_was_back_before_anybody_was_told_is_no_news(vera, sink, lender):
    await a_reservation(await a_thing(await a_site(lender.id), units=1), vera.id)
    unit = await db.fetch_value("SELECT id FROM unit")
    await units.set_state(lender.owner.actor, unit, UnitState.IN_REPAIR)
    await units.set_state(lender.owner.actor, unit, UnitState.AVAILABLE)
    await react()
    assert not sink.messages


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (Kind.RETURN, "Bring it back tomorrow: Tent <b>"),
        (Kind.OVERDUE, "Due back yesterday: Tent <b>"),
        (Kind.OVERDUE_WEEK, "Due back 7 days ago: Tent <b>"),
    ],
)
async def test_a_loan_is_reminded_of(thing, vera, sink, kind, subject):
    last = TODAY + {Kind.RETURN: 1, Kind.OVERDUE: -1, Kind.OVERDUE_WEEK: -7}[kind] * DAY
    loan = await a_loan(thing, vera.id, first=TODAY - 9 * DAY, last=last)
    async with db.transaction():
        await audit.record(Reminders.DUE, "reservation", loan, by=SYSTEM, data={"kind": kind.value})
    said, text = await only(sink)
    assert said == subject
    assert "Unit A" in text and "Market Road" in text


async def test_what_was_cancelled_meanwhile_is_not_reminded_of(thing, vera, sink):
    id = await a_reservation(thing, vera.id, first=TODAY + DAY)
    async with db.transaction():
        await audit.record(Reminders.DUE, "reservation", id, by=SYSTEM, data={"kind": "collect"})
    subject, text = await only(sink)
    assert subject == "Collect it tomorrow: Tent <b>" and "Collect from:" in text
    sink.messages.clear()
    async with db.transaction():
        await audit.record(Reminders.DUE, "reservation", id, by=SYSTEM, data={"kind": "collect"})
    await operations.cancel(vera.actor, id)
    subject, _ = await only(sink)
    assert subject.startswith("You cancelled")


@pytest.mark.parametrize(
    ("event", "state", "listed"),
    [
        (Organisations.SUSPENDED, "suspended", False),
        (Organisations.REINSTATED, "approved", True),
    ],
)
async def test_things_are_listed_as_their_lender_is(thing, lender, event, state, listed):
    await db.execute("DELETE FROM listing WHERE kind = 'thing'") if listed else None
    await db.execute("UPDATE organisation SET state = {} WHERE id = {}", state, lender.id)
    async with db.transaction():
        await audit.record(event, "organisation", lender.id, by=SYSTEM)
    await react()
    there = await db.fetch_value("SELECT count(*) FROM listing WHERE kind = 'thing'")
    assert there == listed
