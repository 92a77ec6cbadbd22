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
from marketplace.things.desk import operations as desk
from marketplace.things.reservations import operations
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


async def test_what_changed_meanwhile_is_not_told_any_more(thing, vera, sink):
    id = await operations.reserve(vera.actor, thing, TODAY + DAY, TODAY + DAY)
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
