"""Mail about messages, reminders, and what needs consent; events that go with bookings."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
import vobject
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation
from tests.factories_messages import a_consent
from tests.mail.sink import Sink, html_of, text_of
from tests.notifications.test_mail_of_events import happen, quiet

from marketplace import clock, db
from marketplace.accounts.consents.rules import Purpose
from marketplace.audit import entry
from marketplace.messages import operations
from marketplace.messages.rules import Side
from marketplace.notifications.telling import tell_agreed
from marketplace.permissions import Actor, OrgRole
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.contact import queries as contact
from marketplace.volunteering.reminders.rules import Event
from marketplace.volunteering.rules import Event as Volunteering


class Town:
    """Vera with a place, and Cora who coordinates."""

    def __init__(self, vera: Any, cora: Actor, organisation: UUID, shift: UUID, booking: UUID):
        self.vera, self.cora, self.organisation = vera, cora, organisation
        self.shift, self.booking = shift, booking


@pytest.fixture
async def town(db: Any, sink: Sink) -> Town:
    vera = await a_person(name="Vera", email="vera@example.org")
    cora = await a_person(name="Cora", email="cora@example.org")
    organisation = await an_organisation(
        name="Chelmer Gardeners", members={OrgRole.COORDINATOR: cora}
    )
    opportunity = await an_opportunity(organisation.id, contact_how="01245 000000")
    shift = await a_shift(opportunity, starts_at=clock.now() + timedelta(hours=30))
    booking = await a_booking(shift, vera.id)
    actor = acting(cora, coordinator=organisation.id)
    return Town(vera, actor, organisation.id, shift, booking)


def nothing_private(message: EmailMessage, *others: str) -> None:
    whole = message.as_string() + text_of(message) + html_of(message)
    for address in others:
        assert address not in whole
    assert message["Reply-To"] is None
    assert message["From"].addresses[0].addr_spec == "hello@marketplace.test"


async def test_a_message_and_its_answer_name_people_and_no_address(town: Town, sink: Sink):
    talk = await contact.organisations(town.cora, town.booking)
    thread = await operations.begin(
        town.cora, talk.about, talk.subject, "Wear <b>boots</b>.", Side.ORGANISATION, safety=True
    )
    await quiet()
    (came,) = sink.messages.values()
    assert str(came["To"].addresses[0].addr_spec) == "vera@example.org"
    assert came["Subject"] == "Message from Cora of Chelmer Gardeners: Garden helper"
    assert "> Wear <b>boots</b>." in text_of(came) and "<b>boots</b>" not in html_of(came)
    assert "about safety" in text_of(came)
    assert f"https://marketplace.test/my/messages/{thread}" in text_of(came)
    nothing_private(came, "cora@example.org")
    await operations.reply(town.vera.actor, thread, "I shall.")
    await quiet()
    (answer,) = sink.to("cora@example.org")
    assert answer["Subject"] == "Message from Vera: Garden helper"
    assert f"/manage/{town.organisation}/messages/{thread}" in text_of(answer)
    nothing_private(answer, "vera@example.org")
    assert len(sink.messages) == 2


async def test_a_broadcast_and_its_copies_go_to_each_on_their_own(
    town: Town, sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    wim = await a_person(name="Wim", email="wim@example.org")
    gerda = await a_person(name="Gerda", email="gerda@example.org")
    await a_booking(town.shift, wim.id)

    async def copies(person_id: UUID, organisation_id: UUID) -> list[UUID]:
        return [gerda.id]

    monkeypatch.setattr(operations, "COPIES", copies)
    audience = await contact.of_shift(town.cora, town.shift)
    await operations.broadcast(town.cora, town.organisation, audience.people, "Back gate!")
    await quiet()
    assert len(sink.messages) == 4
    for name, other in (("vera", "wim"), ("wim", "vera")):
        (one,) = sink.to(f"{name}@example.org")
        nothing_private(one, f"{other}@example.org", "cora@example.org")
        assert other.title() not in text_of(one)
    # Who looks after two people gets a copy for each.
    given = sorted(str(one["Subject"]) for one in sink.to("gerda@example.org"))
    assert [subject.partition(":")[0] for subject in given] == ["Copy", "Copy"]
    assert "message to Vera" in given[0] and "message to Wim" in given[1]


async def test_a_reminder_says_where_and_gives_the_place_back(town: Town, sink: Sink, browser: Any):
    await happen(Event.DUE, "booking", town.booking)
    await quiet()
    (reminder,) = sink.messages.values()
    assert ": Garden helper, " in reminder["Subject"]
    for words in ("Oaklands Park, Chelmsford", "Priya Shah, 01245 000000", "Can’t make it?"):
        assert words in text_of(reminder)
    link = next(line for line in text_of(reminder).split() if "/bookings/cancel/" in line)
    path = link.removeprefix("https://marketplace.test")
    page = await browser.get(path)
    assert await db.fetch_value("SELECT state FROM booking") == "confirmed"
    await browser.submit(page, path)
    assert await db.fetch_value("SELECT state FROM booking") == "cancelled"
    assert await db.fetch_value("SELECT taken FROM shift") == 0


async def test_a_place_given_back_meanwhile_is_not_reminded_of(town: Town, sink: Sink):
    await bookings.cancel(town.vera.actor, town.booking)
    await quiet()
    sink.messages.clear()
    await happen(Event.DUE, "booking", town.booking)
    await quiet()
    assert not sink.messages


async def test_mail_of_a_booking_brings_its_event_and_takes_it_off(town: Town, sink: Sink):
    await happen(Volunteering.BOOKING_MADE, "booking", town.booking)
    await quiet()
    (booked,) = sink.to("vera@example.org")
    (event,) = booked.iter_attachments()
    assert event.get_content_type() == "text/calendar"
    assert event.get_param("method") == "PUBLISH"
    made = vobject.readOne(event.get_content())
    await bookings.cancel(town.vera.actor, town.booking)
    await quiet()
    given_back = next(m for m in sink.to("vera@example.org") if m is not booked)
    (event,) = given_back.iter_attachments()
    assert event.get_param("method") == "CANCEL"
    off = vobject.readOne(event.get_content())
    assert off.vevent.uid.value == made.vevent.uid.value
    assert int(off.vevent.sequence.value) > int(made.vevent.sequence.value)
    # The coordinators' own message has none.
    assert not list(sink.to("cora@example.org")[0].iter_attachments())


async def test_what_needs_consent_goes_to_who_agreed_and_can_be_stopped(
    town: Town, sink: Sink, browser: Any
):
    await a_person(name="Nobody asked", email="no@example.org")
    people = [row["id"] for row in await db.fetch("SELECT id FROM person")]
    await a_consent(town.vera, town.organisation)
    caused = await entry(await happen(Event.DUE, "booking", town.booking))
    assert caused is not None
    await tell_agreed(
        caused,
        town.organisation,
        Purpose.FILL_SHIFT,
        people,
        "accounts/password_changed",
        at=caused.at,
    )
    (asked,) = sink.messages.values()
    assert str(asked["To"].addresses[0].addr_spec) == "vera@example.org"
    assert asked["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(asked["List-Unsubscribe"]).strip("<>")
    assert f"Stop these messages: {address}" in " ".join(text_of(asked).split())
    path = address.removeprefix("https://marketplace.test")
    answer = await browser.post(path, {"List-Unsubscribe": "One-Click"}, follow=False)
    assert answer.status == 200
    assert not await db.fetch_value("SELECT agreed FROM consent ORDER BY number DESC LIMIT 1")
