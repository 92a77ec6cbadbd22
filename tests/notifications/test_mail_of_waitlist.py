"""Mail about places that come free, run as the worker runs its reactions."""

from typing import Any

import pytest
from tests.factories import a_person, a_shift, an_offer, an_opportunity, an_organisation
from tests.mail.sink import Sink, html_of, text_of

from marketplace import audit
from marketplace.notifications import waitlist
from marketplace.offers.rules import Mode
from marketplace.signing import unsign
from marketplace.volunteering.shifts import operations as shifts
from marketplace.volunteering.waitlist import operations


async def told(db: Any, event: str) -> None:
    """Run every reaction to the last event of a kind, twice, as a worker may."""
    id = await db.fetch_value(
        "SELECT id FROM history WHERE event = {} ORDER BY at DESC LIMIT 1", event
    )
    entry = await audit.entry(id)
    assert entry is not None
    for _ in range(2):
        for reaction in waitlist.REACTIONS:
            if reaction.event.value == event:
                await reaction.run(entry)


@pytest.fixture
async def place(db: Any) -> Any:
    owner = await a_person(name="Olga <b>", email="olga@example.org")
    organisation = await an_organisation(owner=owner)
    shift = await a_shift(await an_opportunity(organisation.id), places=1)
    vera = await a_person(name="Vera <b>", email="vera@example.org")
    return organisation, shift, vera, await an_offer(shift, vera)


def the_message(sink: Sink, to: str) -> Any:
    (message,) = sink.messages.values()
    assert message["To"].addresses[0].username == to
    assert "{{" not in text_of(message) + html_of(message)
    assert "&lt;" not in text_of(message) and "<b>" not in html_of(message)
    return message


async def test_an_offer_is_asked_by_a_link_that_answers_it(db: Any, sink: Sink, place: Any):
    *_, offer = place
    await told(db, "offer.made")
    message = the_message(sink, "vera")
    assert "A place is free for you" in message["Subject"]
    token = text_of(message).split("/shift-offers/")[1].split()[0]
    assert unsign(operations.LINK_PURPOSE, token, within=operations.LINK_LIFE).id == offer
    assert token in html_of(message)


async def test_an_offer_answered_meanwhile_is_not_asked(db: Any, sink: Sink, place: Any):
    _, _, vera, offer = place
    await operations.accept(vera.actor, offer)
    await told(db, "offer.made")
    assert not sink.messages


async def test_whoever_did_not_answer_hears_that_the_next_is_asked(db: Any, sink: Sink, place: Any):
    *_, offer = place
    await db.execute("UPDATE offer_entry SET expires_at = now() WHERE id = {}", offer)
    await operations.pass_on()
    await told(db, "offer.expired")
    assert "has run out" in the_message(sink, "vera")["Subject"]


async def test_those_who_wait_hear_that_the_shift_is_called_off(db: Any, sink: Sink, place: Any):
    organisation, shift, *_ = place
    await shifts.cancel(organisation.owner.actor, shift)
    await told(db, "queue.ended")
    assert "Called off" in the_message(sink, "vera")["Subject"]


async def test_whoever_chose_hears_that_the_place_came_back(db: Any, sink: Sink, place: Any):
    organisation, shift, vera, offer = place
    await operations.set_mode(organisation.owner.actor, shift, Mode.CHOOSE)
    await operations.decline(vera.actor, offer)
    await told(db, "offer.declined")
    message = the_message(sink, "olga")
    assert "Vera <b> does not take the place" in message["Subject"]
    assert f"/manage/shifts/{shift}/waitlist" in text_of(message)


async def test_where_places_go_by_order_nobody_is_troubled(db: Any, sink: Sink, place: Any):
    _, _, vera, offer = place
    await operations.decline(vera.actor, offer)
    await told(db, "offer.declined")
    assert not sink.messages
